import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import { WaitingCall } from "./waiting-call.js";

export interface ReceiverSettings {
	/** Unit: ms. */
	readonly receiveTimeout: number;
}

const late = "no message came within receiveTimeout";

/** The waiting side of `receive()`: at most one call waits at a time, as in zeromq.js. */
export class Receiver {
	readonly #pattern: ApplicationPattern;
	readonly #settings: ReceiverSettings;
	#waiting: WaitingCall<Frames> | undefined;

	constructor(pattern: ApplicationPattern, settings: ReceiverSettings) {
		this.#pattern = pattern;
		this.#settings = settings;
	}

	/**
	 * Rejects with `EAGAIN` when no message came in time. Throws `EBUSY` while another call waits, `EFSM` in the wrong state,
	 * `EAGAIN` when no time is given.
	 */
	receive(signal?: AbortSignal): Promise<Frames> {
		if (this.#waiting !== undefined) throw new ZmtpError("EBUSY", "another receive() waits already");
		signal?.throwIfAborted();
		const frames = this.#pattern.receive();
		if (frames !== undefined) return Promise.resolve(frames);
		const { receiveTimeout } = this.#settings;
		if (receiveTimeout === 0) throw new ZmtpError("EAGAIN", late);
		this.#waiting = new WaitingCall(receiveTimeout, signal, late, () => {
			this.#waiting = undefined;
		});
		return this.#waiting.promise;
	}

	/** Something changed: the waiting call may be served. */
	wake(): void {
		if (this.#waiting === undefined || !this.#pattern.canReceive) return;
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting.resolve(this.#pattern.receive()!);
	}

	close(): void {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting?.reject(new ZmtpError("EAGAIN", "the socket was closed while receive() waited"));
	}
}
