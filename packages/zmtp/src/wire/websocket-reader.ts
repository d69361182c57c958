import { ZmtpError } from "../errors.js";
import { readSize } from "./frame-header.js";
import type { FrameParts } from "./frame-parts.js";
import {
	applyMask,
	BINARY,
	CLOSE,
	CONTINUATION,
	flagsOfZws,
	maskBytes,
	maxControlBytes,
	PING,
	PONG,
	TEXT,
} from "./websocket.js";

export interface WebSocketControls {
	/** A control frame: its opcode and payload, owned by the callee. */
	onControl(opcode: number, payload: Uint8Array): void;
}

/** Two octets, eight of size, a mask, and the octet of ZWS flags. */
const maxHeadBytes = 2 + 8 + maskBytes + 1;

/**
 * Takes the octets of a WebSocket apart into ZMTP frames, as they come: nothing is kept of a body, so nothing is allocated
 * for one, and whoever the frames go to checks their sizes. Only messages in fragments, which browsers make of large ones,
 * have to be collected, for until the last one nobody knows their size.
 */
export class WebSocketReader {
	readonly #isMasked: boolean;
	readonly #frames: FrameParts;
	readonly #controls: WebSocketControls;
	readonly #head = new Uint8Array(maxHeadBytes);
	#headLength = 0;
	#headSize = 2;
	#opcode = 0;
	#isFinal = true;
	/** Size of the payload, and how much of it went by. */
	#size = 0;
	#at = 0;
	#isInPayload = false;
	#mask = 0;
	/** What the payload is collected in: a control frame's own, or that of all fragments so far. */
	#collected: Collector | undefined;
	#fragments: Collector | undefined;
	#maxFragmentedBytes: number;
	#isTrusted = false;
	/** Whether the reader waits for `trust`, for a fragment came that only a trusted peer may send. Chunks are kept then. */
	isHeld = false;
	#held: Uint8Array[] = [];
	#isClosed = false;

	/**
	 * `isMasked`: whether the peer is the client. `maxFragmentedBytes`: most octets collected of a message in fragments before
	 * `trust`; what is above has to wait.
	 */
	constructor(isMasked: boolean, maxFragmentedBytes: number, frames: FrameParts, controls: WebSocketControls) {
		this.#isMasked = isMasked;
		this.#maxFragmentedBytes = maxFragmentedBytes;
		this.#frames = frames;
		this.#controls = controls;
	}

	/**
	 * Takes the next chunk, owned from here on: it is unmasked in place. What follows a Close frame is not looked at.
	 * Returns an error when the peer broke the rules; nothing more can be read then.
	 */
	push(chunk: Uint8Array): ZmtpError | undefined {
		let position = 0;
		while (position < chunk.length && !this.#isClosed) {
			if (this.isHeld) {
				this.#held.push(chunk.subarray(position));
				return undefined;
			}
			let error: ZmtpError | undefined;
			if (this.#isInPayload) {
				const end = Math.min(chunk.length, position + this.#size - this.#at);
				error = this.#payload(chunk, position, end);
				position = end;
			} else {
				this.#head[this.#headLength++] = chunk[position++]!;
				error = this.#look();
			}
			if (error !== undefined) return error;
		}
		return undefined;
	}

	/** From now on so much may come in fragments, and more is an error. Goes on with what was held and returns as `push`. */
	trust(maxFragmentedBytes: number): ZmtpError | undefined {
		this.#isTrusted = true;
		this.#maxFragmentedBytes = maxFragmentedBytes;
		if (!this.isHeld) return undefined;
		this.isHeld = false;
		const held = this.#held;
		this.#held = [];
		let error = this.#checkFragments();
		for (let i = 0; i < held.length && error === undefined; i++) error = this.push(held[i]!);
		return error;
	}

	/** Looks at the head as soon as there is something new to see in it. */
	#look(): ZmtpError | undefined {
		const head = this.#head;
		const length = this.#headLength;
		const sizeEnd = 2 + sizeBytes(head[1]!);
		if (length === 2) {
			this.#opcode = head[0]! & 0x0f;
			this.#isFinal = (head[0]! & 0x80) !== 0;
			const hasFlags = this.#opcode === BINARY && this.#isFinal;
			this.#headSize = sizeEnd + (this.#isMasked ? maskBytes : 0) + (hasFlags ? 1 : 0);
			const error = this.#checkStart(head[0]!, head[1]!);
			if (error !== undefined) return error;
		}
		if (length === sizeEnd) {
			const error = this.#checkSize();
			if (error !== undefined) return error;
		}
		return length >= 2 && length === this.#headSize ? this.#begin(sizeEnd) : undefined;
	}

	#checkStart(first: number, second: number): ZmtpError | undefined {
		if ((first & 0x70) !== 0) return malformed("it uses an extension, and none was agreed on");
		if ((second & 0x80) >> 7 !== Number(this.#isMasked)) {
			return malformed("a client masks its frames, and a server does not");
		}
		switch (this.#opcode) {
			case CLOSE:
			case PING:
			case PONG:
				return this.#isFinal && (second & 0x7f) <= maxControlBytes
					? undefined
					: malformed("a control frame is short and whole");
			case BINARY:
				return this.#fragments === undefined ? undefined : malformed("a message begins within another");
			case CONTINUATION:
				return this.#fragments === undefined ? malformed("a fragment has no beginning") : undefined;
			case TEXT:
				return new ZmtpError("ZMTP_WEBSOCKET_UNSUPPORTED", "the peer sent text; ZWS has binary messages only");
			default:
				return malformed("its opcode is not defined");
		}
	}

	/** RFC 6455, Base Framing Protocol: the shortest form of a size is the only one, and its highest bit is zero. */
	#checkSize(): ZmtpError | undefined {
		const head = this.#head;
		const short = head[1]! & 0x7f;
		this.#size = short < 126 ? short : short === 126 ? (head[2]! << 8) | head[3]! : readSize(head, 2);
		if (short === 127 && (head[2]! & 0x80) !== 0) return malformed("its size is negative");
		if (short >= 126 && this.#size <= (short === 126 ? 125 : 0xffff)) {
			return malformed("its size is not in its shortest form");
		}
		if (this.#isFragment) return this.#checkFragments();
		if (this.#opcode === BINARY && this.#size === 0) return empty();
		return this.#size === Number.POSITIVE_INFINITY ? tooLarge("2^53 bytes") : undefined;
	}

	/** Who may not send so much yet is not refused: the connection may be about to trust it. */
	#checkFragments(): ZmtpError | undefined {
		if (this.#size + (this.#fragments?.length ?? 0) <= this.#maxFragmentedBytes) return undefined;
		if (this.#isTrusted) return tooLarge(`${this.#maxFragmentedBytes} bytes in fragments`);
		this.isHeld = true;
		return undefined;
	}

	#begin(sizeEnd: number): ZmtpError | undefined {
		const head = this.#head;
		if (this.#isMasked) {
			this.#mask = (head[sizeEnd]! << 24) | (head[sizeEnd + 1]! << 16) | (head[sizeEnd + 2]! << 8) | head[sizeEnd + 3]!;
		}
		this.#headLength = 0;
		this.#headSize = 2;
		this.#at = 0;
		if (this.#opcode === BINARY && this.#isFinal) {
			this.#collected = undefined;
			this.#at = 1;
			this.#isInPayload = this.#size > 1;
			return this.#frame(head[sizeEnd + (this.#isMasked ? maskBytes : 0)]! ^ (this.#mask >>> 24), this.#size - 1);
		}
		if (this.#isFragment) this.#fragments ??= new Collector();
		this.#collected = this.#isFragment ? this.#fragments : new Collector();
		this.#isInPayload = this.#size > 0;
		return this.#isInPayload ? undefined : this.#endCollected();
	}

	#payload(chunk: Uint8Array, start: number, end: number): ZmtpError | undefined {
		if (this.#isMasked) applyMask(chunk, start, end, this.#mask, this.#at);
		if (this.#collected === undefined) this.#frames.body(chunk, start, end);
		else this.#collected.append(chunk, start, end);
		this.#at += end - start;
		this.#isInPayload = this.#at < this.#size;
		return this.#isInPayload || this.#collected === undefined ? undefined : this.#endCollected();
	}

	/** A control frame's payload, or a fragment's, is there. */
	#endCollected(): ZmtpError | undefined {
		const payload = this.#collected!.octets;
		if (!this.#isFragment) {
			this.#isClosed = this.#opcode === CLOSE;
			this.#controls.onControl(this.#opcode, payload);
			return undefined;
		}
		if (!this.#isFinal) return undefined;
		this.#fragments = undefined;
		if (payload.length === 0) return empty();
		const error = this.#frame(payload[0]!, payload.length - 1);
		if (error === undefined && payload.length > 1) this.#frames.body(payload, 1, payload.length);
		return error;
	}

	#frame(zwsFlags: number, size: number): ZmtpError | undefined {
		const flags = flagsOfZws(zwsFlags);
		if (flags === undefined) return malformed("its octet of ZWS flags is none of 0, 1 and 2");
		this.#frames.begin(flags, size);
		return undefined;
	}

	get #isFragment(): boolean {
		return this.#opcode === CONTINUATION || (this.#opcode === BINARY && !this.#isFinal);
	}
}

/** Octets put together. Memory follows what has arrived: it doubles. */
class Collector {
	#memory = new Uint8Array(0);
	length = 0;

	append(chunk: Uint8Array, start: number, end: number): void {
		const needed = this.length + end - start;
		if (needed > this.#memory.length) {
			const larger = new Uint8Array(Math.max(needed, 2 * this.#memory.length));
			larger.set(this.octets);
			this.#memory = larger;
		}
		this.#memory.set(chunk.subarray(start, end), this.length);
		this.length = needed;
	}

	get octets(): Uint8Array {
		return this.#memory.subarray(0, this.length);
	}
}

function sizeBytes(second: number): number {
	const short = second & 0x7f;
	return short < 126 ? 0 : short === 126 ? 2 : 8;
}

function malformed(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_WEBSOCKET_MALFORMED", `the peer's WebSocket frame is malformed: ${reason}`);
}

function empty(): ZmtpError {
	return malformed("a message of ZWS has at least its octet of flags");
}

function tooLarge(bound: string): ZmtpError {
	return new ZmtpError("ZMTP_FRAME_TOO_LARGE", `the peer's frame exceeds ${bound}`);
}
