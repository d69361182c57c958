import { ZmtpError } from "../errors.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import type { Platform } from "../platform/platform.js";
import type { SocketType } from "../wire/socket-type.js";
import { Engine } from "./engine.js";
import type { Settings } from "./options.js";
import { Receiver } from "./receiver.js";
import { Sender } from "./sender.js";

/** Takes and gives the messages of a socket in place of its `send()` and `receive()`. */
export interface Relaying {
	/** There may be something to take, or room to give. */
	changed(): void;
	/** The socket is closed. */
	closed(): void;
}

/**
 * What a socket is behind its public face: an engine, a pattern, and the calls that wait for them. Nothing here knows the
 * public object, so that one which is forgotten can be collected.
 */
export class SocketCore {
	readonly type: SocketType;
	readonly settings: Settings;
	readonly pattern: ApplicationPattern;
	readonly engine: Engine;
	readonly sender: Sender;
	readonly receiver: Receiver;
	readonly #onClosed: () => void;
	#closed: Promise<void> | undefined;
	/** A proxy that has the socket. */
	relaying: Relaying | undefined;
	/** The endpoint bound or connected last. */
	lastEndpoint: string | null = null;

	constructor(
		platform: Platform,
		type: SocketType,
		settings: Settings,
		pattern: ApplicationPattern,
		onClosed: () => void,
	) {
		this.type = type;
		this.#onClosed = onClosed;
		this.settings = settings;
		this.pattern = pattern;
		this.engine = new Engine(platform, type, pattern, settings);
		this.sender = new Sender(pattern, settings);
		this.receiver = new Receiver(pattern, settings);
		this.engine.onChange = () => {
			if (this.relaying !== undefined) {
				this.relaying.changed();
			} else {
				this.sender.wake();
				this.receiver.wake();
			}
		};
	}

	/** Throws `EBADF` on a closed socket, `EBUSY` on one that a proxy has. */
	assertUsable(): void {
		if (this.engine.isClosed) throw new ZmtpError("EBADF", "the socket is closed");
		if (this.relaying !== undefined) throw new ZmtpError("EBUSY", "a proxy has the socket");
	}

	/** The same, and `EBUSY` while a call waits. */
	assertIdle(): void {
		this.assertUsable();
		if (this.sender.isWaiting || this.receiver.isWaiting) {
			throw new ZmtpError("EBUSY", "a send() or receive() of the socket waits");
		}
	}

	close(): Promise<void> {
		const done = this.engine.close();
		this.#closed ??= done.then(this.#onClosed);
		this.sender.close();
		this.receiver.close();
		this.relaying?.closed();
		return this.#closed;
	}
}
