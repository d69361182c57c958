/** Checks that JSON is the model it claims to be: it may have been edited, or merged by hand. */
import * as z from "zod";
import { constraintKeywords, type SourceModel } from "../model/model.js";

export type Problem = (where: string, what: string) => Error;

/** Levels of JSON, beyond which it is no model that was ever written, and checking it would take too deep a stack. */
const maxDepth = 400;

/** Returns the sources as they are, with the properties that `undefined` had left out where the model has them. */
export function checkSources(value: unknown, problem: Problem): SourceModel[] {
	if (isDeeperThan(maxDepth, value)) throw problem("sources", "goes on too deep");
	const [issue] = z.array(source).safeParse(value).error?.issues ?? [];
	if (issue !== undefined)
		throw problem(`sources${z.core.toDotPath(issue.path).replace(/^(?=[^[])/, ".")}:`, issue.message);
	const sources = value as SourceModel[];
	for (const { services, definitions, file } of sources) {
		const known = new Set(definitions.map(({ name }) => name));
		for (const name of mentioned([services, definitions]))
			if (!known.has(name)) throw problem(file, `mentions \`${name}\`, which it does not define`);
	}
	return sources;
}

function isDeeperThan(depth: number, root: unknown): boolean {
	let level: unknown[] = [root];
	for (let at = 0; level.length > 0; at++) {
		if (at > depth) return true;
		level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
	}
	return false;
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

const text = z.string();
const flag = z.boolean();
const type: z.ZodType = z.lazy(() => types);

const imported = z.object({
	name: text,
	local: text,
	from: z.discriminatedUnion("kind", [
		z.object({ kind: z.literal("file"), path: text }),
		z.object({ kind: z.literal("package"), specifier: text }),
	]),
});
const enumName = z.object({ isConst: flag, members: text.optional(), type: imported.optional() });
/** What a keyword takes was checked when it was read from the source; that a pattern is one must still hold. */
const constraint = z.object({
	keyword: z.enum(constraintKeywords),
	value: z.union([z.number(), z.literal(true), text.refine(isPattern, "is no regular expression")]),
});
const constraints = z.array(constraint);
const value = z.union([text, z.number()]);
const bigint = z.object({ bigint: text.regex(/^-?\d{1,1000}$/) });
const json = text.refine(isJson, "is no JSON").optional();
const flags = { isOptional: flag, isUndefinedAllowed: flag };

const types = z.discriminatedUnion(
	"kind",
	[
		z.object({ kind: z.enum(["boolean", "null", "undefined", "unknown", "never", "date", "bytes"]) }),
		z.object({ kind: z.enum(["string", "number", "bigint"]), constraints }),
		z.object({
			kind: z.literal("literal"),
			value: z.union([text, z.number(), flag, bigint]),
			member: z.object({ enum: enumName, name: text }).optional(),
		}),
		z.object({
			kind: z.literal("enum"),
			enum: enumName,
			values: z.array(value),
			members: z.array(z.object({ name: text, value })),
		}),
		z.object({ kind: z.literal("template"), parts: z.array(z.union([text, type])) }),
		z.object({ kind: z.enum(["array", "set"]), constraints, element: type }),
		z.object({ kind: z.literal("map"), constraints, key: type, value: type }),
		z.object({ kind: z.literal("record"), key: type, value: type }),
		z.object({ kind: z.literal("tuple"), elements: z.array(z.object({ type, ...flags })), rest: type.optional() }),
		z.object({
			kind: z.literal("object"),
			properties: z.array(z.object({ name: text, type, ...flags, default: json })),
			additional: type.optional(),
		}),
		z.object({ kind: z.literal("union"), members: z.array(type) }),
		z.object({ kind: z.literal("reference"), name: text }),
	],
	"is no type",
);

const data = z.object({
	kind: z.literal("data"),
	name: text,
	isOptional: flag,
	isRest: z.literal(true).optional(),
	type,
	default: json,
});
const parameter = z.discriminatedUnion(
	"kind",
	[
		data,
		z.object({ kind: z.literal("input"), name: text, item: type }),
		z.object({
			kind: z.literal("callback"),
			name: text,
			...flags,
			arguments: z.array(data.omit({ kind: true })),
			isAwaited: flag,
			result: type.optional(),
		}),
	],
	"is no parameter",
);

const method = z.object({
	name: text,
	form: z.enum(["unary", "one-way", "stream"]),
	isIdempotent: flag,
	parameters: z.array(parameter),
	errors: z.array(z.object({ name: text, type: imported, data: type.optional() })),
	timeoutMs: z.number().optional(),
	affinity: text.optional(),
	priority: z.number().optional(),
	result: type.optional(),
	streamName: z.enum(["AsyncIterable", "AsyncIterableIterator", "AsyncGenerator"]).optional(),
});

const source = z.object({
	file: text,
	isUndefinedOptional: flag,
	services: z.array(z.object({ name: text, type: imported, methods: z.array(method) })),
	definitions: z.array(z.object({ name: text, type, isPublic: flag, isBranded: flag })),
});

function isJson(given: string): boolean {
	try {
		JSON.parse(given);
		return true;
	} catch {
		return false;
	}
}

function isPattern(given: string): boolean {
	try {
		new RegExp(given, "u");
		return true;
	} catch {
		return false;
	}
}
