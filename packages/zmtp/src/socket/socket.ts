import { platform } from "#platform";
import { ZmtpError } from "../errors.js";
import type { HighWaterMark } from "../pattern/back-pressure.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import { type Octets, utf8 } from "../wire/octets.js";
import type { SocketType } from "../wire/socket-type.js";
import { Context, context as standardContext } from "./context.js";
import { SocketCore } from "./core.js";
import type { Observer } from "./observer.js";
import {
	createSettings,
	isLive,
	type OptionsIn,
	optionNames,
	type PropertiesOf,
	ReceiveLimit,
	readOption,
	type Settings,
	writeOption,
} from "./options.js";
import { mechanismOf, type SecurityMechanism } from "./security.js";
import type { CallOptions } from "./waiting-call.js";

/** One frame, as it is received. */
export type Message = Octets;

/** What a frame can be made from: octets, text or a number (sent as UTF-8), or nothing (an empty frame). */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null;

/** What the constructor of a socket class takes. */
export type SocketOptions<S extends Socket = Socket> = OptionsIn<S> & {
	/** Default: the one that all sockets share. */
	readonly context?: Context | undefined;
};

/** A socket that nobody has any more, nor waits for, is closed, as in zeromq.js: it could neither be used nor be closed. */
const forgotten = new FinalizationRegistry<SocketCore>((core) => void core.close());

/** By libzmq's numbers. */
const libzmqTypes: readonly SocketType[] = [
	"PAIR",
	"PUB",
	"SUB",
	"REQ",
	"REP",
	"DEALER",
	"ROUTER",
	"PULL",
	"PUSH",
	"XPUB",
	"XSUB",
];

/** For a proxy: what is behind a socket. */
export let coreOf: (socket: Socket) => SocketCore;

/**
 * A ZeroMQ socket: any number of endpoints, any number of peers, whole messages. Its vocabulary is zeromq.js's.
 * Options are given to the constructor, or set as properties later.
 */
export abstract class Socket {
	readonly #core: SocketCore;
	/** What the socket shares with others. */
	readonly context: Context;

	static {
		coreOf = (socket) => socket.#core;
	}

	/** Makes properties of the options that a type of socket has. */
	protected static offerOptions(prototype: Socket, type: SocketType): void {
		for (const name of optionNames(type)) {
			Object.defineProperty(prototype, name, {
				configurable: true,
				enumerable: true,
				get(this: Socket) {
					return readOption(this.#core.settings, name);
				},
				set(this: Socket, value: unknown) {
					writeOption(this.#core.settings, name, value);
					if (!isLive(name) && this.#core.engine.hasEndpoints) {
						warn(`option ${name} counts for endpoints bound or connected from now on, not for those that there are`);
					}
					// What waits for room looks again.
					if (name.startsWith("sendHighWaterMark")) this.#core.engine.reopen();
				},
			});
		}
	}

	protected constructor(
		type: SocketType,
		{ context = standardContext, ...options }: SocketOptions,
		createPattern: (receiveLimit: HighWaterMark, settings: Settings) => ApplicationPattern,
	) {
		if (!(context instanceof Context)) throw new ZmtpError("EINVAL", "option context is not a Context");
		const settings = createSettings(type, context.socketDefaults, options);
		const pattern = createPattern(new ReceiveLimit(settings), settings);
		context.admit();
		this.context = context;
		this.#core = new SocketCore(platform, type, settings, pattern, () => context.release());
		forgotten.register(this, this.#core);
	}

	/** What happens to endpoints and connections: typed events, told to listeners or received in order. */
	get events(): Observer {
		return this.#core.engine.events.observe();
	}

	/** Whether `close()` has been called. */
	get closed(): boolean {
		return this.#core.engine.isClosed;
	}

	/** libzmq's number of the socket's type. */
	get type(): number {
		return libzmqTypes.indexOf(this.#core.type);
	}

	/** As in libzmq, only its drafts would be. */
	get threadSafe(): boolean {
		return false;
	}

	/** How connections made from now on are secured. */
	get securityMechanism(): SecurityMechanism {
		return mechanismOf(this.#core.settings);
	}

	/** The endpoint bound or connected last, with the port or path that the system chose; `null` before. */
	get lastEndpoint(): string | null {
		return this.#core.lastEndpoint;
	}

	/** Whether a message can be received at once. */
	get readable(): boolean {
		return !this.closed && this.#core.pattern.canReceive;
	}

	/** Whether a message can be sent at once. */
	get writable(): boolean {
		return !this.closed && this.#core.pattern.canSend;
	}

	/**
	 * Listens at an endpoint: `tcp://host:port` (`*` for all interfaces, 0 or `*` for a port of the system's choice),
	 * `ipc:///path`, `ipc://@abstract`, `inproc://name`. A socket may bind several.
	 *
	 * Resolves when peers can connect; `lastEndpoint` then says where.
	 * Rejects with a `ZmtpError`: `EINVAL`, `EPROTONOSUPPORT`, `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EBADF`; or with
	 * the reason of `signal`, and nothing is bound then.
	 */
	async bind(endpoint: string, { signal }: CallOptions = {}): Promise<void> {
		this.#core.lastEndpoint = await this.#core.engine.bind(endpoint, signal);
	}

	/**
	 * As `bind()`, for programs that cannot wait: what follows may count on it, but for `lastEndpoint` and failure. An
	 * endpoint that cannot be bound is an unhandled rejection.
	 */
	bindSync(endpoint: string): void {
		void this.bind(endpoint);
	}

	/** Stops listening at an endpoint; peers that came over it stay. Rejects with `ENOENT` when it is not bound. */
	async unbind(endpoint: string): Promise<void> {
		await this.#core.engine.unbind(endpoint);
	}

	/** As `unbind()`, without waiting for it. */
	unbindSync(endpoint: string): void {
		void this.unbind(endpoint);
	}

	/**
	 * Connects to an endpoint in the background, and again whenever the connection is lost; the order of bind and connect
	 * does not matter. Throws `EINVAL` or `EPROTONOSUPPORT` for a malformed endpoint; an absent peer is no error.
	 */
	connect(endpoint: string): void {
		this.#core.engine.connect(endpoint);
		this.#core.lastEndpoint = endpoint;
	}

	/**
	 * Ends the connection to an endpoint: nothing more is queued for it or received from it, and what waits is sent for up
	 * to `linger` ms. Throws `ENOENT` when it is not connected.
	 */
	disconnect(endpoint: string): void {
		this.#core.engine.disconnect(endpoint, this.#core.settings.linger);
	}

	/** Of sockets that do not send. Those that do have their own. */
	protected send(_message: MessageLike | MessageLike[], _options?: CallOptions): Promise<void> {
		return Promise.reject(new ZmtpError("ENOTSUP", `a ${this.#core.type} socket does not send`));
	}

	/** Of sockets that do not receive. */
	protected receive(_options?: CallOptions): Promise<Octets[]> {
		return Promise.reject(new ZmtpError("ENOTSUP", `a ${this.#core.type} socket does not receive`));
	}

	/** What `connect()` of a Router does that is told how to call the peer. */
	protected connectTo(endpoint: string, routingId: Uint8Array): void {
		this.#core.engine.connect(endpoint, routingId);
		this.#core.lastEndpoint = endpoint;
	}

	/** What `send()` of the sockets that have it does. */
	protected sendMessage(message: MessageLike | MessageLike[], options?: CallOptions): Promise<void> {
		// Without an async function's own promise: most messages find room at once.
		try {
			this.#core.assertUsable();
			const frames = toFrames(message);
			if (frames.length === 0) throw new ZmtpError("EINVAL", "a message has at least one frame");
			this.context.check(frames);
			return this.#core.sender.send(frames, options?.signal, this);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** What `receive()` of the sockets that have it does. */
	protected receiveMessage(options?: CallOptions): Promise<Octets[]> {
		try {
			this.#core.assertUsable();
			return this.#core.receiver.receive(options?.signal, this) as Promise<Octets[]>;
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** What `for await` of the sockets that receive goes over. An async generator would cost each message three more promises. */
	protected iterate(): AsyncIterableIterator<Octets[], void, undefined> {
		const iterator = {
			next: () => this.#next(),
			[Symbol.asyncIterator]: () => iterator,
		};
		return iterator;
	}

	#next(): Promise<IteratorResult<Octets[], void>> {
		if (this.closed) return Promise.resolve({ value: undefined, done: true });
		try {
			this.#core.assertUsable();
			return this.#core.receiver.next(this) as Promise<IteratorResult<Octets[], void>>;
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Closes the socket: waiting calls end with `EAGAIN`, what is queued is sent for up to `linger` ms.
	 * Resolves when every connection and endpoint is released, which need not be waited for. May be called again.
	 */
	close(): Promise<void> {
		return this.#core.close();
	}

	/** `await using socket = new Dealer()`: closes it at the end of the block. */
	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}
export interface Socket extends PropertiesOf<SocketType> {}

/** Where there is a process to warn: a browser hears nothing. */
function warn(text: string): void {
	(globalThis as { readonly process?: Partial<NodeJS.Process> }).process?.emitWarning?.(text, "ZmtpWarning");
}

const empty = new Uint8Array(0);

/** The frames of a message: its own array, where it consists of octets. Throws as `toFrame`. */
function toFrames(message: MessageLike | MessageLike[]): Frames {
	if (!Array.isArray(message)) return [toFrame(message)];
	for (const part of message) if (!(part instanceof Uint8Array)) return message.map(toFrame);
	return message as Uint8Array[];
}

/** Throws `EINVAL` on anything else. */
export function toFrame(part: MessageLike): Uint8Array {
	if (part instanceof Uint8Array) return part;
	if (typeof part === "string") return utf8(part);
	if (typeof part === "number") return utf8(`${part}`);
	if (part === null) return empty;
	if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
	if (part instanceof ArrayBuffer || isSharedMemory(part)) return new Uint8Array(part);
	throw new ZmtpError("EINVAL", `a frame is made of octets, text, a number or null, not of a ${typeof part}`);
}

/** Pages that are not isolated from other origins have no `SharedArrayBuffer`. */
function isSharedMemory(part: ArrayBufferLike): part is SharedArrayBuffer {
	return typeof SharedArrayBuffer === "function" && part instanceof SharedArrayBuffer;
}
