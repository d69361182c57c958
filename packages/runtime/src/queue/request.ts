import type { IncomingMessage } from "../link/link.js";
import { frameHeadBytes } from "../link/link.js";
import { type Body, bodySize, wholeBody } from "../protocol/body.js";
import { takeBody } from "../protocol/body-reader.js";
import type { KeptEnvelope } from "../protocol/envelope.js";
import { KeptBlock } from "../protocol/kept-block.js";
import { copyFrames, startOfShortFrames } from "../protocol/short-frames.js";

/** Header and body of a call that may have to be sent later, or again. Owned by the call. */
export interface Request {
	readonly header: Uint8Array;
	readonly body: Body;
	/** Unit: bytes. */
	readonly size: number;
}

/** That of a message, whose header is frame `header`. */
export function takeRequest(message: IncomingMessage, header: number): Request {
	const octets = message.take(header);
	const body = takeBody(message, header + 1);
	return { header: octets, body, size: octets.length + bodySize(body) };
}

/** Of some twenty small calls; one that is kept for long keeps it. Unit: bytes. */
const blockBytes = 2048;
const block = new KeptBlock(blockBytes);

/** A whole call of short frames, as it came: its envelope, which it is, and behind it header and body. */
export class KeptCall implements KeptEnvelope, Request {
	declare readonly memory: DataView;
	declare readonly start: number;
	/** Of the envelope; there the request begins. */
	declare readonly end: number;
	/** Behind its body. */
	declare readonly requestEnd: number;

	constructor(memory: DataView, start: number, end: number, requestEnd: number) {
		this.memory = memory;
		this.start = start;
		this.end = end;
		this.requestEnd = requestEnd;
	}

	get header(): Uint8Array {
		return new Uint8Array(this.memory.buffer, this.end + frameHeadBytes, this.#headerSize);
	}

	get body(): Body {
		const start = this.end + 2 * frameHeadBytes + this.#headerSize;
		return wholeBody(new Uint8Array(this.memory.buffer, start, this.requestEnd - start));
	}

	get size(): number {
		return this.requestEnd - this.end - 2 * frameHeadBytes;
	}

	get #headerSize(): number {
		return this.memory.getUint8(this.end + 1);
	}
}

/** Copies a call; `undefined` when its frames are other than such a one's. */
export function keepCall(message: IncomingMessage, delimiter: number): KeptCall | undefined {
	const last = delimiter + 2;
	const source = message.count === last + 1 ? startOfShortFrames(message, 0, last) : -1;
	if (source === -1) return undefined;
	const sourceEnd = message.ends[last]!;
	const start = block.allot(sourceEnd - source);
	const { memory } = block;
	copyFrames(message.dataView(0), source, sourceEnd, memory, start);
	const shift = start - source;
	return new KeptCall(memory, start, message.ends[delimiter]! + shift, sourceEnd + shift);
}
