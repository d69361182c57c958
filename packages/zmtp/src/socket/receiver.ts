import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";

interface Waiting {
	readonly resolve: (frames: Frames) => void;
	readonly reject: (error: ZmtpError) => void;
	readonly timer: NodeJS.Timeout | undefined;
}

export interface ReceiverSettings {
	/** Unit: ms. */
	readonly receiveTimeout: number;
}

/** The waiting side of `receive()`: at most one call waits at a time, as in zeromq.js. */
export class Receiver {
	readonly #pattern: ApplicationPattern;
	readonly #settings: ReceiverSettings;
	#waiting: Waiting | undefined;

	constructor(pattern: ApplicationPattern, settings: ReceiverSettings) {
		this.#pattern = pattern;
		this.#settings = settings;
	}

	/** Rejects with `EBUSY` while another call waits, `EFSM` in the wrong state, `EAGAIN` when no message came in time. */
	async receive(): Promise<Frames> {
		if (this.#waiting !== undefined) throw new ZmtpError("EBUSY", "another receive() waits already");
		const frames = this.#pattern.receive();
		if (frames !== undefined) return frames;
		const { receiveTimeout } = this.#settings;
		if (receiveTimeout === 0) throw noMessage();
		return new Promise((resolve, reject) => {
			const timer =
				receiveTimeout === Number.POSITIVE_INFINITY
					? undefined
					: setTimeout(() => {
							this.#waiting = undefined;
							reject(noMessage());
						}, receiveTimeout);
			this.#waiting = { resolve, reject, timer };
		});
	}

	/** Something changed: the waiting call may be served. */
	wake(): void {
		if (this.#waiting === undefined || !this.#pattern.canReceive) return;
		const { resolve, timer } = this.#waiting;
		this.#waiting = undefined;
		clearTimeout(timer);
		resolve(this.#pattern.receive()!);
	}

	close(): void {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		clearTimeout(waiting?.timer);
		waiting?.reject(new ZmtpError("EAGAIN", "the socket was closed while receive() waited"));
	}
}

function noMessage(): ZmtpError {
	return new ZmtpError("EAGAIN", "no message came within receiveTimeout");
}
