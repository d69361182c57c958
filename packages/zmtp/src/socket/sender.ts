import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import { WaitingCall } from "./waiting-call.js";

export interface SenderSettings {
	/** Unit: ms. */
	readonly sendTimeout: number;
	/** As many calls may wait. */
	readonly sendHighWaterMark: number;
}

interface Waiting {
	readonly frames: Frames;
	readonly call: WaitingCall<void>;
}

/** Browsers have no `setImmediate`. */
const afterThisTurn: (run: () => void) => unknown =
	(globalThis as { readonly setImmediate?: (run: () => void) => unknown }).setImmediate ?? setTimeout;

const late = "no peer had room for the message within sendTimeout";

/** Every call that did not have to wait returns this one, but for some. */
const sent = Promise.resolve();

/**
 * Of so many calls that found room at once the last resolves in the next turn of the event loop: reactions of promises go
 * before input, output and timers, and a loop that awaits its sends would keep all of them from running. zeromq.js has the
 * same number.
 */
const sendsPerTurn = 512;

/** The waiting side of `send()`: calls that no peer has room for wait in order, as many as the high water mark says. */
export class Sender {
	readonly #pattern: ApplicationPattern;
	readonly #settings: SenderSettings;
	#waiting: Waiting[] = [];
	#isWaking = false;
	#sentThisTurn = 0;

	constructor(pattern: ApplicationPattern, settings: SenderSettings) {
		this.#pattern = pattern;
		this.#settings = settings;
	}

	get isWaiting(): boolean {
		return this.#waiting.length > 0;
	}

	/** Resolves when the message is in a peer's queue. Throws what its promise would reject with, where that is known at once. */
	send(frames: Frames, signal?: AbortSignal, caller?: unknown): Promise<void> {
		signal?.throwIfAborted();
		if (this.#waiting.length === 0 && this.#pattern.send(frames)) {
			return ++this.#sentThisTurn < sendsPerTurn ? sent : this.#nextTurn();
		}
		const { sendTimeout, sendHighWaterMark } = this.#settings;
		if (sendTimeout === 0 || this.#waiting.length >= sendHighWaterMark) throw new ZmtpError("EAGAIN", late);
		const call = new WaitingCall<void>(sendTimeout, { signal, caller }, late, () => this.#leave(waiting));
		// The array is the caller's, who may use it again.
		const waiting: Waiting = { frames: [...frames], call };
		this.#waiting.push(waiting);
		return call.promise;
	}

	/** Something changed: waiting calls may be served, in order. */
	wake(): void {
		// Serving one call may itself be such a change; it must not be served twice.
		if (this.#waiting.length === 0 || this.#isWaking) return;
		this.#isWaking = true;
		let served = 0;
		while (served < this.#waiting.length && this.#serve(this.#waiting[served]!)) served++;
		this.#waiting.splice(0, served);
		this.#isWaking = false;
	}

	close(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const { call } of waiting) call.reject(new ZmtpError("EAGAIN", "the socket was closed while send() waited"));
	}

	#nextTurn(): Promise<void> {
		this.#sentThisTurn = 0;
		return new Promise(afterThisTurn);
	}

	#serve({ frames, call }: Waiting): boolean {
		try {
			if (!this.#pattern.send(frames)) return false;
			call.resolve();
		} catch (error) {
			call.reject(error);
		}
		return true;
	}

	#leave(waiting: Waiting): void {
		this.#waiting = this.#waiting.filter((other) => other !== waiting);
		// Those behind it may want to go elsewhere (ROUTER).
		this.wake();
	}
}
