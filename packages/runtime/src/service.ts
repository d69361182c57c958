import type { CallContext } from "./call-context.js";
import { type Codec, voidCodec } from "./protocol/codec.js";

/** How a method talks: one reply, or none. */
export type MethodForm = "unary" | "one-way";

/**
 * One method of a service, as the two stubs share it.
 *
 * `name` is what travels: `"Service.method"`, 1-255 octets of UTF-8.
 */
export interface Method<Arguments extends readonly unknown[], Result> {
	readonly name: string;
	readonly form: MethodForm;
	/** May be executed more than once for one call: the queue gives it to another worker when its worker dies. */
	readonly isIdempotent: boolean;
	/** Time a call of it may take when the caller names none. Unit: ms. Default: the connection's. */
	readonly timeoutMs: number | undefined;
	readonly arguments: Codec<Arguments>;
	readonly result: Codec<Result>;
}

export interface UnaryOptions<Arguments extends readonly unknown[], Result> {
	readonly name: string;
	readonly isIdempotent?: boolean;
	readonly timeoutMs?: number;
	readonly arguments: Codec<Arguments>;
	readonly result: Codec<Result>;
}

/** A method that answers with one value. */
export function unary<Arguments extends readonly unknown[], Result>(
	options: UnaryOptions<Arguments, Result>,
): Method<Arguments, Result> {
	return {
		name: options.name,
		form: "unary",
		isIdempotent: options.isIdempotent ?? false,
		timeoutMs: options.timeoutMs,
		arguments: options.arguments,
		result: options.result,
	};
}

export type OneWayOptions<Arguments extends readonly unknown[]> = Omit<UnaryOptions<Arguments, void>, "result">;

/** A method that answers nothing: the caller never learns whether it ran. */
export function oneWay<Arguments extends readonly unknown[]>(
	options: OneWayOptions<Arguments>,
): Method<Arguments, void> {
	return { ...unary({ ...options, result: voidCodec }), form: "one-way" };
}

/** What a service consists of: its name, its methods by their short names, and a hash of its shape. */
export interface ServiceDescriptor<
	// biome-ignore lint/suspicious/noExplicitAny: methods of all shapes stand side by side; each keeps its own types
	Methods extends Readonly<Record<string, Method<any, any>>> = Readonly<Record<string, Method<any, any>>>,
> {
	readonly name: string;
	/** Hexadecimal digest of names, forms and types; equal hashes mean equal messages. */
	readonly schemaHash: string;
	readonly methods: Methods;
}

type HandlersOf<Descriptor extends ServiceDescriptor> = {
	readonly [Name in keyof Descriptor["methods"]]: Descriptor["methods"][Name] extends Method<
		infer Arguments,
		infer Result
	>
		? (args: Arguments, context: CallContext) => Result | Promise<Result>
		: never;
};

/** A service and the code that serves it, ready for `server.add()`. */
export interface Service {
	readonly descriptor: ServiceDescriptor;
	// biome-ignore lint/suspicious/noExplicitAny: see ServiceDescriptor
	readonly handlers: Readonly<Record<string, (args: any, context: CallContext) => unknown>>;
}

/** Binds handlers to a descriptor. Generated `xxxService(handlers)` functions call this. */
export function defineService<Descriptor extends ServiceDescriptor>(
	descriptor: Descriptor,
	handlers: HandlersOf<Descriptor>,
): Service {
	return { descriptor, handlers };
}
