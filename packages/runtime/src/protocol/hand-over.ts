/**
 * Handing a call over: to whoever shows the key that a hop was told of (delegation), or to another method (a tail call). The
 * caller cannot tell; its envelope stays with the hop that has the call in its care.
 */
import { randomBytes } from "node:crypto";
import { notStarted, type RpcError } from "../errors.js";
import type { IncomingMessage } from "../link/link.js";
import { Flag, Kind } from "./header.js";
import { pack, unpack } from "./msgpack.js";

declare const answers: unique symbol;

/**
 * The right to answer one call, once, until it expires: a text that may be stored, or sent to any process that reaches the
 * same server or queue. Whoever has it can answer, so it is a secret of those who may.
 */
export type ReplyTo<Result> = string & { readonly [answers]?: Result };

/** What a `ReplyTo` says. */
export interface Delegation {
	readonly method: string;
	readonly key: Uint8Array;
	/** The caller wants JSON. */
	readonly isJson: boolean;
}

/** Long enough that nobody guesses one. Unit: bytes. */
export const keyBytes = 16;

export function makeKey(): Uint8Array {
	return randomBytes(keyBytes);
}

export function encodeReplyTo<Result>({ method, key, isJson }: Delegation): ReplyTo<Result> {
	return Buffer.from(pack([method, key, isJson])).toString("base64url");
}

/** Throws INVALID_ARGUMENT when the text is none. */
export function decodeReplyTo(text: string): Delegation {
	try {
		const octets = Buffer.from(text, "base64url");
		const [method, key, isJson] = unpack(octets, 0, octets.length) as readonly unknown[];
		if (typeof method === "string" && key instanceof Uint8Array && key.length === keyBytes) {
			return { method, key, isJson: isJson === true };
		}
	} catch {
		// Said below.
	}
	throw notStarted("INVALID_ARGUMENT", "this is no ReplyTo");
}

/** DELEGATE's body. */
export interface DelegateBody {
	readonly key: Uint8Array;
	/** How long the hop keeps the call. Unit: ms. */
	readonly expiresMs: number;
}

export function encodeDelegate(body: DelegateBody): Uint8Array {
	return pack(body);
}

/** `undefined` when it makes no sense. */
export function readDelegate(message: IncomingMessage, body: number): DelegateBody | undefined {
	if (body >= message.count) return undefined;
	try {
		const value = unpack(message.buffers[body]!, message.starts[body]!, message.ends[body]!) as Partial<DelegateBody>;
		const { key, expiresMs } = value;
		if (!(key instanceof Uint8Array) || key.length !== keyBytes) return undefined;
		if (typeof expiresMs !== "number" || !(expiresMs > 0)) return undefined;
		return { key: Uint8Array.from(key), expiresMs };
	} catch {
		return undefined;
	}
}

const statusAt = 6;
const keyAt = 7;
/** What DELIVER's header has. */
export const deliverHeaderBytes = keyAt + keyBytes;

/** DELIVER's header: an answer from somebody who shows the key. `status`: of an error, 0 for a result. */
export function encodeDeliver(key: Uint8Array, status: number, isJson: boolean): Uint8Array {
	const header = new Uint8Array(deliverHeaderBytes);
	header[0] = Kind.DELIVER;
	header[1] = isJson ? Flag.JSON : 0;
	header[statusAt] = status;
	header.set(key, keyAt);
	return header;
}

export interface Delivery {
	readonly status: number;
	readonly flags: number;
	/** The key, as it is looked up. */
	readonly key: string;
}

/** Whether a message whose data starts with frame `first` is a DELIVER. */
export function isDelivery(message: IncomingMessage, first: number): boolean {
	return (
		message.count === first + 2 &&
		message.size(first) === deliverHeaderBytes &&
		message.buffers[first]![message.starts[first]!] === Kind.DELIVER
	);
}

/** `undefined` when it is too short, or too long, to be one. */
export function readDeliver(buffer: Uint8Array, start: number, end: number): Delivery | undefined {
	if (end - start !== deliverHeaderBytes) return undefined;
	return {
		flags: buffer[start + 1]!,
		status: buffer[start + statusAt]!,
		key: nameOfKey(buffer.subarray(start + keyAt, end)),
	};
}

export function nameOfKey(key: Uint8Array): string {
	return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}

export function nobodyWaits(): RpcError {
	return notStarted(
		"NOT_FOUND",
		"nobody waits for this answer: it was given, cancelled, has expired, or waits elsewhere",
	);
}
