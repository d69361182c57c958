/** Types by chance: as TypeScript spells them, and what is one of them, said without any schema. */
import * as fc from "fast-check";
import { isObject } from "../../codegen/support/values.js";

export interface Form {
	/** Declares in the scope what it needs. */
	write(scope: Scope): string;
	is(value: unknown): boolean;
	/** A value that JSON has, for a default. */
	readonly sample?: unknown;
}

/** The source that types are declared in. */
export class Scope {
	readonly declarations: string[] = [];
	/** What is found where nothing was sent, by the name of the property beside which it is said that there is one. */
	readonly #defaults = new Map<string, { readonly name: string; readonly value: unknown }>();

	/** Returns the name. `text`: the declaration, told what it is called. */
	declare(text: (name: string) => string): string {
		const name = `N${this.declarations.length}`;
		// Its place is taken first: the text may declare others.
		this.declarations.push("");
		this.declarations[Number(name.slice(1))] = text(name);
		return name;
	}

	addDefault(mark: string, name: string, value: unknown): void {
		this.#defaults.set(mark, { name, value });
	}

	/** The value as its receiver finds it. */
	filled(value: unknown): unknown {
		const into = (one: unknown) => this.filled(one);
		if (Array.isArray(value)) return value.map(into);
		if (value instanceof Set) return new Set([...value].map(into));
		if (value instanceof Map) return new Map([...value].map(([key, one]) => [into(key), into(one)]));
		if (!isObject(value)) return value;
		const own = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, into(one)]));
		for (const mark of Object.keys(own)) {
			const found = this.#defaults.get(mark);
			if (found !== undefined && !Object.hasOwn(own, found.name)) own[found.name] = found.value;
		}
		return own;
	}

	/** A type with all that it mentions, for messages. */
	spell(text: string): string {
		const mentioned = new Set<string>();
		const visit = (from: string) => {
			for (const [name] of from.matchAll(/\bN\d+\b/g)) {
				const declaration = this.declarations[Number(name.slice(1))]!;
				if (mentioned.has(declaration)) continue;
				mentioned.add(declaration);
				visit(declaration);
			}
		};
		visit(text);
		return [text, ...mentioned].join("\n");
	}
}

type Check = (value: unknown) => boolean;

function plain(text: string, is: Check, sample?: unknown): Form {
	return { write: () => text, is, sample };
}

/** Under a name, with constraints. */
function constrained(doc: string, base: Form, keeps: Check, sample?: unknown): Form {
	return {
		sample,
		write: (scope) => {
			const text = base.write(scope);
			return scope.declare((name) => `/** ${doc} */ export type ${name} = ${text};`);
		},
		is: (value) => base.is(value) && keeps(value),
	};
}

const string = plain("string", (value) => typeof value === "string", "*\\/ \"'\u{1f426}");
const number = plain("number", (value) => Number.isFinite(value), -1.5);
const boolean = plain("boolean", (value) => typeof value === "boolean", false);
const bigint = plain("bigint", (value) => typeof value === "bigint" && value >= -(2n ** 63n) && value < 2n ** 64n);
const date = plain("Date", (value) => value instanceof Date && !Number.isNaN(value.getTime()));
const bytes = plain("Uint8Array", (value) => value instanceof Uint8Array);

const numeric = (doc: string, keeps: (value: number) => boolean, sample: number) =>
	constrained(doc, number, (value) => keeps(value as number), sample);
const textual = (doc: string, keeps: (value: string) => boolean, sample: string) =>
	constrained(doc, string, (value) => keeps(value as string), sample);
const matching = (doc: string, pattern: RegExp, sample: string) => textual(doc, (value) => pattern.test(value), sample);

/** Each of a kind that the wire tells from the others. */
const apart = [string, number, boolean, date, bytes];

const leaves: readonly Form[] = [
	...apart,
	bigint,
	plain('"a" | "b" | 3', (value) => value === "a" || value === "b" || value === 3, "b"),
	plain(["`v$", "{number}`"].join(""), (value) => typeof value === "string" && /^v-?\d+(\.\d+)?$/.test(value), "v2"),
	numeric(
		"@int @minimum -3 @exclusiveMaximum 4",
		(value) => Number.isSafeInteger(value) && value >= -3 && value < 4,
		0,
	),
	numeric("@exclusiveMinimum 0 @maximum 1", (value) => value > 0 && value <= 1, 0.25),
	numeric(
		"@multipleOf 0.5 @minimum -8 @maximum 8",
		(value) => Number.isInteger(value * 2) && Math.abs(value) <= 8,
		-7.5,
	),
	textual("@minLength 1 @maxLength 3", ({ length }) => length >= 1 && length <= 3, "abc"),
	matching("@pattern ^[a-z]{1,3}[0-9]?$", /^[a-z]{1,3}[0-9]?$/u, "x1"),
	matching(
		"@format uuid",
		/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i,
		"00112233-4455-4677-8899-aabbccddeeff",
	),
	matching("@format ipv4", /^(\d{1,3}\.){3}\d{1,3}$/, "127.0.0.1"),
	textual("@format date", (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)), "2024-02-29"),
	constrained("@minimum 1 @maximum 9", bigint, (value) => (value as bigint) >= 1n && (value as bigint) <= 9n),
];

const enumeration: Form = {
	sample: 4,
	write: (scope) => scope.declare((name) => `export enum ${name} { A = "a", B = 3, C, Again = 3 }`),
	is: (value) => value === "a" || value === 3 || value === 4,
};

function list(inner: Form): Form {
	return {
		sample: inner.sample === undefined ? [] : [inner.sample, inner.sample],
		write: (scope) => `Array<${inner.write(scope)}>`,
		is: (value) => Array.isArray(value) && value.every(inner.is),
	};
}

function set(inner: Form): Form {
	return {
		write: (scope) => `Set<${inner.write(scope)}>`,
		is: (value) => value instanceof Set && [...value].every(inner.is),
	};
}

function map(key: Form, inner: Form): Form {
	return {
		write: (scope) => `Map<${key.write(scope)}, ${inner.write(scope)}>`,
		is: (value) => value instanceof Map && [...value].every(([name, one]) => key.is(name) && inner.is(one)),
	};
}

function sized(inner: Form): Form {
	return constrained("@minItems 1 @maxItems 2", list(inner), (value) => {
		const { length } = value as unknown[];
		return length >= 1 && length <= 2;
	});
}

const unique = constrained(
	"@uniqueItems",
	list(number),
	(value) => {
		return new Set(value as unknown[]).size === (value as unknown[]).length;
	},
	[3, 1],
);

/** `spell` puts the parts' texts together. */
function combined(parts: readonly Form[], spell: (texts: readonly string[], scope: Scope) => string, is: Check): Form {
	return {
		write: (scope) =>
			spell(
				parts.map((part) => part.write(scope)),
				scope,
			),
		is,
	};
}

interface Properties {
	readonly [name: string]: { readonly form: Form; readonly isOptional?: boolean };
}

function has(value: unknown, properties: Properties): value is Record<string, unknown> {
	return (
		isObject(value) &&
		Object.entries(properties).every(([name, { form, isOptional }]) =>
			Object.hasOwn(value, name) ? form.is(value[name]) : isOptional === true,
		)
	);
}

/** Both spelled out and put together from other types. */
function objects(a: Form, b: Form): readonly Form[] {
	const required = { a: { form: a }, b: { form: b } };
	const whole: Check = (value) => has(value, required);
	const half: Check = (value) => has(value, { a: { form: a }, b: { form: b, isOptional: true } });
	return [
		combined([a, b], ([x, y]) => `{ a: ${x}; b?: ${y} }`, half),
		combined([a, b], ([x, y]) => `{ readonly a: ${x} } & { b: ${y} }`, whole),
		combined([a, b], ([x, y]) => `Pick<{ a: ${x}; b: ${y}; c: Date }, "a"> & Partial<{ b: ${y} }>`, half),
		combined(
			[a],
			([x]) => `Record<"a" | "b", ${x}>`,
			(value) => has(value, { a: { form: a }, b: { form: a } }),
		),
		combined([a, b], ([x, y]) => `{ [K in "a" | "b"]: K extends "a" ? ${x} : ${y} }`, whole),
		combined([a, b], ([x, y]) => `Partial<Readonly<Record<"b", ${y}>>> & { a: ${x} }`, half),
		combined(
			[a, b],
			([x, y], scope) => `${wrapper(scope)}<{ a: ${x}; b: ${y} }>`,
			(value) => has(value, { a: { form: boxed(a) }, b: { form: boxed(b) } }),
		),
		combined([a, b], ([x, y], scope) => `${base(scope, x!)} & { b: ${y} }`, whole),
	];
}

function boxed(inner: Form): Form {
	return { write: () => "", is: (value) => has(value, { box: { form: inner } }) };
}

function wrapper(scope: Scope): string {
	return scope.declare((name) => `export type ${name}<T> = { [K in keyof T]: { box: T[K] } };`);
}

/** What the compiler makes of a type by choosing from another: it is the very type that was put in. */
function computed(inner: Form): readonly Form[] {
	const isThere: Check = (value) => value !== null && inner.is(value);
	return [
		combined([inner], ([x]) => `{ a: ${x}; b: Date }["a"]`, inner.is),
		combined([inner], ([x]) => `Array<${x}>[number]`, inner.is),
		combined([inner], ([x]) => `NonNullable<(${x}) | null>`, isThere),
		combined([inner], ([x]) => `Exclude<(${x}) | null, null>`, isThere),
		combined([inner], ([x]) => `Awaited<Promise<${x}>>`, inner.is),
		combined(
			[inner],
			([x], scope) =>
				`${scope.declare((name) => `export type ${name}<T> = T extends { a: infer A } ? A : never;`)}<{ a: ${x} }>`,
			inner.is,
		),
	];
}

/** A property that is found where none was sent. */
function defaulted(inner: Form): Form {
	let [mark, property] = ["", ""];
	return {
		write: (scope) => {
			const text = inner.write(scope);
			return scope.declare((name) => {
				[mark, property] = [`has${name}`, `d${name}`];
				scope.addDefault(mark, property, inner.sample);
				const doc = `/** @default ${JSON.stringify(inner.sample)} */`;
				return `export interface ${name} { ${mark}: true; ${doc} ${property}?: ${text} }`;
			});
		},
		is: (value) => has(value, { [mark]: { form: truth }, [property]: { form: inner, isOptional: true } }),
	};
}

const truth = plain("true", (value) => value === true);

function base(scope: Scope, text: string): string {
	const parent = scope.declare((name) => `export interface ${name} { a: ${text} }`);
	return scope.declare((name) => `export interface ${name} extends ${parent} {}`);
}

/** A required property, and others of any name. */
function open(inner: Form): Form {
	return combined(
		[inner],
		([text]) => `{ a: ${text}; [name: string]: ${text} }`,
		(value) => has(value, { a: { form: inner } }) && Object.values(value).every(inner.is),
	);
}

function tuples(a: Form, b: Form): readonly Form[] {
	const isList = (value: unknown): value is unknown[] => Array.isArray(value);
	return [
		combined(
			[a, b],
			([x, y]) => `[${x}, ${y}]`,
			(value) => isList(value) && value.length === 2 && a.is(value[0]) && b.is(value[1]),
		),
		combined(
			[a, b],
			([x, y]) => `readonly [${x}, (${y})?]`,
			(value) => isList(value) && [1, 2].includes(value.length) && a.is(value[0]) && value.slice(1).every(b.is),
		),
		combined(
			[a, b],
			([x, y]) => `[first: ${x}, ...others: Array<${y}>]`,
			(value) => isList(value) && value.length >= 1 && a.is(value[0]) && value.slice(1).every(b.is),
		),
	];
}

/** Told apart by a property; by which, and whether under names, is part of the chance. */
function variants(a: Form, b: Form): readonly Form[] {
	const literals: readonly (readonly [unknown, unknown])[] = [
		["a", "b"],
		[1, 2],
		[true, false],
	];
	return literals.flatMap(([first, second]) => {
		const is: Check = (value) => {
			if (!isObject(value)) return false;
			if (value["kind"] === first) return has(value, { a: { form: a } });
			return value["kind"] === second && has(value, { b: { form: b, isOptional: true } });
		};
		const spell = ([x, y]: readonly string[]) => [
			`{ kind: ${JSON.stringify(first)}; a: ${x} }`,
			`{ kind: ${JSON.stringify(second)}; b?: ${y} }`,
		];
		const named = (texts: readonly string[], scope: Scope) =>
			spell(texts).map((text) => scope.declare((name) => `export type ${name} = ${text};`));
		return [
			combined([a, b], (texts) => spell(texts).join(" | "), is),
			combined([a, b], (texts, scope) => named(texts, scope).join(" | "), is),
		];
	});
}

function generics(inner: Form, other: Form): readonly Form[] {
	const page: Check = (value) => has(value, { items: { form: list(inner) }, next: { form: other, isOptional: true } });
	return [
		combined(
			[inner, other],
			([x, y], scope) =>
				`${scope.declare((name) => `export interface ${name}<T, Next = string> { items: T[]; next?: Next }`)}<${x}, ${y}>`,
			page,
		),
		combined(
			[inner],
			([x], scope) => `${scope.declare((name) => `export type ${name}<T> = { one: T } | null;`)}<${x}>`,
			(value) => value === null || has(value, { one: { form: inner } }),
		),
	];
}

function isMaybe(value: Record<string, unknown>, name: string, is: Check): boolean {
	return !Object.hasOwn(value, name) || is(value[name]);
}

/** Types that contain themselves: directly, by way of one or two others, as a union, and as an instance of a generic one. */
function recursions(inner: Form): readonly Form[] {
	const tree: Check = (value) =>
		has(value, { value: { form: inner } }) && Array.isArray(value["kids"]) && value["kids"].every(tree);
	const chain: Check = (value) =>
		has(value, { value: { form: inner } }) && (!Object.hasOwn(value, "link") || link(value["link"]));
	const link: Check = (value) => isObject(value) && (value["to"] === null || chain(value["to"]));
	const nested: Check = (value) => inner.is(value) || (isObject(value) && Object.values(value).every(nested));
	const node: Check = (value) =>
		has(value, { value: { form: inner } }) &&
		value["others"] instanceof Map &&
		[...value["others"]].every(([key, one]) => typeof key === "string" && end(one));
	const end: Check = (value) => {
		if (!isObject(value)) return false;
		if (value["kind"] === "end") return has(value, { own: { form: inner, isOptional: true } });
		return value["kind"] === "back" && Array.isArray(value["nodes"]) && value["nodes"].every(node);
	};
	const first: Check = (value) => has(value, { value: { form: inner } }) && isMaybe(value, "second", second);
	const second: Check = (value) => isObject(value) && (value["third"] === null || third(value["third"]));
	const third: Check = (value) => Array.isArray(value) && value.every(first);
	return [
		combined(
			[inner],
			([x], scope) => scope.declare((name) => `export interface ${name} { value: ${x}; kids: ${name}[] }`),
			tree,
		),
		combined(
			[inner],
			([x], scope) =>
				scope.declare((name) => {
					const other = scope.declare(
						(own) => `export type ${own} = { kind: "end"; own?: ${x} } | { kind: "back"; nodes: ${name}[] };`,
					);
					return `export interface ${name} { value: ${x}; others: Map<string, ${other}> }`;
				}),
			node,
		),
		combined(
			[inner],
			([x], scope) => {
				const generic = scope.declare((name) => {
					const last = scope.declare((own) => `export type ${own}<T> = ${name}<T>[];`);
					const middle = scope.declare((own) => `export interface ${own}<T> { third: ${last}<T> | null }`);
					return `export interface ${name}<T> { value: T; second?: ${middle}<T> }`;
				});
				return `${generic}<${x}>`;
			},
			first,
		),
		combined(
			[inner],
			([x], scope) =>
				`${scope.declare((name) => `export interface ${name}<T> { value: T; kids: ${name}<T>[] }`)}<${x}>`,
			tree,
		),
		combined(
			[inner],
			([x], scope) =>
				scope.declare((name) => {
					const other = scope.declare((own) => `export interface ${own} { to: ${name} | null }`);
					return `export interface ${name} { value: ${x}; link?: ${other} }`;
				}),
			chain,
		),
		...(apart.includes(inner)
			? [
					combined(
						[inner],
						([x], scope) => scope.declare((name) => `export type ${name} = ${x} | { [name: string]: ${name} };`),
						nested,
					),
				]
			: []),
	];
}

const oneOf = (forms: readonly Form[]) => fc.constantFrom(...forms);
const leaf = fc.constantFrom(...leaves, enumeration, unique);
/** Those that JSON has values of. */
const sampled = fc.oneof(
	fc.constantFrom(...[...leaves, enumeration, unique].filter(({ sample }) => sample !== undefined)),
	fc.constantFrom(string, number, boolean, enumeration).map(list),
);

/** What is made of other types, but for what contains itself. */
function branchesOf(inner: fc.Arbitrary<Form>): fc.Arbitrary<Form>[] {
	const pair = fc.tuple(inner, inner);
	return [
		inner.chain((one) => oneOf([list(one), sized(one), set(one)])),
		pair.map(([key, one]) => map(key, one)),
		inner.map((one) => ({
			write: (scope) => `Record<string, ${one.write(scope)}>`,
			is: (value) => isObject(value) && Object.values(value).every(one.is),
		})),
		inner.map((one) => open(one)),
		pair.chain(([a, b]) => oneOf(tuples(a, b))),
		pair.chain(([a, b]) => oneOf(objects(a, b))),
		pair.chain(([a, b]) => oneOf(variants(a, b))),
		pair.chain(([a, b]) => oneOf(generics(a, b))),
		inner.chain((one) => oneOf(computed(one))),
		sampled.map(defaulted),
		inner.map((one) => ({
			write: (scope) => `${one.write(scope)} | null`,
			is: (value) => value === null || one.is(value),
		})),
		fc.tuple(fc.subarray(apart, { minLength: 1, maxLength: 3 }), inner).map(([some, one]) =>
			combined(
				[...some, list(one)],
				(texts) => texts.join(" | "),
				(value) => [...some, list(one)].some(({ is }) => is(value)),
			),
		),
	];
}

export const form: fc.Arbitrary<Form> = fc.letrec<{ form: Form; flat: Form }>((tie) => ({
	form: fc.oneof(
		{ maxDepth: 3, depthSize: "small" },
		leaf,
		...branchesOf(tie("form")),
		// Of what does not contain itself: trees of trees of trees have too many leaves.
		fc.oneof(fc.constantFrom(...apart), leaf, tie("flat")).chain((one) => oneOf(recursions(one))),
	),
	flat: fc.oneof({ maxDepth: 1, depthSize: "small" }, leaf, ...branchesOf(tie("flat"))),
})).form;
