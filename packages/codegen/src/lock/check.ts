/** Checks that JSON is the model it claims to be: it may have been edited, or merged by hand. */
import { constraintKeywords, type SourceModel } from "../model/model.js";

export type Problem = (where: string, what: string) => Error;

type Check = (value: unknown, where: string, problem: Problem) => void;

/** Types inside types, beyond which JSON is no model that was ever written. */
const maxDepth = 200;

/** Returns the sources as they are, with the properties that `undefined` had left out where the model has them. */
export function checkSources(value: unknown, problem: Problem): SourceModel[] {
	list(source)(value, "sources", problem);
	const sources = value as SourceModel[];
	for (const { services, definitions, file } of sources) {
		const known = new Set(definitions.map(({ name }) => name));
		for (const name of mentioned([services, definitions]))
			if (!known.has(name)) throw problem(file, `mentions \`${name}\`, which it does not define`);
	}
	return sources;
}

/** The names of all references in the JSON of a model. */
function mentioned(root: unknown): Set<string> {
	const found = new Set<string>();
	const pending: unknown[] = [root];
	while (pending.length > 0) {
		const next = pending.pop();
		if (typeof next !== "object" || next === null) continue;
		const { kind, name } = next as { kind?: unknown; name?: unknown };
		if (kind === "reference") found.add(String(name));
		pending.push(...Object.values(next));
	}
	return found;
}

const text = plain("string");
const flag = plain("boolean");
const number = plain("number");
const value: Check = (given, where, problem) => {
	if (typeof given !== "string" && typeof given !== "number") throw problem(where, "is neither text nor a number");
};

const module: Check = (given, where, problem) => {
	const isFile = (given as { kind?: unknown } | null)?.kind === "file";
	record(isFile ? { path: text } : { kind: oneOf("package"), specifier: text })(given, where, problem);
};
const imported = record({ name: text, local: text, from: module });
const enumName = record({ isConst: flag }, { type: imported });
const constraint = record({ keyword: oneOf(...constraintKeywords), value: constraintValue });
const constraints = { constraints: list(constraint) };

const kinds: Readonly<Record<string, Check>> = {
	boolean: record({}),
	null: record({}),
	undefined: record({}),
	unknown: record({}),
	never: record({}),
	date: record({}),
	bytes: record({}),
	string: record(constraints),
	number: record(constraints),
	bigint: record(constraints),
	literal: record({ value: literalValue }, { member: record({ enum: enumName, name: text }) }),
	enum: record({ enum: enumName, values: list(value), members: list(record({ name: text, value })) }),
	template: record({ parts: list((part, where, problem) => typeof part === "string" || type(part, where, problem)) }),
	array: record({ ...constraints, element: type }),
	set: record({ ...constraints, element: type }),
	map: record({ ...constraints, key: type, value: type }),
	record: record({ key: type, value: type }),
	tuple: record({ elements: list(record({ type, isOptional: flag, isUndefinedAllowed: flag })) }, { rest: type }),
	object: record(
		{ properties: list(record({ name: text, type, isOptional: flag, isUndefinedAllowed: flag })) },
		{ additional: type },
	),
	union: record({ members: list(type) }),
	reference: record({ name: text }),
};

function type(given: unknown, where: string, problem: Problem): void {
	if (where.split(".").length > maxDepth) throw problem(where.slice(0, 100), "goes on too deep");
	const kind = typeof given === "object" && given !== null ? (given as { kind?: unknown }).kind : undefined;
	if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) throw problem(where, "is no type");
	kinds[kind]!(given, where, problem);
}

const data = record({ name: text, isOptional: flag, type });
const parameters: Readonly<Record<string, Check>> = {
	data,
	input: record({ name: text, item: type }),
	callback: record(
		{ name: text, isOptional: flag, isUndefinedAllowed: flag, arguments: list(data), isAwaited: flag },
		{ result: type },
	),
};

const method = record(
	{
		name: text,
		form: oneOf("unary", "one-way", "stream"),
		isIdempotent: flag,
		parameters: list((given, where, problem) => {
			const kind = typeof given === "object" && given !== null ? (given as { kind?: unknown }).kind : undefined;
			if (typeof kind !== "string" || !Object.hasOwn(parameters, kind)) throw problem(where, "is no parameter");
			parameters[kind]!(given, where, problem);
		}),
		errors: list(record({ name: text, type: imported }, { data: type })),
	},
	{
		timeoutMs: number,
		affinity: text,
		priority: number,
		result: type,
		streamName: oneOf("AsyncIterable", "AsyncIterableIterator", "AsyncGenerator"),
	},
);

const source = record({
	file: text,
	isUndefinedOptional: flag,
	services: list(record({ name: text, type: imported, methods: list(method) })),
	definitions: list(record({ name: text, type, isPublic: flag, isBranded: flag })),
});

function plain(wanted: "string" | "number" | "boolean"): Check {
	return (given, where, problem) => {
		if (typeof given !== wanted) throw problem(where, `is no ${wanted}`);
	};
}

function oneOf(...texts: readonly string[]): Check {
	return (given, where, problem) => {
		if (!texts.includes(given as string)) throw problem(where, `is none of ${texts.join(", ")}`);
	};
}

/** What a keyword takes was checked when it was read from the source; that a pattern is one must still hold. */
function constraintValue(given: unknown, where: string, problem: Problem): void {
	if (typeof given === "number" || given === true) return;
	if (typeof given !== "string") throw problem(where, "is no constraint's value");
	try {
		new RegExp(given, "u");
	} catch {
		throw problem(where, "is no regular expression");
	}
}

function literalValue(given: unknown, where: string, problem: Problem): void {
	if (["string", "number", "boolean"].includes(typeof given)) return;
	const bigint = typeof given === "object" && given !== null ? (given as { bigint?: unknown }).bigint : undefined;
	if (typeof bigint !== "string" || !/^-?\d{1,1000}$/.test(bigint)) throw problem(where, "is no literal");
}

function list(item: Check): Check {
	return (given, where, problem) => {
		if (!Array.isArray(given)) throw problem(where, "is no list");
		for (const [index, one] of given.entries()) item(one, `${where}[${index}]`, problem);
	};
}

function record(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
	return (given, where, problem) => {
		if (typeof given !== "object" || given === null || Array.isArray(given)) throw problem(where, "is no object");
		const fields = given as Record<string, unknown>;
		for (const [name, check] of Object.entries(required)) {
			if (!Object.hasOwn(fields, name)) throw problem(where, `has no \`${name}\``);
			check(fields[name], `${where}.${name}`, problem);
		}
		for (const [name, check] of Object.entries(optional))
			if (Object.hasOwn(fields, name)) check(fields[name], `${where}.${name}`, problem);
	};
}
