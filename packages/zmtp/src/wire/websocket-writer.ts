import type { FrameParts } from "./frame-parts.js";
import { acquireSlab, releaseSlab } from "./slab.js";
import { applyMask, BINARY, maskBytes, zwsOfFlags } from "./websocket.js";

/** Two octets, eight of size, a mask, and the octet of ZWS flags. */
const maxHeadBytes = 2 + 8 + maskBytes + 1;

/** Pieces from this size on are taken by reference, unless they are to be masked. As in `FrameWriter`. Unit: bytes. */
const referencedBytes = 16 * 1024;

const nothing = new Uint8Array(0);

/** Turns frames into the octets of a WebSocket: each becomes one binary message, an octet of flags and the body (RFC 45, Framing). */
export class WebSocketWriter implements FrameParts {
	readonly #nextMask: (() => number) | undefined;
	#buffer: Uint8Array = nothing;
	#start = 0;
	#end = 0;
	#segments: Uint8Array[] = [];
	#slabs: Uint8Array[] = [];
	#mask = 0;
	/** Octets of the frame's payload written so far, its flags included. */
	#at = 0;

	/** `nextMask`: a client's, 32 random bits for each frame; a server has none. */
	constructor(nextMask: (() => number) | undefined) {
		this.#nextMask = nextMask;
	}

	begin(flags: number, size: number): void {
		if (this.#buffer.length - this.#end < maxHeadBytes) this.#nextSlab();
		const buffer = this.#buffer;
		const payload = size + 1;
		const masked = this.#nextMask === undefined ? 0 : 0x80;
		let end = this.#end;
		buffer[end++] = 0x80 | BINARY;
		if (payload < 126) {
			buffer[end++] = masked | payload;
		} else if (payload <= 0xffff) {
			buffer[end++] = masked | 126;
			buffer[end++] = payload >>> 8;
			buffer[end++] = payload;
		} else {
			buffer[end++] = masked | 127;
			new DataView(buffer.buffer, buffer.byteOffset + end).setBigUint64(0, BigInt(payload));
			end += 8;
		}
		if (this.#nextMask !== undefined) {
			const mask = this.#nextMask();
			this.#mask = mask;
			buffer[end++] = mask >>> 24;
			buffer[end++] = mask >>> 16;
			buffer[end++] = mask >>> 8;
			buffer[end++] = mask;
		}
		buffer[end++] = zwsOfFlags(flags) ^ (this.#mask >>> 24);
		this.#end = end;
		this.#at = 1;
	}

	/** Copied, or borrowed until `sent` or the end of what `detach` gave when it is large. */
	body(chunk: Uint8Array, start: number, end: number): void {
		if (this.#nextMask === undefined && end - start >= referencedBytes) {
			this.#cut();
			this.#segments.push(chunk.subarray(start, end));
			return;
		}
		for (let from = start; from < end; ) {
			if (this.#end === this.#buffer.length) this.#nextSlab();
			const to = this.#end;
			const length = Math.min(end - from, this.#buffer.length - to);
			this.#buffer.set(chunk.subarray(from, from + length), to);
			if (this.#nextMask !== undefined) applyMask(this.#buffer, to, to + length, this.#mask, this.#at);
			this.#at += length;
			this.#end += length;
			from += length;
		}
	}

	/** Everything written, for sending. The array is the writer's own, borrowed until `sent` or `detach`. */
	pending(): readonly Uint8Array[] {
		this.#cut();
		return this.#segments;
	}

	/** The pending octets have been copied elsewhere. */
	sent(): void {
		for (const slab of this.detach()) releaseSlab(slab);
	}

	/** The pending octets are still being read: returns the slabs to release when they are no longer. */
	detach(): readonly Uint8Array[] {
		const slabs = this.#slabs;
		this.#slabs = [];
		this.#segments = [];
		this.#buffer = nothing;
		this.#start = 0;
		this.#end = 0;
		return slabs;
	}

	#cut(): void {
		if (this.#end > this.#start) this.#segments.push(this.#buffer.subarray(this.#start, this.#end));
		this.#start = this.#end;
	}

	#nextSlab(): void {
		this.#cut();
		this.#buffer = acquireSlab();
		this.#slabs.push(this.#buffer);
		this.#start = 0;
		this.#end = 0;
	}
}
