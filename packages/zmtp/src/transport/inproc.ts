import { ZmtpError } from "../errors.js";
import { OtherThread, Threads } from "./threads.js";
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

/** Where a name leads: to a listener of this thread, or of another one. */
type Found = ListenOptions | OtherThread;

const listeners = new Map<string, ListenOptions>();
/** Connects that came before their bind, by name. */
const waiting = new Map<string, Set<(found: Found) => void>>();

const threads = new Threads(listeners);

/** `inproc://`: names of this process, in all its threads. A connect before the bind waits for it. */
export const inproc: Transport = {
	check() {},
	isBound: (address) => listeners.has(address),
	async listen(address, options): Promise<Listener> {
		if (listeners.has(address)) throw new ZmtpError("EADDRINUSE", `inproc://${address} is bound already`);
		listeners.set(address, options);
		arrive(address, options);
		threads.offer(address);
		return {
			endpoint: `inproc://${address}`,
			close: async () => {
				if (listeners.get(address) !== options) return;
				listeners.delete(address);
				threads.withdraw(address);
			},
		};
	},
	async connect(address, _options, signal): Promise<ByteStream> {
		const found = listeners.get(address) ?? (await bound(address, signal));
		if (found instanceof OtherThread) return found.connect(signal);
		if (listeners.get(address) !== found) {
			throw new ZmtpError("EADDRNOTAVAIL", `inproc://${address} was unbound meanwhile`);
		}
		const [near, far] = MemoryStream.pair(`inproc://${address}`);
		found.onStream(far);
		return near;
	},
};

function arrive(address: string, found: Found): void {
	const arrived = waiting.get(address);
	waiting.delete(address);
	if (arrived !== undefined) for (const proceed of arrived) proceed(found);
}

function bound(address: string, signal: AbortSignal): Promise<Found> {
	return new Promise((resolve, reject) => {
		const waiters = waiting.get(address) ?? new Set();
		waiting.set(address, waiters);
		const proceed = (found: Found) => {
			leave();
			resolve(found);
		};
		const abort = () => {
			leave();
			reject(new ZmtpError("ECANCELED", `connecting to inproc://${address} was given up`));
		};
		const leave = () => {
			signal.removeEventListener("abort", abort);
			waiters.delete(proceed);
			if (waiters.size === 0 && waiting.get(address) === waiters) waiting.delete(address);
			stopSeeking();
		};
		waiters.add(proceed);
		const stopSeeking = threads.seek(address, proceed);
		signal.addEventListener("abort", abort, { once: true });
		if (signal.aborted) abort();
	});
}
