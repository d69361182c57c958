import type { CallContext } from "./call-context.js";
import { type Codec, voidCodec } from "./protocol/codec.js";
import type { DeclaredErrors } from "./protocol/declared-error.js";
import type { ServiceDocs } from "./protocol/docs.js";

// biome-ignore lint/suspicious/noExplicitAny: methods of all shapes stand side by side; each keeps its own types
type Any = any;

/** How a method answers: with one value, with none, or with a stream of them. */
export type MethodForm = "unary" | "one-way" | "stream";

/** A parameter that is no data: values that the caller has still to make. They are sent while the call goes on. */
export interface Input<Item> {
	readonly kind: "input";
	readonly item: Codec<Item>;
}

/** A parameter that is no data: a function of the caller's, called from afar while the call goes on. */
export interface Callback<Arguments extends readonly unknown[], Result> {
	readonly kind: "callback";
	readonly arguments: Codec<Arguments>;
	/** `undefined`: nobody waits for what it returns. */
	readonly result: Codec<Result> | undefined;
}

/** How a parameter of type `T` travels that is no data. */
export type ChannelOf<T> =
	T extends AsyncIterable<infer Item>
		? Input<Item>
		: T extends (...args: infer Arguments) => infer Result
			? Callback<Arguments, Awaited<Result>>
			: never;

export type AnyChannel = Input<Any> | Callback<Any, Any>;

/**
 * One method of a service, as the two stubs share it.
 *
 * `name` is what travels: `"Service.method"`, 1-255 octets of UTF-8. `Arguments` are the parameters that are data, `Channels`
 * those that are not: at most one async iterable, and functions, in their order.
 */
export interface Method<
	Arguments extends readonly unknown[],
	Result,
	Channels extends readonly unknown[] = readonly [],
	Form extends MethodForm = "unary",
> {
	readonly name: string;
	readonly form: Form;
	/** Of its service, as of `ServiceDescriptor`; `undefined`: it does not say, and callers cannot be held to it. */
	readonly schemaHash?: string | undefined;
	/** May be executed more than once for one call: the queue gives it to another worker when its worker dies. */
	readonly isIdempotent: boolean;
	/** Time a call of it may take when the caller names none. Unit: ms. Default: the connection's. */
	readonly timeoutMs: number | undefined;
	/** The place among the arguments of the one whose equals want the same worker. */
	readonly affinity?: number | undefined;
	/** 0-255, lower goes first. Default: 128. */
	readonly priority?: number | undefined;
	readonly arguments: Codec<Arguments>;
	/** Of a stream: each of its items. */
	readonly result: Codec<Result>;
	readonly channels: { readonly [Index in keyof Channels]: ChannelOf<Channels[Index]> };
	readonly errors: DeclaredErrors;
}

export interface MethodOptions<
	Arguments extends readonly unknown[],
	Result,
	Channels extends readonly unknown[] = readonly [],
> {
	readonly name: string;
	readonly schemaHash?: string;
	readonly isIdempotent?: boolean;
	readonly timeoutMs?: number;
	readonly affinity?: number;
	readonly priority?: number;
	readonly arguments: Codec<Arguments>;
	readonly result: Codec<Result>;
	readonly channels?: { readonly [Index in keyof Channels]: ChannelOf<Channels[Index]> };
	readonly errors?: DeclaredErrors;
}

/** A method that answers with one value. */
export function unary<Arguments extends readonly unknown[], Result, Channels extends readonly unknown[] = readonly []>(
	options: MethodOptions<Arguments, Result, Channels>,
): Method<Arguments, Result, Channels, "unary"> {
	return define("unary", options);
}

/** A method that answers with a stream. */
export function stream<Arguments extends readonly unknown[], Item, Channels extends readonly unknown[] = readonly []>(
	options: MethodOptions<Arguments, Item, Channels>,
): Method<Arguments, Item, Channels, "stream"> {
	return define("stream", options);
}

export type OneWayOptions<Arguments extends readonly unknown[]> = Omit<
	MethodOptions<Arguments, void>,
	"result" | "channels" | "errors"
>;

/** A method that answers nothing: the caller never learns whether it ran. */
export function oneWay<Arguments extends readonly unknown[]>(
	options: OneWayOptions<Arguments>,
): Method<Arguments, void, readonly [], "one-way"> {
	return define("one-way", { ...options, result: voidCodec });
}

/** A parameter that is a stream. */
export function input<Item>(item: Codec<Item>): Input<Item> {
	return { kind: "input", item };
}

/** A parameter that is a function. `result`: its promise's value, where the function returns a promise. */
export function callback<Arguments extends readonly unknown[], Result = void>(
	args: Codec<Arguments>,
	result?: Codec<Result>,
): Callback<Arguments, Result> {
	return { kind: "callback", arguments: args, result };
}

function define<
	Arguments extends readonly unknown[],
	Result,
	Channels extends readonly unknown[],
	Form extends MethodForm,
>(form: Form, options: MethodOptions<Arguments, Result, Channels>): Method<Arguments, Result, Channels, Form> {
	return {
		name: options.name,
		form,
		schemaHash: options.schemaHash,
		isIdempotent: options.isIdempotent ?? false,
		timeoutMs: options.timeoutMs,
		affinity: options.affinity,
		priority: options.priority,
		arguments: options.arguments,
		result: options.result,
		channels: options.channels ?? ([] as unknown as Method<Arguments, Result, Channels, Form>["channels"]),
		errors: options.errors ?? noErrors,
	};
}

const noErrors: DeclaredErrors = {};

export type AnyMethod = Method<Any, Any, Any, MethodForm>;

/** The service of a method that travels by this name. */
export function serviceOf(method: string): string {
	return method.slice(0, Math.max(0, method.lastIndexOf(".")));
}

/** What a service consists of: its name, its methods by their short names, and a hash of its shape. */
export interface ServiceDescriptor<
	Methods extends Readonly<Record<string, AnyMethod>> = Readonly<Record<string, AnyMethod>>,
> {
	readonly name: string;
	/** Hexadecimal digest of names, forms and types; equal hashes mean equal messages. */
	readonly schemaHash: string;
	readonly methods: Methods;
	/** What the interface's comments say; called by whoever describes the service, and by nobody else. */
	readonly docs?: () => ServiceDocs;
}

type Answer<Form extends MethodForm, Result> = Form extends "stream"
	? AsyncIterable<Result> | Iterable<Result> | Promise<AsyncIterable<Result>>
	: Result | Promise<Result>;

type HandlersOf<Descriptor extends ServiceDescriptor> = {
	readonly [Name in keyof Descriptor["methods"]]: Descriptor["methods"][Name] extends Method<
		infer Arguments,
		infer Result,
		infer Channels,
		infer Form
	>
		? (args: Arguments, context: CallContext, ...channels: Channels) => Answer<Form, Result>
		: never;
};

/** A service and the code that serves it, ready for `server.add()`. */
export interface Service {
	readonly descriptor: ServiceDescriptor;
	readonly handlers: Readonly<Record<string, (args: Any, context: CallContext, ...channels: Any[]) => unknown>>;
	/** What the handlers call: it has all of the methods when the service is added. */
	readonly given?: object | undefined;
}

/**
 * Binds handlers to a descriptor. Generated `xxxService(handlers)` functions call this. `given`: what the handlers call, by the names of
 * the methods.
 */
export function defineService<Descriptor extends ServiceDescriptor>(
	descriptor: Descriptor,
	handlers: HandlersOf<Descriptor>,
	...given: [given?: object]
): Service {
	return given.length === 0 ? { descriptor, handlers } : { descriptor, handlers, given: given[0] };
}
