import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { SocketType } from "../wire/socket-type.js";
import type { SocketCore } from "./core.js";
import { optionTable } from "./option-table.js";

const senders: ReadonlySet<SocketType> = new Set(optionTable.sendTimeout.on);
const receivers: ReadonlySet<SocketType> = new Set(optionTable.receiveTimeout.on);

/** What has passed one way. */
export interface Passed {
	messages: number;
	/** Octets of all frames. */
	bytes: number;
}

/**
 * One direction of a proxy: what one socket receives the other sends, unread, with no promise and no queue in between. A
 * message is taken only when there may be room for it, so the pressure of whoever does not read reaches the sender.
 */
export class Relay {
	readonly passed: Passed = { messages: 0, bytes: 0 };
	readonly #from: SocketCore;
	readonly #to: SocketCore;
	readonly #capture: SocketCore | undefined;
	/** Taken, and not sent yet: there was no room after all. */
	#held: Frames | undefined;
	#isCaptured = false;
	#isPumping = false;

	/** `capture` is sent a copy of each message first. */
	constructor(from: SocketCore, to: SocketCore, capture: SocketCore | undefined) {
		this.#from = from;
		this.#to = to;
		this.#capture = capture;
	}

	/** Whether one of the sockets receives, and the other sends. */
	get isPossible(): boolean {
		return receivers.has(this.#from.type) && senders.has(this.#to.type);
	}

	/** Passes on all that can be. Throws what the sending socket throws, but for a peer that has left. */
	pump(): void {
		// What is sent may change either side, which pumps.
		if (this.#isPumping) return;
		this.#isPumping = true;
		try {
			while (this.#take() && this.#give());
		} finally {
			this.#isPumping = false;
		}
	}

	#take(): boolean {
		if (this.#held !== undefined) return true;
		const { pattern } = this.#from;
		if (!pattern.canReceive || !this.#to.pattern.canSend) return false;
		this.#held = pattern.receive();
		return this.#held !== undefined;
	}

	#give(): boolean {
		const frames = this.#held!;
		if (this.#capture !== undefined && !this.#isCaptured) {
			if (!this.#capture.pattern.send(frames)) return false;
			this.#isCaptured = true;
		}
		try {
			if (!this.#to.pattern.send(frames)) return false;
			this.passed.messages++;
			for (const frame of frames) this.passed.bytes += frame.length;
		} catch (error) {
			// A mandatory ROUTER says so when the peer has left; the others are to be served all the same.
			if (!(error instanceof ZmtpError) || error.code !== "EHOSTUNREACH") throw error;
		}
		this.#held = undefined;
		this.#isCaptured = false;
		return true;
	}
}
