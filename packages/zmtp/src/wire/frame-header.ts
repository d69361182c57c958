/** RFC 37 (ZMTP 3.1), Framing: flags (1), size (1 or 8, network order). The size is that of the body behind them. */

export const MORE = 0x01;
export const LONG = 0x02;
export const COMMAND = 0x04;

export const shortHeaderBytes = 2;
export const longHeaderBytes = 9;
export const maxShortSize = 255;

/** How long a header is, as far as its first `length` octets tell. */
export function headerBytes(header: Uint8Array, length: number): number {
	return length > 0 && (header[0]! & LONG) !== 0 ? longHeaderBytes : shortHeaderBytes;
}

/** Exact up to 2^53, `Infinity` above: a size that no number holds exactly is refused whatever the limit. */
export function readSize(buffer: Uint8Array, offset: number): number {
	const high =
		((buffer[offset]! << 24) | (buffer[offset + 1]! << 16) | (buffer[offset + 2]! << 8) | buffer[offset + 3]!) >>> 0;
	const low =
		((buffer[offset + 4]! << 24) | (buffer[offset + 5]! << 16) | (buffer[offset + 6]! << 8) | buffer[offset + 7]!) >>>
		0;
	const size = high * 0x1_0000_0000 + low;
	return size > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : size;
}

/** Writes the long header of a frame from `at` on, and returns where its body begins. */
export function writeLongHeader(buffer: Uint8Array, from: number, flags: number, size: number): number {
	let at = from;
	const high = Math.floor(size / 0x1_0000_0000);
	buffer[at++] = flags | LONG;
	buffer[at++] = high >>> 24;
	buffer[at++] = high >>> 16;
	buffer[at++] = high >>> 8;
	buffer[at++] = high;
	buffer[at++] = size >>> 24;
	buffer[at++] = size >>> 16;
	buffer[at++] = size >>> 8;
	buffer[at++] = size;
	return at;
}
