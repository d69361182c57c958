import { platform } from "#platform";
import { ZmtpError } from "../errors.js";
import type { HighWaterMark } from "../pattern/fair-queue.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import { type Octets, utf8 } from "../wire/octets.js";
import type { SocketType } from "../wire/socket-type.js";
import { Engine } from "./engine.js";
import type { Monitor } from "./monitor.js";
import {
	createSettings,
	type OptionsIn,
	type OptionsOf,
	optionNames,
	type PropertiesOf,
	readOption,
	receiveLimit,
	type Settings,
	writeOption,
} from "./options.js";
import { Receiver } from "./receiver.js";
import { mechanismOf, type SecurityMechanism } from "./security.js";
import { Sender } from "./sender.js";

/** What a frame can be made from: octets, text (sent as UTF-8), or nothing (an empty frame). */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | null;

/** What the constructor of a socket class takes. */
export type SocketOptions<S extends Socket = Socket> = OptionsIn<S>;

/**
 * A ZeroMQ socket: any number of endpoints, any number of peers, whole messages. Its vocabulary is zeromq.js's.
 * Options are given to the constructor, or set as properties later.
 */
export abstract class Socket {
	readonly #engine: Engine;
	readonly #pattern: ApplicationPattern;
	readonly #sender: Sender;
	readonly #receiver: Receiver;
	#lastEndpoint: string | null = null;

	/** Makes properties of the options that a type of socket has. */
	protected static offerOptions(prototype: Socket, type: SocketType): void {
		for (const name of optionNames(type)) {
			Object.defineProperty(prototype, name, {
				configurable: true,
				enumerable: true,
				get(this: Socket) {
					return readOption(this.#engine.settings, name);
				},
				set(this: Socket, value: unknown) {
					writeOption(this.#engine.settings, name, value);
				},
			});
		}
	}

	protected constructor(
		type: SocketType,
		options: OptionsOf<SocketType>,
		createPattern: (receiveLimit: HighWaterMark, settings: Settings) => ApplicationPattern,
	) {
		const settings = createSettings(type, options);
		this.#pattern = createPattern(receiveLimit(settings), settings);
		this.#engine = new Engine(platform, type, this.#pattern, settings);
		this.#sender = new Sender(this.#pattern, settings);
		this.#receiver = new Receiver(this.#pattern, settings);
		this.#engine.onChange = () => {
			this.#sender.wake();
			this.#receiver.wake();
		};
	}

	/** What happens to endpoints and connections, as typed events. */
	get events(): Monitor {
		return this.#engine.events;
	}

	/** Whether `close()` has been called. */
	get closed(): boolean {
		return this.#engine.isClosed;
	}

	/** How connections made from now on are secured. */
	get securityMechanism(): SecurityMechanism {
		return mechanismOf(this.#engine.settings);
	}

	/** The endpoint bound or connected last, with the port or path that the system chose; `null` before. */
	get lastEndpoint(): string | null {
		return this.#lastEndpoint;
	}

	/** Whether a message can be received at once. */
	get readable(): boolean {
		return !this.closed && this.#pattern.canReceive;
	}

	/** Whether a message can be sent at once. */
	get writable(): boolean {
		return !this.closed && this.#pattern.canSend;
	}

	/**
	 * Listens at an endpoint: `tcp://host:port` (`*` for all interfaces, 0 or `*` for a port of the system's choice),
	 * `ipc:///path`, `ipc://@abstract`, `inproc://name`. A socket may bind several.
	 *
	 * Resolves when peers can connect; `lastEndpoint` then says where.
	 * Rejects with a `ZmtpError`: `EINVAL`, `EPROTONOSUPPORT`, `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EBADF`.
	 */
	async bind(endpoint: string): Promise<void> {
		this.#lastEndpoint = await this.#engine.bind(endpoint);
	}

	/** Stops listening at an endpoint; peers that came over it stay. Rejects with `ENOENT` when it is not bound. */
	async unbind(endpoint: string): Promise<void> {
		await this.#engine.unbind(endpoint);
	}

	/**
	 * Connects to an endpoint in the background, and again whenever the connection is lost; the order of bind and connect
	 * does not matter. Throws `EINVAL` or `EPROTONOSUPPORT` for a malformed endpoint; an absent peer is no error.
	 */
	connect(endpoint: string): void {
		this.#engine.connect(endpoint);
		this.#lastEndpoint = endpoint;
	}

	/** Ends the connection to an endpoint and drops what waits for it. Throws `ENOENT` when it is not connected. */
	disconnect(endpoint: string): void {
		this.#engine.disconnect(endpoint);
	}

	/** What `send()` of the sockets that have it does. */
	protected async sendMessage(message: MessageLike | MessageLike[]): Promise<void> {
		this.#assertOpen();
		const frames = Array.isArray(message) ? message.map(toFrame) : [toFrame(message)];
		if (frames.length === 0) throw new ZmtpError("EINVAL", "a message has at least one frame");
		return this.#sender.send(frames);
	}

	/** What `receive()` of the sockets that have it does. */
	protected async receiveMessage(): Promise<Octets[]> {
		this.#assertOpen();
		return (await this.#receiver.receive()) as Octets[];
	}

	/**
	 * Closes the socket: waiting calls end with `EAGAIN`, what is queued is sent for up to `linger` ms.
	 * Resolves when every connection and endpoint is released. May be called again.
	 */
	close(): Promise<void> {
		const done = this.#engine.close();
		this.#sender.close();
		this.#receiver.close();
		return done;
	}

	#assertOpen(): void {
		if (this.closed) throw new ZmtpError("EBADF", "the socket is closed");
	}
}
export interface Socket extends PropertiesOf<SocketType> {}

const empty = new Uint8Array(0);

/** Throws `EINVAL` on anything else. */
export function toFrame(part: MessageLike): Uint8Array {
	if (part instanceof Uint8Array) return part;
	if (typeof part === "string") return utf8(part);
	if (part === null) return empty;
	if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
	if (part instanceof ArrayBuffer || isSharedMemory(part)) return new Uint8Array(part);
	throw new ZmtpError("EINVAL", `a frame is made of octets, text or null, not of a ${typeof part}`);
}

/** Pages that are not isolated from other origins have no `SharedArrayBuffer`. */
function isSharedMemory(part: ArrayBufferLike): part is SharedArrayBuffer {
	return typeof SharedArrayBuffer === "function" && part instanceof SharedArrayBuffer;
}
