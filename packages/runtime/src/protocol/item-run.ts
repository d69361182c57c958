/** Several items of a stream as one body: each behind two octets of its size. */
import { maxRunBytes } from "../limits.js";

/** In front of each item. */
export const itemHeadBytes = 2;

export function writeItemSize(buffer: Uint8Array, at: number, size: number): void {
	buffer[at] = size >>> 8;
	buffer[at + 1] = size;
}

export function readItemSize(buffer: Uint8Array, at: number): number {
	return (buffer[at]! << 8) | buffer[at + 1]!;
}

/** Whether what lies from `start` to `end` is one item or more and nothing else, by their sizes, and no more than may be. */
export function isRun(buffer: Uint8Array, start: number, end: number): boolean {
	if (end - start > maxRunBytes || end === start) return false;
	let at = start;
	while (at + itemHeadBytes <= end) at += itemHeadBytes + readItemSize(buffer, at);
	return at === end;
}
