/**
 * Handing a call over: to whoever shows the key that a hop was told of (delegation), or to another method (a tail call). The
 * caller cannot tell; its envelope stays with the hop that has the call in its care.
 */
import { platform } from "#platform";
import { notStarted, type RpcError } from "../errors.js";
import type { IncomingMessage } from "../link/link.js";
import { framesOf, type KeptEnvelope } from "./envelope.js";
import { Flag, Kind } from "./header.js";
import { pack, unpack } from "./msgpack.js";
import { maxRouteBytes, noRoute } from "./route.js";
import { tokenBytes } from "./token.js";

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
	/** Addresses of the call at the hops that it came through, written as a route: an answer may be there before they know the key. */
	readonly way: Uint8Array;
}

/** Long enough that nobody guesses one. Unit: bytes. */
export const keyBytes = 16;

export function makeKey(): Uint8Array {
	return crypto.getRandomValues(new Uint8Array(keyBytes));
}

/** The way back that a server has been told, without what is no address of ours: callers put into an envelope what they like. */
export function wayOf(envelope: KeptEnvelope): Uint8Array {
	const way: number[] = [];
	for (const frame of framesOf(envelope)) if (frame.length === tokenBytes) way.push(tokenBytes, ...frame);
	return Uint8Array.from(way);
}

export function encodeReplyTo<Result>({ method, key, isJson, way }: Delegation): ReplyTo<Result> {
	return platform.encodeBase64url(pack([method, key, isJson, way]));
}

/** Throws INVALID_ARGUMENT when the text is none. */
export function decodeReplyTo(text: string): Delegation {
	try {
		const octets = platform.decodeBase64url(text);
		const [method, key, isJson, way] = unpack(octets, 0, octets.length) as readonly unknown[];
		if (
			typeof method === "string" &&
			key instanceof Uint8Array &&
			key.length === keyBytes &&
			way instanceof Uint8Array &&
			way.length <= maxRouteBytes
		) {
			return { method, key, isJson: isJson === true, way };
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
const wayAt = keyAt + keyBytes;

/** DELIVER's header: an answer from somebody who shows the key. `status`: of an error, 0 for a result. */
export function encodeDeliver(key: Uint8Array, status: number, isJson: boolean, way: Uint8Array = noRoute): Uint8Array {
	const header = new Uint8Array(wayAt + way.length);
	header[0] = Kind.DELIVER;
	header[1] = isJson ? Flag.JSON : 0;
	header[statusAt] = status;
	header.set(key, keyAt);
	header.set(way, wayAt);
	return header;
}

export interface Delivery {
	readonly status: number;
	readonly flags: number;
	/** The key, as it is looked up. */
	readonly key: string;
	/** Where the call's addresses start in the header; up to its end. */
	readonly wayStart: number;
}

/** Whether a message whose data starts with frame `first` is a DELIVER. */
export function isDelivery(message: IncomingMessage, first: number): boolean {
	const size = message.size(first);
	return (
		message.count >= first + 2 &&
		size >= wayAt &&
		size <= wayAt + maxRouteBytes &&
		message.buffers[first]![message.starts[first]!] === Kind.DELIVER &&
		// Nothing lies beside an error.
		(message.count === first + 2 || message.buffers[first]![message.starts[first]! + statusAt] === 0)
	);
}

/** Reads the header of what `isDelivery`. */
export function readDeliver(message: IncomingMessage, header: number): Delivery {
	const buffer = message.buffers[header]!;
	const start = message.starts[header]!;
	return {
		flags: buffer[start + 1]!,
		status: buffer[start + statusAt]!,
		key: nameOfKey(buffer.subarray(start + keyAt, start + wayAt)),
		wayStart: start + wayAt,
	};
}

export function nameOfKey(key: Uint8Array): string {
	return String.fromCharCode(...key);
}

export function nobodyWaits(): RpcError {
	return notStarted(
		"NOT_FOUND",
		"nobody waits for this answer: it was given, cancelled, has expired, or waits elsewhere",
	);
}
