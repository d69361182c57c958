import type { Socket } from "node:net";
import { ZmtpError } from "../errors.js";
import type { DirectReading } from "./direct-reading.js";
import type { ByteStream } from "./transport.js";

const ignore = () => undefined;

/** How long a peer may take to end its side after we ended ours. Unit: ms. */
const lastWordsMs = 1000;

/** A `node:net` socket as a byte stream; tcp and ipc share it. */
export class NodeStream implements ByteStream {
	readonly remoteAddress: string;
	onRoom: () => Uint8Array | undefined = ignore;
	onDrain: () => void = ignore;
	#onData: (chunk: Uint8Array) => void = ignore;
	#onClose: (error: ZmtpError | undefined) => void = ignore;

	readonly #socket: Socket;
	readonly #reading: DirectReading | undefined;
	#isReading = false;
	#isPaused = false;
	/** What was read all the same. */
	#held: Uint8Array[] = [];
	#error: ZmtpError | undefined;
	/** Writes whose callback has not come yet. */
	#unfinished = 0;
	#mustDrain = false;

	/** `reading`: what the socket, paused, was made with; without it, it is read as a stream. */
	constructor(socket: Socket, remoteAddress: string, reading?: DirectReading) {
		this.#socket = socket;
		this.#reading = reading;
		socket.unref();
		this.remoteAddress = remoteAddress;
		socket.on("error", (error) => {
			this.#error = new ZmtpError("ZMTP_CONNECTION_LOST", `connection with ${remoteAddress}: ${error.message}`, {
				cause: error,
			});
		});
		// ZMTP knows no half-open connections, and a peer that left and does not read would keep this side's writes for ever.
		socket.on("end", () => socket.destroy());
		socket.on("close", () => {
			this.#release();
			this.#onClose(this.#error);
		});
	}

	get onData(): (chunk: Uint8Array) => void {
		return this.#onData;
	}

	set onData(take: (chunk: Uint8Array) => void) {
		this.#onData = take;
		this.#read();
	}

	get onClose(): (error: ZmtpError | undefined) => void {
		return this.#onClose;
	}

	set onClose(hear: (error: ZmtpError | undefined) => void) {
		this.#onClose = hear;
		this.#read();
	}

	write(chunks: readonly Uint8Array[]): boolean {
		const socket = this.#socket;
		// A socket that has failed takes whatever it is given until "close" comes, which a busy writer would never let it.
		if (!socket.writable) return false;
		this.#unfinished++;
		if (chunks.length === 1) {
			socket.write(chunks[0]!, this.#written);
		} else {
			// Corked writes leave as one `writev`.
			socket.cork();
			const last = chunks.length - 1;
			for (let i = 0; i < last; i++) socket.write(chunks[i]!);
			socket.write(chunks[last]!, this.#written);
			socket.uncork();
		}
		// libuv tries to write at once; with nothing left over the kernel has a copy of everything.
		if (socket.writableLength === 0) return true;
		this.#mustDrain = true;
		return false;
	}

	pause(): void {
		this.#isPaused = true;
		this.#socket.pause();
	}

	resume(): void {
		this.#isPaused = false;
		this.#release();
		if (!this.#isPaused) this.#socket.resume();
	}

	/** Reads on, into nothing, until the peer ends too: closing with octets unread would reset what is still on its way out. */
	end(): Promise<void> {
		const socket = this.#socket;
		this.onData = ignore;
		this.onClose = ignore;
		this.#isPaused = false;
		return new Promise((resolve) => {
			if (socket.closed) return resolve();
			const timer = setTimeout(() => socket.destroy(), lastWordsMs);
			socket.once("close", () => {
				clearTimeout(timer);
				resolve();
			});
			socket.end();
			socket.resume();
		});
	}

	destroy(): void {
		this.#socket.destroy();
	}

	/** Not before somebody listens: on Deno octets can come before who waited for this stream's promise has heard of it. */
	#read(): void {
		if (this.#isReading) return;
		this.#isReading = true;
		const reading = this.#reading;
		if (reading !== undefined) {
			reading.onChunk = (chunk) => this.#take(chunk);
			reading.onRoom = () => this.onRoom();
		} else {
			this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
		}
		if (!this.#isPaused) this.#socket.resume();
	}

	/** As a stream was going to read when it was paused, it still does, once. */
	#take(chunk: Uint8Array): boolean {
		if (this.#isPaused) this.#held.push(chunk);
		else this.#onData(chunk);
		return !this.#isPaused;
	}

	#release(): void {
		const held = this.#held;
		if (held.length === 0) return;
		this.#held = [];
		for (const chunk of held) this.#onData(chunk);
	}

	readonly #written = (error?: Error | null): void => {
		this.#unfinished--;
		// After an error "close" follows, and with it the end of everything borrowed. Node reports none to writes that were
		// under way when reading failed.
		if (error || this.#socket.destroyed || !this.#mustDrain || this.#unfinished > 0) return;
		this.#mustDrain = false;
		this.onDrain();
	};
}
