/** Errors that a service declares: their data crosses the wire beside their name, and they are made anew on the other side. */
import { RpcError, reviveServiceError, ServiceError } from "../errors.js";
import { maxErrorBytes } from "../limits.js";
import { encodeWhole } from "./body-writer.js";
import type { Codec } from "./codec.js";
import { pack, unpack } from "./msgpack.js";

// biome-ignore lint/suspicious/noExplicitAny: classes of all data stand side by side; each keeps its own types
type Any = any;

/** An error that a method may throw, as `@throws` declares it. */
export interface DeclaredError {
	readonly type: abstract new (...args: Any[]) => ServiceError<Any>;
	readonly data: Codec<Any>;
}

/** Declared errors by the names that travel. */
export type DeclaredErrors = Readonly<Record<string, DeclaredError>>;

/** What an error's body says of a declared one. */
export interface DeclaredFields {
	readonly name: string;
	/** In the form that the body's codec carries. */
	readonly data: unknown;
}

/** The error's own class goes before one that it extends. */
function declarationOf(error: object, errors: DeclaredErrors): [name: string, DeclaredError] | undefined {
	const declared = Object.entries(errors);
	return (
		declared.find(([, { type }]) => error.constructor === type) ??
		declared.find(([, { type }]) => error instanceof type)
	);
}

export function isDeclared(error: unknown, errors: DeclaredErrors): error is ServiceError<unknown> {
	return error instanceof ServiceError && declarationOf(error, errors) !== undefined;
}

/** Throws `InvalidValue` or `BodyTooLarge` when the data is not what the declaration says. */
export function encodeDeclared(error: unknown, errors: DeclaredErrors, isJson: boolean): DeclaredFields | undefined {
	const found = error instanceof ServiceError ? declarationOf(error, errors) : undefined;
	if (found === undefined) return undefined;
	const [name, { data: codec }] = found;
	const { data } = error as ServiceError<unknown>;
	if (isJson) return { name, data: JSON.parse(codec.encodeJson(data)) as unknown };
	const body = encodeWhole(codec, data, maxErrorBytes);
	return { name, data: unpack(body, 0, body.length) };
}

/** Makes the error anew; `undefined` when it is none of those declared. */
export function reviveDeclared(
	name: string,
	data: unknown,
	message: string,
	errors: DeclaredErrors,
	isJson: boolean,
): RpcError | undefined {
	const declared = Object.hasOwn(errors, name) ? errors[name] : undefined;
	if (declared === undefined) return undefined;
	try {
		if (isJson)
			return reviveServiceError(declared.type, message, declared.data.decodeJson(JSON.stringify(data ?? null)));
		const body = pack(data);
		return reviveServiceError(declared.type, message, declared.data.decode(body, 0, body.length));
	} catch (error) {
		const text = `the server's ${name} has data that the interface does not have: ${(error as Error).message}`;
		return new RpcError("INTERNAL", text, { cause: error });
	}
}
