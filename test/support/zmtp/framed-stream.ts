import type { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import type { ByteStream } from "../../../packages/zmtp/src/transport/transport.js";
import { FrameReader } from "../../../packages/zmtp/src/wire/frame-reader.js";
import { encodeGreeting, GreetingReader } from "../../../packages/zmtp/src/wire/greeting.js";
import { defer } from "./waiting.js";

const unlimited = {
	maxFrameBytes: Number.POSITIVE_INFINITY,
	maxMessageBytes: Number.POSITIVE_INFINITY,
	maxFramesPerMessage: 1,
	maxCommandBytes: 0,
};

/**
 * Octets over a stream that carries nothing but ZMTP: each chunk written is a frame. So what is said of all streams can be
 * tried on a WebSocket's.
 */
export class FramedStream implements ByteStream {
	onData: (chunk: Uint8Array) => void = () => {};
	onDrain: () => void = () => {};
	onClose: (error: ZmtpError | undefined) => void = () => {};
	/** Resolves when the greetings have crossed. */
	readonly ready: Promise<this>;
	readonly #inner: ByteStream;
	#greeting: GreetingReader | undefined = new GreetingReader();
	readonly #frames = new FrameReader(
		{
			onMessage: (message) => this.onData(message.frame(0)),
			onCommand: () => {},
		},
		unlimited,
	);

	constructor(inner: ByteStream) {
		this.#inner = inner;
		const greeted = defer<this>();
		const sent = defer();
		this.ready = Promise.all([greeted.promise, sent.promise]).then(() => this);
		this.#frames.acceptsMessages = true;
		inner.onClose = (error) => this.onClose(error);
		inner.onDrain = () => {
			inner.onDrain = () => this.onDrain();
			sent.resolve();
		};
		inner.onData = (chunk) => {
			const rest = this.#greet(chunk);
			if (this.#greeting === undefined) greeted.resolve(this);
			const error = this.#frames.push(rest);
			if (error !== undefined) throw error;
		};
		if (inner.write([encodeGreeting("NULL", false)])) inner.onDrain();
	}

	get remoteAddress(): string {
		return this.#inner.remoteAddress;
	}

	write(chunks: readonly Uint8Array[]): boolean {
		return this.#inner.write(chunks.flatMap((chunk) => [headerOf(chunk), chunk]));
	}

	pause(): void {
		this.#frames.halt();
		this.#inner.pause();
	}

	resume(): void {
		this.#inner.resume();
		this.#frames.resume();
	}

	end(): Promise<void> {
		this.onClose = () => {};
		return this.#inner.end();
	}

	destroy(): void {
		this.#inner.destroy();
	}

	#greet(chunk: Uint8Array): Uint8Array {
		const reader = this.#greeting;
		if (reader === undefined) return chunk;
		if (reader.push(chunk) !== undefined) this.#greeting = undefined;
		return chunk.subarray(reader.consumed);
	}
}

function headerOf(body: Uint8Array): Buffer {
	const header = Buffer.alloc(9);
	header[0] = 0x02;
	header.writeBigUInt64BE(BigInt(body.length), 1);
	return header;
}
