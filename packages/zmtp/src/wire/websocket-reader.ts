import { ZmtpError } from "../errors.js";
import type { FrameParts } from "./frame-parts.js";
import { COMMAND, MORE, readSize } from "./frame-reader.js";
import { applyMask, BINARY, CLOSE, maskBytes, maxControlBytes, PING, PONG } from "./websocket.js";

export interface WebSocketControls {
	/** A control frame: its opcode and payload, owned by the callee. */
	onControl(opcode: number, payload: Uint8Array): void;
}

/** Two octets, eight of size, a mask, and the octet of ZWS flags. */
const maxHeadBytes = 2 + 8 + maskBytes + 1;

/** RFC 45, Framing: the first octet of a message. */
const zwsFlags: readonly (number | undefined)[] = [0, MORE, COMMAND];

/**
 * Takes the octets of a WebSocket apart into ZMTP frames, as they come: nothing is kept of a body, so nothing is allocated
 * for one, and whoever the frames go to checks their sizes.
 */
export class WebSocketReader {
	readonly #isMasked: boolean;
	readonly #frames: FrameParts;
	readonly #controls: WebSocketControls;
	readonly #head = new Uint8Array(maxHeadBytes);
	#headLength = 0;
	#headSize = 2;
	/** Size of the payload, and how much of it went by. */
	#size = 0;
	#at = 0;
	#isInPayload = false;
	#mask = 0;
	/** Payload of the control frame that is coming in. */
	#control: Uint8Array | undefined;
	#isClosed = false;

	/** `isMasked`: whether the peer is the client. */
	constructor(isMasked: boolean, frames: FrameParts, controls: WebSocketControls) {
		this.#isMasked = isMasked;
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
			if (this.#isInPayload) {
				position = this.#payload(chunk, position);
				continue;
			}
			this.#head[this.#headLength++] = chunk[position++]!;
			const error = this.#look();
			if (error !== undefined) return error;
		}
		return undefined;
	}

	/** Looks at the head as soon as there is something new to see in it. */
	#look(): ZmtpError | undefined {
		const head = this.#head;
		const length = this.#headLength;
		const opcode = head[0]! & 0x0f;
		const sizeEnd = 2 + sizeBytes(head[1]!);
		if (length === 2) {
			this.#headSize = sizeEnd + (this.#isMasked ? maskBytes : 0) + (opcode === BINARY ? 1 : 0);
			const error = this.#checkStart(head[0]!, head[1]!);
			if (error !== undefined) return error;
		}
		if (length === sizeEnd) {
			const error = this.#checkSize(opcode);
			if (error !== undefined) return error;
		}
		return length >= 2 && length === this.#headSize ? this.#begin(opcode, sizeEnd) : undefined;
	}

	#checkStart(first: number, second: number): ZmtpError | undefined {
		const opcode = first & 0x0f;
		const isFinal = (first & 0x80) !== 0;
		if ((first & 0x70) !== 0) return malformed("it uses an extension, and none was agreed on");
		if (((second & 0x80) !== 0) !== this.#isMasked)
			return malformed("a client masks its frames, and a server does not");
		if (opcode === CLOSE || opcode === PING || opcode === PONG) {
			return isFinal && (second & 0x7f) <= maxControlBytes
				? undefined
				: malformed("a control frame is short and whole");
		}
		if (opcode === 0 || opcode === 1) return unsupported(opcode === 0 ? "fragments" : "text");
		if (opcode !== BINARY) return malformed("its opcode is not defined");
		return isFinal ? undefined : unsupported("fragments");
	}

	/** RFC 6455, Base Framing Protocol: the shortest form of a size is the only one, and its highest bit is zero. */
	#checkSize(opcode: number): ZmtpError | undefined {
		const head = this.#head;
		const short = head[1]! & 0x7f;
		if (short < 126) {
			this.#size = short;
			return opcode === BINARY && short === 0
				? malformed("a message of ZWS has at least its octet of flags")
				: undefined;
		}
		this.#size = short === 126 ? (head[2]! << 8) | head[3]! : readSize(head, 2);
		if (short === 127 && (head[2]! & 0x80) !== 0) return malformed("its size is negative");
		if (this.#size === Number.POSITIVE_INFINITY)
			return new ZmtpError("ZMTP_FRAME_TOO_LARGE", "a frame exceeds 2^53 bytes");
		return this.#size > (short === 126 ? 125 : 0xffff) ? undefined : malformed("its size is not in its shortest form");
	}

	#begin(opcode: number, sizeEnd: number): ZmtpError | undefined {
		const head = this.#head;
		if (this.#isMasked) {
			this.#mask = (head[sizeEnd]! << 24) | (head[sizeEnd + 1]! << 16) | (head[sizeEnd + 2]! << 8) | head[sizeEnd + 3]!;
		}
		this.#headLength = 0;
		this.#headSize = 2;
		this.#at = opcode === BINARY ? 1 : 0;
		this.#isInPayload = this.#at < this.#size;
		if (opcode !== BINARY) {
			this.#control = new Uint8Array(this.#size);
			if (!this.#isInPayload) this.#endControl(opcode);
			return undefined;
		}
		this.#control = undefined;
		const flags = zwsFlags[head[sizeEnd + (this.#isMasked ? maskBytes : 0)]! ^ (this.#mask >>> 24)];
		if (flags === undefined) return malformed("its octet of ZWS flags is none of 0, 1 and 2");
		this.#frames.begin(flags, this.#size - 1);
		return undefined;
	}

	/** Hands on what the chunk has of the payload. Returns where that ends. */
	#payload(chunk: Uint8Array, position: number): number {
		const end = Math.min(chunk.length, position + this.#size - this.#at);
		if (this.#isMasked) applyMask(chunk, position, end, this.#mask, this.#at);
		const control = this.#control;
		if (control === undefined) this.#frames.body(chunk, position, end);
		else control.set(chunk.subarray(position, end), this.#at);
		this.#at += end - position;
		this.#isInPayload = this.#at < this.#size;
		if (control !== undefined && !this.#isInPayload) this.#endControl(this.#head[0]! & 0x0f);
		return end;
	}

	#endControl(opcode: number): void {
		this.#isClosed = opcode === CLOSE;
		this.#controls.onControl(opcode, this.#control!);
	}
}

function sizeBytes(second: number): number {
	const short = second & 0x7f;
	return short < 126 ? 0 : short === 126 ? 2 : 8;
}

function malformed(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_WEBSOCKET_MALFORMED", `the peer's WebSocket frame is malformed: ${reason}`);
}

function unsupported(what: string): ZmtpError {
	return new ZmtpError("ZMTP_WEBSOCKET_UNSUPPORTED", `the peer sent ${what}; ZWS has whole binary messages only`);
}
