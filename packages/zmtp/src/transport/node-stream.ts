import type { Socket } from "node:net";
import { ZmtpError } from "../errors.js";
import type { ByteStream } from "./transport.js";

const ignore = () => {};

/** How long a peer may take to end its side after we ended ours. Unit: ms. */
const lastWordsMs = 1000;

/** A `node:net` socket as a byte stream; tcp and ipc share it. */
export class NodeStream implements ByteStream {
	readonly remoteAddress: string;
	onDrain: () => void = ignore;
	#onData: (chunk: Uint8Array) => void = ignore;
	#onClose: (error: ZmtpError | undefined) => void = ignore;

	readonly #socket: Socket;
	#isReading = false;
	#error: ZmtpError | undefined;
	/** Writes whose callback has not come yet. */
	#unfinished = 0;
	#mustDrain = false;

	constructor(socket: Socket, remoteAddress: string) {
		this.#socket = socket;
		socket.unref();
		this.remoteAddress = remoteAddress;
		socket.on("error", (error) => {
			this.#error = new ZmtpError("ZMTP_CONNECTION_LOST", `connection with ${remoteAddress}: ${error.message}`, {
				cause: error,
			});
		});
		// ZMTP knows no half-open connections, and a peer that left and does not read would keep this side's writes for ever.
		socket.on("end", () => socket.destroy());
		socket.on("close", () => this.#onClose(this.#error));
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
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	/** Reads on, into nothing, until the peer ends too: closing with octets unread would reset what is still on its way out. */
	end(): Promise<void> {
		const socket = this.#socket;
		this.onData = ignore;
		this.onClose = ignore;
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
		this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
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
