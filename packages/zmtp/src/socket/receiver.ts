import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";
import { WaitingCall } from "./waiting-call.js";

export interface ReceiverSettings {
	/** Unit: ms. */
	readonly receiveTimeout: number;
}

const late = "no message came within receiveTimeout";

/** What a call makes of the message that it gets, and of the end of the socket when that comes first. */
interface Taking<Value> {
	readonly of: (frames: Frames) => Value;
	/** Without it the call rejects. */
	readonly closed?: Value;
}

/** The call that waits. */
interface Waiting {
	give(frames: Frames): void;
	/** The socket is closed. */
	end(): void;
}

const asFrames: Taking<Frames> = { of: (frames) => frames };
const asResult: Taking<IteratorResult<Frames, void>> = {
	of: (value) => ({ value, done: false }),
	closed: { value: undefined, done: true },
};

/** The waiting side of `receive()`: at most one call waits at a time, as in zeromq.js. */
export class Receiver {
	readonly #pattern: ApplicationPattern;
	readonly #settings: ReceiverSettings;
	#waiting: Waiting | undefined;

	constructor(pattern: ApplicationPattern, settings: ReceiverSettings) {
		this.#pattern = pattern;
		this.#settings = settings;
	}

	get isWaiting(): boolean {
		return this.#waiting !== undefined;
	}

	/**
	 * Rejects with `EAGAIN` when no message came in time. Throws `EBUSY` while another call waits, `EFSM` in the wrong state,
	 * `EAGAIN` when no time is given.
	 */
	receive(signal?: AbortSignal, caller?: unknown): Promise<Frames> {
		return this.#take(asFrames, signal, caller);
	}

	/** The same for `for await`, which ends with the socket: no promise comes in between for the sake of its form. */
	next(caller?: unknown): Promise<IteratorResult<Frames, void>> {
		return this.#take(asResult, undefined, caller);
	}

	#take<Value>(taking: Taking<Value>, signal: AbortSignal | undefined, caller: unknown): Promise<Value> {
		if (this.#waiting !== undefined) throw new ZmtpError("EBUSY", "another receive() waits already");
		signal?.throwIfAborted();
		const frames = this.#pattern.receive();
		if (frames !== undefined) return Promise.resolve(taking.of(frames));
		const { receiveTimeout } = this.#settings;
		if (receiveTimeout === 0) throw new ZmtpError("EAGAIN", late);
		const call = new WaitingCall<Value>(receiveTimeout, { signal, caller }, late, () => {
			this.#waiting = undefined;
		});
		const { of, closed } = taking;
		this.#waiting = {
			give: (frames) => call.resolve(of(frames)),
			end: () => {
				if (closed !== undefined) call.resolve(closed);
				else call.reject(new ZmtpError("EAGAIN", "the socket was closed while receive() waited"));
			},
		};
		return call.promise;
	}

	/** Something changed: the waiting call may be served. */
	wake(): void {
		if (this.#waiting === undefined || !this.#pattern.canReceive) return;
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting.give(this.#pattern.receive()!);
	}

	close(): void {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting?.end();
	}
}
