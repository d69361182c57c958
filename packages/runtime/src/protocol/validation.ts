/** Turns zod's issues into one sentence for the person who made the mistake: where it is, what was due, what was there. */
import type * as z from "zod";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One mistake, as it travels in the details of an INVALID_ARGUMENT. */
export interface Violation {
	/** `order.cents`, `lines[3].price`; empty for the value itself. */
	readonly path: string;
	/** `expected an integer >= 1, got 0.5`. */
	readonly problem: string;
}

/** Mistakes told of one value; a million-element array may hold as many. */
const maxViolations = 8;

/** Longest excerpt of a value. Unit: characters. */
const maxExcerpt = 40;

/** `parameters` names the elements of an argument list, so that paths start with a name instead of an index. */
export function describeIssues(
	issues: readonly Issue[],
	schema: z.core.$ZodType,
	value: unknown,
	parameters: readonly string[] | undefined,
): Violation[] {
	const told = issues.slice(0, maxViolations).flatMap(narrow).slice(0, maxViolations);
	return told.map((issue) => ({
		path: formatPath(issue.path, parameters),
		problem: describe(issue, schema, value),
	}));
}

/**
 * Of a union where one alternative alone fits the value at its root, what that one complains of: of `X | undefined` given
 * a wrong X, the mistake inside X.
 */
function narrow(issue: Issue): Issue[] {
	if (issue.code !== "invalid_union") return [issue];
	const fitting = issue.errors.filter(([first]) => first !== undefined && first.path.length > 0);
	if (fitting.length !== 1) return [issue];
	return fitting[0]!.flatMap((inner) => narrow({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
}

/** All violations in one line. */
export function joinViolations(violations: readonly Violation[]): string {
	return violations.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`)).join("; ");
}

function describe(issue: Issue, schema: z.core.$ZodType, value: unknown): string {
	if (issue.code === "unrecognized_keys") {
		return `unknown properties ${issue.keys
			.slice(0, 5)
			.map((key) => key.slice(0, maxExcerpt))
			.join(", ")}`;
	}
	const found = valueAt(value, issue.path);
	const expected = expectation(issue, schemaAt(schema, issue.path));
	const got = found === undefined ? "nothing" : excerpt(found);
	return `expected ${expected}, got ${got}`;
}

/** What was due, from the issue and, for numbers, from all constraints of the schema it came from. */
function expectation(issue: Issue, schema: z.core.$ZodType | undefined): string {
	switch (issue.code) {
		case "invalid_type":
			if (issue.expected === "number") return numberPhrase(schema);
			return issue.expected === "int" && schema !== undefined ? numberPhrase(schema) : typePhrase(issue.expected);
		case "too_small":
		case "too_big":
			return sizePhrase(issue, schema);
		case "not_multiple_of":
			return `a multiple of ${issue.divisor}`;
		case "invalid_format":
			return formatPhrase(issue);
		case "invalid_value":
			return issue.values.length === 1
				? literal(issue.values[0])
				: `one of ${issue.values.slice(0, 12).map(literal).join(", ")}`;
		case "invalid_union":
			return unionPhrase(issue, schema);
		default:
			return issue.message.replace(/^Invalid input: expected /, "");
	}
}

const phrases: Readonly<Record<string, string>> = {
	array: "an array",
	bigint: "a bigint",
	boolean: "a boolean",
	date: "a date",
	int: "an integer",
	map: "a Map",
	null: "null",
	number: "a number",
	object: "an object",
	record: "an object",
	set: "a Set",
	string: "a string",
	tuple: "an array",
	undefined: "nothing",
};

function typePhrase(expected: string): string {
	return phrases[expected] ?? `a ${expected}`;
}

/** zod reports a wrong type before it looks at bounds; the person asked wants both at once. */
function numberPhrase(schema: z.core.$ZodType | undefined): string {
	if (schema === undefined) return "a number";
	const { format, checks = [] } = schema._zod.def as unknown as NumberParts;
	let phrase = format?.includes("int") ? "an integer" : "a number";
	const bounds: string[] = [];
	for (const { _zod } of checks) {
		const { check, value, inclusive } = _zod.def;
		if (check === "number_format" && _zod.def.format?.includes("int")) phrase = "an integer";
		else if (check === "greater_than") bounds.push(`>${inclusive ? "=" : ""} ${value}`);
		else if (check === "less_than") bounds.push(`<${inclusive ? "=" : ""} ${value}`);
	}
	return bounds.length === 0 ? phrase : `${phrase} ${bounds.join(" and ")}`;
}

/** What of a number's definition says which numbers it takes. */
interface NumberParts {
	readonly format?: string;
	readonly checks?: readonly {
		readonly _zod: {
			readonly def: {
				readonly check: string;
				readonly format?: string;
				readonly value?: unknown;
				readonly inclusive?: boolean;
			};
		};
	}[];
}

function sizePhrase(
	issue: Extract<Issue, { code: "too_small" | "too_big" }>,
	schema: z.core.$ZodType | undefined,
): string {
	const isLow = issue.code === "too_small";
	const bound = isLow ? issue.minimum : issue.maximum;
	const relation = `${isLow ? ">" : "<"}${issue.inclusive === false ? "" : "="} ${bound}`;
	switch (issue.origin) {
		case "string":
			return `a string of ${isLow ? "at least" : "at most"} ${bound} characters`;
		case "array":
		case "set":
		case "map":
			return `${isLow ? "at least" : "at most"} ${bound} elements`;
		case "number":
		case "int":
			return schema === undefined ? `a number ${relation}` : numberPhrase(schema);
		default:
			return `${typePhrase(issue.origin)} ${relation}`;
	}
}

function formatPhrase(issue: Extract<Issue, { code: "invalid_format" }>): string {
	return issue.format === "regex" ? `a string that matches ${issue.pattern}` : `a string in the format ${issue.format}`;
}

function unionPhrase(issue: Extract<Issue, { code: "invalid_union" }>, schema: z.core.$ZodType | undefined): string {
	const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
	if (discriminator !== undefined && options !== undefined) return `one of ${options.map(literal).join(", ")}`;
	const alternatives = (schema?._zod.def as unknown as SchemaParts | undefined)?.options;
	const choices = new Set<string>();
	for (const [index, [first]] of issue.errors.entries()) {
		if (first?.path.length === 0) choices.add(expectation(first, unwrap(alternatives?.[index])));
	}
	return choices.size === 0 ? "one of the union's shapes" : [...choices].slice(0, 8).join(" or ");
}

function literal(value: unknown): string {
	return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** `parameters[0].a[3]["odd key"]`. */
export function formatPath(path: Path, parameters: readonly string[] | undefined): string {
	let text = "";
	for (const [depth, step] of path.entries()) {
		if (depth === 0 && parameters !== undefined && typeof step === "number")
			text = parameters[step] ?? `argument ${step}`;
		else if (typeof step === "number") text += `[${step}]`;
		else {
			const name = String(step).slice(0, maxExcerpt);
			if (!/^[A-Za-z_$][\w$]*$/.test(name)) text += `[${JSON.stringify(name)}]`;
			else text += text === "" ? name : `.${name}`;
		}
	}
	return text;
}

function valueAt(value: unknown, path: Path): unknown {
	let found = value;
	for (const step of path) {
		if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
		found = (found as Record<PropertyKey, unknown>)[step];
	}
	return found;
}

/** The schema that judged the value at `path`; `undefined` where that cannot be told, as in a union. */
function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
	let found: z.core.$ZodType | undefined = unwrap(schema);
	for (const step of path) {
		if (found === undefined) return undefined;
		const def = found._zod.def as unknown as SchemaParts;
		if (def.shape !== undefined && typeof step === "string" && Object.hasOwn(def.shape, step))
			found = unwrap(def.shape[step]);
		else if (def.items !== undefined && typeof step === "number") found = unwrap(def.items[step]);
		else if (def.element !== undefined) found = unwrap(def.element);
		else if (def.valueType !== undefined) found = unwrap(def.valueType);
		else return undefined;
	}
	return found;
}

/** The parts of a definition that lead further down, whichever kind of schema has them. */
interface SchemaParts {
	readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
	readonly items?: readonly z.core.$ZodType[];
	readonly element?: z.core.$ZodType;
	readonly valueType?: z.core.$ZodType;
	readonly innerType?: z.core.$ZodType;
	readonly options?: readonly z.core.$ZodType[];
	readonly getter?: () => z.core.$ZodType;
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
	let found = schema;
	while (found !== undefined) {
		const { innerType, getter } = found._zod.def as unknown as SchemaParts;
		const inner: z.core.$ZodType | undefined = innerType ?? getter?.();
		if (inner === undefined) return found;
		found = inner;
	}
	return found;
}

/** Enough of a value to know it by. */
export function excerpt(value: unknown): string {
	if (typeof value === "string")
		return JSON.stringify(value.length > maxExcerpt ? `${value.slice(0, maxExcerpt)}…` : value);
	if (typeof value === "bigint") return `${value}n`;
	if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
	if (typeof value !== "object" || value === null) return String(value);
	if (Array.isArray(value)) return `an array of ${value.length}`;
	if (value instanceof Date) return "a date";
	if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `${value.byteLength} octets`;
	const known = [Map, Set, Promise, RegExp].find((one) => value instanceof one);
	return known === undefined ? "an object" : `a ${known.name}`;
}
