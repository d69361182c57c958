/**
 * Rules of this file: no I/O, no promise, no exception once traffic flows; what a peer does wrong is a returned error.
 * A chunk is walked once. Frames that lie whole in it are ranges of it; only a frame that a chunk boundary cuts is
 * copied, into memory of its own. Every declared size is checked before anything is allocated for it.
 */
import { ZmtpError } from "../errors.js";
import type { Limits } from "../limits.js";
import { CutFrame } from "./cut-frame.js";
import { COMMAND, LONG, longHeaderBytes, MORE, readSize } from "./frame-header.js";
import { Message } from "./message.js";
import { copy } from "./octets.js";

export interface FrameSink {
	/** One whole message. Borrowed until return. */
	onMessage(message: Message): void;
	/** The body of a command frame: `buffer` from `start` to `end`. Borrowed until return. */
	onCommand(buffer: Uint8Array, start: number, end: number): void;
}

export class FrameReader {
	readonly #sink: FrameSink;
	readonly #limits: Limits;
	readonly #message = new Message();
	#messageBytes = 0;

	/** Whether messages are legal yet: before the handshake is done only commands are. */
	acceptsMessages = false;
	#isHalted = false;
	#isStopped = false;
	/** Chunks that arrived, or were left over, while halted. */
	#backlog: Uint8Array[] = [];
	/** Octets in them. */
	keptBytes = 0;

	/** The frame that the last chunk's end cut. */
	readonly #cut = new CutFrame();
	/** Who takes what is not read yet, and all that comes after it. */
	#successor: ((chunk: Uint8Array) => ZmtpError | undefined) | undefined;

	constructor(sink: FrameSink, limits: Limits) {
		this.#sink = sink;
		// A literal: these are read for every frame, and whatever object they come in may be slow to read from.
		const { maxFrameBytes, maxMessageBytes, maxFramesPerMessage, maxCommandBytes } = limits;
		this.#limits = {
			// No number holds a larger size, which is therefore none.
			maxFrameBytes: Math.min(maxFrameBytes, Number.MAX_SAFE_INTEGER),
			maxMessageBytes,
			maxFramesPerMessage,
			maxCommandBytes,
		};
	}

	/** Stops after the message being delivered; what has been received stays here. */
	halt(): void {
		this.#isHalted = true;
	}

	/**
	 * Reads nothing from the next frame on: all octets go to `successor`, which returns as `push` does. Those that were kept
	 * follow with `resume`.
	 */
	divert(successor: (chunk: Uint8Array) => ZmtpError | undefined): void {
		this.#successor = successor;
		this.#isHalted = true;
	}

	/** Goes on with what was left. Returns as `push` does. */
	resume(): ZmtpError | undefined {
		this.#isHalted = this.#successor !== undefined;
		const backlog = this.#backlog;
		this.#backlog = [];
		this.keptBytes = 0;
		for (let i = 0; i < backlog.length; i++) {
			const error = this.push(backlog[i]!);
			if (error !== undefined) return error;
		}
		return undefined;
	}

	/** As `resume`, and again at every halt: the stream has ended, and what had arrived is all there will be. */
	drain(): ZmtpError | undefined {
		let error: ZmtpError | undefined;
		while (this.#backlog.length > 0 && error === undefined) error = this.resume();
		return error;
	}

	/** Forgets everything received; nothing more is delivered. */
	stop(): void {
		this.#isHalted = true;
		this.#isStopped = true;
		this.#successor = undefined;
		this.#backlog = [];
		this.#cut.clear();
		this.#message.clear();
	}

	/** Where the next octets belong, when that is known and they are many: what is put there is pushed as a chunk of its own. */
	room(): Uint8Array | undefined {
		return this.#isHalted ? undefined : this.#cut.room();
	}

	/**
	 * Takes the next chunk and delivers what it completes. The chunk is owned from here on: its memory must not change.
	 * Returns an error when the peer broke the framing; the connection must then be closed, nothing more can be read.
	 */
	push(chunk: Uint8Array): ZmtpError | undefined {
		if (this.#isHalted) return this.#leave(chunk);
		const position = this.#cut.isEmpty ? 0 : this.#mend(chunk, 0);
		const error = typeof position === "number" ? this.#walk(chunk, position) : position;
		// An idle connection must not pin the last chunk it received; a half-received message has to.
		if (this.#message.count === 0) this.#message.clear();
		return error;
	}

	/** Delivers the frames that lie whole in the chunk from `position` on; keeps what is left. */
	#walk(chunk: Uint8Array, from: number): ZmtpError | undefined {
		const length = chunk.length;
		let position = from;
		while (position < length) {
			if (this.#isHalted) return this.#leave(chunk.subarray(position));
			const flags = chunk[position]!;
			let start = position + 2;
			let size: number;
			if ((flags & LONG) === 0) {
				if (start > length) break;
				size = chunk[position + 1]!;
			} else {
				start = position + longHeaderBytes;
				if (start > length) break;
				size = readSize(chunk, position + 1);
			}
			if (!this.#isWelcome(flags, size)) return this.#objection(flags, size);
			const end = start + size;
			if (end > length) break;
			position = end;
			this.#accept(flags, chunk, start, end);
		}
		return position < length ? this.#keep(chunk, position) : undefined;
	}

	#accept(flags: number, buffer: Uint8Array, start: number, end: number): void {
		if ((flags & COMMAND) !== 0) {
			this.#sink.onCommand(buffer, start, end);
			return;
		}
		const message = this.#message;
		message.add(buffer, start, end);
		if ((flags & MORE) !== 0) {
			this.#messageBytes += end - start;
			return;
		}
		this.#messageBytes = 0;
		this.#sink.onMessage(message);
		message.count = 0;
	}

	/** Whether a frame with such a header may come now. */
	#isWelcome(flags: number, size: number): boolean {
		const limits = this.#limits;
		if (flags > (MORE | LONG)) return (flags & ~LONG) === COMMAND && size <= limits.maxCommandBytes;
		return (
			this.acceptsMessages &&
			size <= limits.maxFrameBytes &&
			this.#messageBytes + size <= limits.maxMessageBytes &&
			this.#message.count < limits.maxFramesPerMessage
		);
	}

	/** What is wrong with one that may not. */
	#objection(flags: number, size: number): ZmtpError {
		const limits = this.#limits;
		if (flags <= (MORE | LONG)) {
			if (!this.acceptsMessages) {
				return new ZmtpError("ZMTP_MESSAGE_UNEXPECTED", "the peer sent a message before its handshake was done");
			}
			if (size > limits.maxFrameBytes) {
				return new ZmtpError(
					"ZMTP_FRAME_TOO_LARGE",
					`a frame of ${size} bytes exceeds maxFrameBytes ${limits.maxFrameBytes}`,
				);
			}
			if (this.#messageBytes + size > limits.maxMessageBytes) {
				return new ZmtpError("ZMTP_MESSAGE_TOO_LARGE", `a message exceeds maxMessageBytes ${limits.maxMessageBytes}`);
			}
			return new ZmtpError(
				"ZMTP_TOO_MANY_FRAMES",
				`a message exceeds maxFramesPerMessage ${limits.maxFramesPerMessage}`,
			);
		}
		if (flags !== COMMAND && flags !== (COMMAND | LONG)) {
			return new ZmtpError("ZMTP_FRAME_FLAGS_INVALID", `a frame has the flags 0x${flags.toString(16)}`);
		}
		return new ZmtpError(
			"ZMTP_COMMAND_TOO_LARGE",
			`a command of ${size} bytes exceeds maxCommandBytes ${limits.maxCommandBytes}`,
		);
	}

	/** Keeps what is not to be read yet; a frame may have stopped the reader in the middle of its chunk. */
	#leave(chunk: Uint8Array): ZmtpError | undefined {
		if (this.#isStopped) return undefined;
		if (this.#successor !== undefined) return this.#successor(chunk);
		// As with frames, a small rest must not pin all that it came with.
		const isSmallPart = chunk.length * 2 < chunk.buffer.byteLength;
		this.#backlog.push(isSmallPart ? copy(chunk, 0, chunk.length) : chunk);
		this.keptBytes += chunk.length;
		return undefined;
	}

	/** Keeps the chunk's end, which holds a part of one frame. */
	#keep(chunk: Uint8Array, position: number): ZmtpError | undefined {
		const result = this.#mend(chunk, position);
		return typeof result === "number" ? undefined : result;
	}

	/** Adds a chunk, from `from` on, to the cut frame and delivers that if it is now whole. Returns where it stopped. */
	#mend(chunk: Uint8Array, from: number): number | ZmtpError {
		const cut = this.#cut;
		let position = from;
		if (!cut.hasBody) {
			position = cut.addHeader(chunk, position);
			if (!cut.hasHeader) return position;
			if (!this.#isWelcome(cut.flags, cut.size)) return this.#objection(cut.flags, cut.size);
			cut.accept();
		}
		position = cut.addBody(chunk, position);
		if (cut.isWhole) {
			const { flags } = cut;
			const body = cut.take();
			this.#accept(flags, body, 0, body.length);
		}
		return position;
	}
}
