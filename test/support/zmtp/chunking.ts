import { createRandom, printedSeed } from "./seed.js";

/** A way of cutting a stream into the chunks it may arrive in. */
export interface Chunking {
	readonly name: string;
	cut(octets: Uint8Array): Uint8Array[];
}

const random = createRandom();

/** Whole, octet by octet, and at random places: what every stream test runs through. */
export const chunkings: readonly Chunking[] = [
	{ name: "whole", cut: (octets) => [octets.slice()] },
	{ name: "octet by octet", cut: (octets) => Array.from(octets, (octet) => Uint8Array.of(octet)) },
	{ name: `at random places (${printedSeed})`, cut: (octets) => cutAtRandom(octets, random) },
];

/** Pieces of 1 to 64 octets, now and then much larger ones. */
export function cutAtRandom(octets: Uint8Array, next: () => number): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let at = 0; at < octets.length; ) {
		const longest = next() < 0.1 ? 40_000 : 64;
		const end = Math.min(octets.length, at + 1 + Math.floor(next() * longest));
		pieces.push(octets.slice(at, end));
		at = end;
	}
	return pieces;
}
