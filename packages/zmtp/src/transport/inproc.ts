import { ZmtpError } from "../errors.js";
import type { ByteStream, Listener, ListenOptions, Transport } from "./transport.js";

/** Octets one end may have unread before the other's writes wait. Unit: bytes. As much as a kernel's socket holds or so. */
const capacityBytes = 256 * 1024;

const ignore = () => {};

/**
 * One end of a pair inside the process. Octets are copied once, and arrive in a later turn of the event loop as from any
 * other stream: two ends that answer each other must not keep the loop from its other work.
 */
class MemoryStream implements ByteStream {
	readonly remoteAddress: string;
	onData: (chunk: Uint8Array) => void = ignore;
	onDrain: () => void = ignore;
	onClose: (error: ZmtpError | undefined) => void = ignore;

	#other: MemoryStream | undefined;
	readonly #unread: Uint8Array[] = [];
	#unreadBytes = 0;
	#isPaused = false;
	#isScheduled = false;
	/** The other end waits for this one to read. */
	#owesDrain = false;
	#hasEnded = false;
	#isClosed = false;

	constructor(remoteAddress: string) {
		this.remoteAddress = remoteAddress;
	}

	static pair(address: string): [MemoryStream, MemoryStream] {
		const one = new MemoryStream(address);
		const two = new MemoryStream(address);
		one.#other = two;
		two.#other = one;
		return [one, two];
	}

	write(chunks: readonly Uint8Array[]): boolean {
		const other = this.#other;
		if (other === undefined || other.#isClosed || this.#hasEnded) return true;
		const copy = Buffer.concat(chunks);
		other.#unread.push(copy);
		other.#unreadBytes += copy.length;
		other.#schedule();
		if (other.#unreadBytes < capacityBytes) return true;
		other.#owesDrain = true;
		return false;
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#schedule();
	}

	/** What was written is the other end's already; only what came from it is lost. */
	async end(): Promise<void> {
		this.onClose = ignore;
		this.destroy();
	}

	destroy(): void {
		this.#unread.length = 0;
		this.#close();
	}

	#schedule(): void {
		if (this.#isScheduled || this.#isClosed) return;
		this.#isScheduled = true;
		setImmediate(() => {
			this.#isScheduled = false;
			this.#read();
		});
	}

	#read(): void {
		while (!this.#isPaused && this.#unread.length > 0 && !this.#isClosed) {
			const chunk = this.#unread.shift()!;
			this.#unreadBytes -= chunk.length;
			this.onData(chunk);
		}
		const other = this.#other;
		if (this.#owesDrain && this.#unreadBytes < capacityBytes) {
			this.#owesDrain = false;
			other?.onDrain();
		}
		if (this.#unread.length === 0 && other !== undefined && other.#hasEnded) this.#close();
	}

	#close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#hasEnded = true;
		const other = this.#other;
		this.#other = undefined;
		if (other !== undefined) other.#schedule();
		setImmediate(() => this.onClose(undefined));
	}
}

const listeners = new Map<string, ListenOptions>();
/** Connects that came before their bind, by name. */
const waiting = new Map<string, Set<() => void>>();

/** `inproc://`: names of this process. A connect before the bind waits for it. */
export const inproc: Transport = {
	check() {},
	isBound: (address) => listeners.has(address),
	async listen(address, options): Promise<Listener> {
		if (listeners.has(address)) throw new ZmtpError("EADDRINUSE", `inproc://${address} is bound already`);
		listeners.set(address, options);
		const arrived = waiting.get(address);
		waiting.delete(address);
		if (arrived !== undefined) for (const connect of arrived) connect();
		return {
			endpoint: `inproc://${address}`,
			close: async () => {
				if (listeners.get(address) === options) listeners.delete(address);
			},
		};
	},
	async connect(address, _options, signal): Promise<ByteStream> {
		if (!listeners.has(address)) await bound(address, signal);
		const listener = listeners.get(address);
		if (listener === undefined) throw new ZmtpError("EADDRNOTAVAIL", `inproc://${address} was unbound meanwhile`);
		const [near, far] = MemoryStream.pair(`inproc://${address}`);
		listener.onStream(far);
		return near;
	},
};

function bound(address: string, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const waiters = waiting.get(address) ?? new Set();
		waiting.set(address, waiters);
		const proceed = () => {
			signal.removeEventListener("abort", abort);
			resolve();
		};
		const abort = () => {
			waiters.delete(proceed);
			if (waiters.size === 0 && waiting.get(address) === waiters) waiting.delete(address);
			reject(new ZmtpError("ECANCELED", `connecting to inproc://${address} was given up`));
		};
		waiters.add(proceed);
		signal.addEventListener("abort", abort, { once: true });
		if (signal.aborted) abort();
	});
}
