import { allocate, type Octets } from "./octets.js";

/** Size of the buffers that small frames are gathered in. Unit: bytes. One write of a busy connection is about this large. */
export const slabBytes = 64 * 1024;

/** Most free slabs kept for reuse, all connections together: 64 x 64 KiB = 4 MiB. */
const keptSlabs = 64;

const free: Octets[] = [];

/** A slab of undefined content. Owned by the caller until `releaseSlab`. */
export function acquireSlab(): Octets {
	return free.pop() ?? allocate(slabBytes);
}

/** Gives a slab back. Nothing may refer to it any more. Buffers of another size are ignored. */
export function releaseSlab(slab: Uint8Array): void {
	if (slab.length === slabBytes && free.length < keptSlabs) free.push(slab as Octets);
}
