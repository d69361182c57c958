/** Types that come with the language or the platform: those that have a form on the wire, and why the others have none. */
import type { DiagnosticCode } from "../model/diagnostics.js";

export type Carried = "date" | "bytes" | "map" | "set";

/** By the type's name. */
export const carried: Readonly<Record<string, Carried>> = {
	Date: "date",
	Uint8Array: "bytes",
	Map: "map",
	ReadonlyMap: "map",
	Set: "set",
	ReadonlySet: "set",
};

export interface Refusal {
	readonly code: DiagnosticCode;
	/** Follows the type's name. */
	readonly reason: string;
	readonly remedy?: string;
}

const bytes = "Use `Uint8Array`, and view its `buffer` as you need it at the other end.";

/** By the type's name. */
export const refused: Readonly<Record<string, Refusal>> = {
	...each(["AsyncIterable", "AsyncIterableIterator", "AsyncGenerator"], {
		code: "HC009",
		reason: "is a stream, and a stream is no part of data",
	}),
	...each(["AsyncIterator", "AsyncIteratorObject", "ReadableStream", "Readable"], {
		code: "HC009",
		reason: "is a stream of a kind that does not travel",
		remedy: "Return `AsyncIterable<T>`, or take one as a parameter of its own; this can be turned into one, or is one.",
	}),
	...each(["Promise", "PromiseLike"], { code: "HC019", reason: "inside data is never awaited on its way" }),
	...each(["Function", "CallableFunction", "NewableFunction"], {
		code: "HC011",
		reason: "is code, and code cannot be sent",
	}),
	Buffer: { code: "HC014", reason: "exists in Node only" },
	...each(["Symbol"], { code: "HC015", reason: "means something in one process only" }),
	RegExp: { code: "HC013", reason: "is code for one engine", remedy: "Send its source as a string." },
	URL: { code: "HC013", reason: "is a class of the platform", remedy: "Send it as a string, tagged `@format uri`." },
	...each(
		["Error", "TypeError", "RangeError", "EvalError", "ReferenceError", "SyntaxError", "URIError", "AggregateError"],
		{
			code: "HC013",
			reason: "is a class whose stack must not leave the process",
			remedy: "Send its code and message; to fail a call, throw an `RpcError`.",
		},
	),
	...each(["WeakMap", "WeakSet", "WeakRef"], {
		code: "HC013",
		reason: "holds references, which mean nothing in another process",
		remedy: "Use `Map` or `Set`.",
	}),
	...each(["AbortSignal", "AbortController"], {
		code: "HC013",
		reason: "cannot be sent",
		remedy: "Leave it out: every call takes `{ signal }` as an option, and its handler has `context.signal`.",
	}),
	...each(["ArrayBuffer", "SharedArrayBuffer", "DataView", "Blob", "File"], {
		code: "HC013",
		reason: "has no form on the wire",
		remedy: bytes,
	}),
	...each(
		[
			"Int8Array",
			"Uint8ClampedArray",
			"Int16Array",
			"Uint16Array",
			"Int32Array",
			"Uint32Array",
			"Float16Array",
			"Float32Array",
			"Float64Array",
			"BigInt64Array",
			"BigUint64Array",
		],
		{
			code: "HC013",
			reason: "has no form on the wire that keeps its byte order",
			remedy: `Send \`number[]\`. ${bytes}`,
		},
	),
	...each(["Iterable", "Iterator", "IterableIterator", "Generator", "IteratorObject", "ArrayIterator"], {
		code: "HC013",
		reason: "is code that yields values one by one",
		remedy: "Send an array.",
	}),
	String: { code: "HC013", reason: "is the class around strings", remedy: "Write `string`." },
	Number: { code: "HC013", reason: "is the class around numbers", remedy: "Write `number`." },
	Boolean: { code: "HC013", reason: "is the class around booleans", remedy: "Write `boolean`." },
	BigInt: { code: "HC013", reason: "is the class around bigints", remedy: "Write `bigint`." },
};

function each(names: readonly string[], refusal: Refusal): Record<string, Refusal> {
	return Object.fromEntries(names.map((name) => [name, refusal]));
}
