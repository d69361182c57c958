/**
 * Rendezvous hashing: of several servers, each key wants the one with which it scores highest. When a server goes, only its
 * own keys move, each to the one it scored second with; when it is back, they come back, and no others.
 */
import { pack } from "../protocol/msgpack.js";

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** A hash of anything that can be an argument: equal values have equal hashes, in every process. Unsigned, 32 bits. */
export function hashOf(value: unknown): number {
	if (typeof value === "string") {
		let hash = fnvOffset;
		for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), fnvPrime);
		return hash >>> 0;
	}
	const octets = value instanceof Uint8Array ? value : octetsOf(value);
	let hash = fnvOffset;
	for (let i = 0; i < octets.length; i++) hash = Math.imul(hash ^ octets[i]!, fnvPrime);
	return hash >>> 0;
}

/** How much a key wants a server. Unsigned, 32 bits. */
export function scoreOf(keyHash: number, serverHash: number): number {
	// The last steps of MurmurHash3: every bit of both has its part in every bit of the score.
	let score = Math.imul(keyHash, 0x9e3779b1) ^ serverHash;
	score = Math.imul(score ^ (score >>> 16), 0x85ebca6b);
	score = Math.imul(score ^ (score >>> 13), 0xc2b2ae35);
	return (score ^ (score >>> 16)) >>> 0;
}

function octetsOf(value: unknown): Uint8Array {
	try {
		return pack(value);
	} catch {
		// It cannot be sent either; the caller will hear of that.
		return new Uint8Array(0);
	}
}
