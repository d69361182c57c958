/** Everything that codegen can object to. docs/codegen.md lists the same codes; a test compares the two. */

export type Severity = "error" | "warning";

export interface DiagnosticKind {
	readonly severity: Severity;
	/** What is the matter, for the list of codes. */
	readonly cause: string;
	/** What to do about it, for the list of codes. */
	readonly remedy: string;
}

/** The closed list. A code never changes its meaning. */
export const diagnosticKinds = {
	HC001: error(
		"The file declares no service.",
		"Export an interface whose members are all methods, or tag one `@service`.",
	),
	HC002: error("The file is not valid TypeScript.", "Correct the syntax."),
	HC003: error("A type cannot be found.", "Declare or import it; check the import's path and the tsconfig."),
	HC004: error(
		"A service interface has type parameters.",
		"Extend it with the types filled in, and export that interface.",
	),
	HC005: error(
		"An interface tagged `@service` has members that are not methods.",
		"Make each member a method: `name(parameters): Promise<Result>`.",
	),
	HC006: error("A method is overloaded.", "Give each signature a name of its own."),
	HC007: error(
		"A method returns neither a promise, nor a stream, nor `void`.",
		"Return `Promise<T>` for a reply, `AsyncIterable<T>` for a stream, `void` for a one-way call.",
	),
	HC008: error(
		"A rest parameter that is neither a list of one kind of values nor a tuple with an end, or that takes too many or too few.",
		"Write the parameters out, or take an array, without the dots.",
	),
	HC009: error(
		"A stream where none can travel, or of a kind that cannot.",
		"Return `AsyncIterable<T>`, or take one as a parameter of its own.",
	),
	HC010: error(
		"A callback that cannot be called from afar.",
		"Take a function of a fixed list of data that returns `void` or a promise.",
	),
	HC011: error("A function in data.", "Send the data that the function works on, or make it a method of the service."),
	HC012: error(
		"A class with methods or private members.",
		"Use an interface of its data; build the class from it at the other end.",
	),
	HC013: error(
		"A type of the platform that has no form on the wire.",
		"Send the data it is made of: text, numbers, bytes.",
	),
	HC014: error("`Buffer`, which only Node has.", "Use `Uint8Array`; every `Buffer` is one."),
	HC015: error("A symbol: it means something in one process only.", "Use a string."),
	HC016: error(
		"A type parameter that nobody has filled in.",
		"Write the type out, or fill the parameter in where it is used.",
	),
	HC017: error(
		"A type that cannot be told before the program runs, or has no schema.",
		"Write out the type it stands for.",
	),
	HC018: error("A getter or setter.", "Use a plain property."),
	HC019: error("A promise inside data.", "Await it before it is sent: use the type it resolves to."),
	HC020: warning(
		"`any`, `unknown`, `object` or `{}`: nothing is checked there.",
		"Name the type, or accept that anything passes.",
	),
	HC021: error("A constraint's argument is not one.", "Write it as the message says."),
	HC022: error(
		"A constraint on a type that it does not apply to.",
		"Remove it, or move it to the type it is meant for.",
	),
	HC023: error("The argument of a Homing tag is not one.", "Write it as the message says."),
	HC024: error("A name that an object cannot safely carry, or that a client cannot have.", "Choose another name."),
	HC025: error("A recursive type or an enum that is not exported: the generated file has to name it.", "Export it."),
	HC026: error("A generic type that grows at each step into it.", "Let its argument stay the same in the recursion."),
	HC027: error(
		"Alternatives of a union that look alike on the wire.",
		"Wrap them in objects with a literal property that tells them apart.",
	),
	HC028: warning("`null` and `undefined` side by side, where the wire has one word for both.", "Use one of the two."),
	HC029: error(
		"Two services, or two generated files, of one name.",
		"Rename one: `@service name=Other`, or another file name.",
	),
	HC030: warning(
		"A pattern that hostile text can keep busy for very long.",
		"Avoid repetition inside repetition; add `@maxLength`.",
	),
	HC031: error(
		"`@throws {...}` names what no method can throw to its caller.",
		"Name an exported class that extends `ServiceError` of `@homing/runtime`, or leave out the braces.",
	),
	HC032: error("Two errors of one name in one service.", "Rename one of the classes."),
	HC033: warning(
		"A `number` for an id: beyond 2^53 two ids are one number.",
		"Tag it `@int`, which refuses what is not exact; or use `bigint` or `string`.",
	),
	HC034: warning(
		"A type is computed from one with constraints in a way that they cannot be followed.",
		"Write the type out there, or put the tags on the property or parameter itself.",
	),
} as const satisfies Readonly<Record<string, DiagnosticKind>>;

export type DiagnosticCode = keyof typeof diagnosticKinds;

/** Lines and columns start at 1; columns count UTF-16 units, as editors do. The end is behind the last character. */
export interface Location {
	/** Absolute path, with forward slashes. */
	readonly file: string;
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
}

/** One objection, in the user's terms. */
export interface Diagnostic<Code extends string = DiagnosticCode> {
	readonly code: Code;
	readonly severity: Severity;
	/** `undefined` when it is about no place in a file. */
	readonly location: Location | undefined;
	readonly message: string;
	readonly remedy: string;
}

export function diagnostic(
	code: DiagnosticCode,
	location: Location | undefined,
	message: string,
	remedy: string = diagnosticKinds[code].remedy,
): Diagnostic {
	return { code, severity: diagnosticKinds[code].severity, location, message, remedy };
}

export function hasErrors(diagnostics: readonly Diagnostic<string>[]): boolean {
	return diagnostics.some(({ severity }) => severity === "error");
}

/** By place, then by code: the order does not depend on how the types were reached. Repetitions are dropped. */
export function sortDiagnostics<Code extends string>(diagnostics: readonly Diagnostic<Code>[]): Diagnostic<Code>[] {
	const unique = new Map(diagnostics.map((item) => [JSON.stringify([item.code, item.location, item.message]), item]));
	return [...unique.values()].sort(
		(a, b) =>
			compare(a.location?.file ?? "", b.location?.file ?? "") ||
			(a.location?.line ?? 0) - (b.location?.line ?? 0) ||
			(a.location?.column ?? 0) - (b.location?.column ?? 0) ||
			compare(a.code, b.code) ||
			compare(a.message, b.message),
	);
}

/** By code units, the same in every locale. */
export function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function error(cause: string, remedy: string): DiagnosticKind {
	return { severity: "error", cause, remedy };
}

function warning(cause: string, remedy: string): DiagnosticKind {
	return { severity: "warning", cause, remedy };
}
