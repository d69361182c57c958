/**
 * What a source file says, as plain data: what the readers of TypeScript produce and everything behind them works from.
 * It can be printed as JSON (`homing-codegen describe --json`) and knows neither the compiler nor zod.
 */

/** One source file with the services it declares and the data types they reach. */
export interface SourceModel {
	/** Absolute path, with forward slashes. */
	readonly file: string;
	/** Whether an optional property of these types may also be there and `undefined` (`exactOptionalPropertyTypes` off). */
	readonly isUndefinedOptional: boolean;
	readonly services: readonly ServiceModel[];
	/** Types that have a name, in the order in which the services first mention them. */
	readonly definitions: readonly Definition[];
}

/** What has a comment of its own. */
export interface Documented {
	/** Its text without tags, one string a line; never empty. It says nothing of values: no hash and no comparison takes it in. */
	readonly doc?: readonly string[];
}

export interface ServiceModel {
	/** What travels, and what the generated names are made of. */
	readonly name: string;
	/** The interface. */
	readonly type: ImportedName;
	/** The interface's JSDoc without Homing's own tags, one string a line. */
	readonly doc: readonly string[];
	readonly methods: readonly MethodModel[];
}

export interface MethodModel {
	readonly name: string;
	readonly form: MethodForm;
	readonly isIdempotent: boolean;
	/** Unit: ms. */
	readonly timeoutMs: number | undefined;
	/** The parameter, one that is data, of which equal values want the same worker. */
	readonly affinity: string | undefined;
	/** From 0 to 255; lower goes first. */
	readonly priority: number | undefined;
	readonly doc: readonly string[];
	readonly parameters: readonly Parameter[];
	/** Of a stream: each of its items. `undefined` where nothing comes back: a `void` promise, or one-way. */
	readonly result: Type | undefined;
	/** The result as the source spells it; `undefined` where the generated file cannot repeat that. */
	readonly resultText: TypeText | undefined;
	/** Of a stream: the name by which the interface promises it. */
	readonly streamName: StreamName | undefined;
	/** What `@throws` declares, in the order of the tags. */
	readonly errors: readonly ErrorModel[];
}

/** How a method answers: with one value, with none, or with a stream of them. */
export type MethodForm = "unary" | "one-way" | "stream";

export type StreamName = "AsyncIterable" | "AsyncIterableIterator" | "AsyncGenerator";

/** Data goes along with the call; the other two are channels, which stay open while the call goes on. */
export type Parameter = DataParameter | InputParameter | CallbackParameter;

export interface DataParameter extends Documented {
	readonly kind: "data";
	readonly name: string;
	readonly isOptional: boolean;
	/** `...values: number[]`: of an array, optional, and last. What is given travels as one list. */
	readonly isRest?: true;
	readonly type: Type;
	/** Of a rest parameter: of the list. */
	readonly text: TypeText | undefined;
	readonly default: Default | undefined;
}

/** What a rest parameter takes where the interface does not say less: its handler is called with so many arguments, which lie on the stack. */
export const maxRestValues = 10_000;

/** What the receiver finds in the place of something optional that was left out: a value of its type, as JSON. */
export type Default = string;

/** A stream of the caller's. */
export interface InputParameter extends Documented {
	readonly kind: "input";
	readonly name: string;
	readonly item: Type;
	/** Of the parameter's type, not of the item. */
	readonly text: TypeText | undefined;
}

/** A function of the caller's. */
export interface CallbackParameter extends Documented {
	readonly kind: "callback";
	readonly name: string;
	/** It may be left out. */
	readonly isOptional: boolean;
	/** It may be `undefined`, left out or not: whether it was given is one of the call's arguments. */
	readonly isUndefinedAllowed: boolean;
	readonly arguments: readonly DataParameter[];
	/** It returns a promise; otherwise nobody waits for it. */
	readonly isAwaited: boolean;
	/** `undefined` where nothing comes back. */
	readonly result: Type | undefined;
	readonly text: TypeText | undefined;
}

/** An error that a method may throw: a class made of the runtime's `ServiceError`. */
export interface ErrorModel extends Documented {
	/** What travels. */
	readonly name: string;
	readonly type: ImportedName;
	/** `undefined` for none. */
	readonly data: Type | undefined;
}

/** A type with a name: its schema is emitted once and shared. */
export interface Definition extends Documented {
	/** Unique in its source: the type's own name, for an instantiated generic one like `PageOfUser`. */
	readonly name: string;
	readonly type: Type;
	/** How the generated file names the type; `undefined` when it is not exported. */
	readonly text: TypeText | undefined;
	/** Whether users find it in `xxxSchemas`: it is exported and no instance of a generic. */
	readonly isPublic: boolean;
	/** A primitive intersected with an object that only marks it: the schema is asserted to be of this type. */
	readonly isBranded: boolean;
}

/** An exported name and where it can be imported from. */
export interface ImportedName {
	/** As exported; `default` for a default export. */
	readonly name: string;
	/** What to call it where it is imported. */
	readonly local: string;
	readonly from: ModuleReference;
}

export type ModuleReference =
	/** Absolute path of a source file. */
	{ readonly kind: "file"; readonly path: string } | { readonly kind: "package"; readonly specifier: string };

/** TypeScript source of a type: text, and names that have to be imported. */
export type TypeText = readonly (string | ImportedName)[];

export type Type =
	| StringType
	| NumberType
	| BigintType
	| { readonly kind: "boolean" }
	| { readonly kind: "null" }
	| { readonly kind: "undefined" }
	| { readonly kind: "unknown" }
	| { readonly kind: "never" }
	| { readonly kind: "date" }
	/** `Uint8Array`. */
	| { readonly kind: "bytes" }
	| LiteralType
	| EnumType
	| TemplateType
	| ArrayType
	| TupleType
	| ObjectType
	| RecordType
	| MapType
	| SetType
	| UnionType
	/** A `Definition`, by its name. */
	| { readonly kind: "reference"; readonly name: string };

export interface StringType {
	readonly kind: "string";
	readonly constraints: readonly Constraint[];
}

export interface NumberType {
	readonly kind: "number";
	readonly constraints: readonly Constraint[];
}

export interface BigintType {
	readonly kind: "bigint";
	readonly constraints: readonly Constraint[];
}

export type LiteralValue = string | number | boolean | { readonly bigint: string };

export interface LiteralType {
	readonly kind: "literal";
	readonly value: LiteralValue;
	/** The enum's member that the source names. */
	readonly member: { readonly enum: EnumName; readonly name: string } | undefined;
}

export interface EnumName {
	/** `undefined`: it is not exported. */
	readonly type: ImportedName | undefined;
	/** Where that is the name of a namespace, what follows it: `.Plan`. */
	readonly members?: string;
	/** It is no value at run time: a `const enum`, a declared one, or one of a package, of which there may be nothing but types. */
	readonly isConst: boolean;
}

export interface EnumType {
	readonly kind: "enum";
	readonly enum: EnumName;
	/** Without repetitions. */
	readonly values: readonly (string | number)[];
	/** In the order of the source; two may have one value. */
	readonly members: readonly EnumMember[];
}

export interface EnumMember {
	readonly name: string;
	readonly value: string | number;
}

/** A template literal type; the parts between its texts are primitives, literals or unions of them. */
export interface TemplateType {
	readonly kind: "template";
	readonly parts: readonly (string | Type)[];
}

export interface ArrayType {
	readonly kind: "array";
	readonly element: Type;
	readonly constraints: readonly Constraint[];
}

export interface TupleType {
	readonly kind: "tuple";
	readonly elements: readonly TupleElement[];
	readonly rest: Type | undefined;
}

export interface TupleElement {
	readonly type: Type;
	readonly isOptional: boolean;
	/** Of an optional one: it may be there and be `undefined`. */
	readonly isUndefinedAllowed: boolean;
	/** Of an argument list. */
	readonly default?: Default | undefined;
}

export interface ObjectType {
	readonly kind: "object";
	readonly properties: readonly Property[];
	/** Of all other properties: an index signature beside named properties. */
	readonly additional: Type | undefined;
}

export interface Property extends Documented {
	readonly name: string;
	readonly isOptional: boolean;
	/** Of an optional one: it may be there and be `undefined`. */
	readonly isUndefinedAllowed: boolean;
	readonly type: Type;
	readonly default: Default | undefined;
}

/** An object of any keys. */
export interface RecordType {
	readonly kind: "record";
	/** Strings, numbers or templates. */
	readonly key: Type;
	readonly value: Type;
}

export interface MapType {
	readonly kind: "map";
	readonly key: Type;
	readonly value: Type;
	readonly constraints: readonly Constraint[];
}

export interface SetType {
	readonly kind: "set";
	readonly element: Type;
	readonly constraints: readonly Constraint[];
}

export interface UnionType {
	readonly kind: "union";
	readonly members: readonly Type[];
}

/** A JSDoc constraint, its argument checked. `@int` and `@uniqueItems` have none: `true`. */
export interface Constraint {
	readonly keyword: ConstraintKeyword;
	readonly value: number | string | true;
}

/** JSON Schema's words, and `int`. */
export const constraintKeywords = [
	"minimum",
	"maximum",
	"exclusiveMinimum",
	"exclusiveMaximum",
	"multipleOf",
	"int",
	"minLength",
	"maxLength",
	"pattern",
	"format",
	"minItems",
	"maxItems",
	"uniqueItems",
] as const;

export type ConstraintKeyword = (typeof constraintKeywords)[number];

/** Looks up definitions by name. */
export type Definitions = ReadonlyMap<string, Definition>;

export function definitionsOf(model: Pick<SourceModel, "definitions">): Definitions {
	return new Map(model.definitions.map((definition) => [definition.name, definition]));
}
