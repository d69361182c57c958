import { ZmtpError } from "../errors.js";
import type { Frames } from "../pattern/frames.js";
import type { ApplicationPattern } from "../pattern/pipe.js";

interface Waiting {
	readonly frames: Frames;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
	readonly timer: NodeJS.Timeout | undefined;
}

export interface SenderSettings {
	/** Unit: ms. */
	readonly sendTimeout: number;
	/** As many calls may wait. */
	readonly sendHighWaterMark: number;
}

/** The waiting side of `send()`: calls that no peer has room for wait in order, as many as the high water mark says. */
export class Sender {
	readonly #pattern: ApplicationPattern;
	readonly #settings: SenderSettings;
	#waiting: Waiting[] = [];
	#isWaking = false;

	constructor(pattern: ApplicationPattern, settings: SenderSettings) {
		this.#pattern = pattern;
		this.#settings = settings;
	}

	/** Resolves when the message is in a peer's queue. */
	async send(frames: Frames): Promise<void> {
		if (this.#waiting.length === 0 && this.#pattern.send(frames)) return;
		const { sendTimeout, sendHighWaterMark } = this.#settings;
		if (sendTimeout === 0 || this.#waiting.length >= sendHighWaterMark) throw noRoom();
		return new Promise((resolve, reject) => {
			const timer =
				sendTimeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#expire(waiting), sendTimeout);
			const waiting: Waiting = { frames, resolve, reject, timer };
			this.#waiting.push(waiting);
		});
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
		for (const { reject, timer } of waiting) {
			clearTimeout(timer);
			reject(new ZmtpError("EAGAIN", "the socket was closed while send() waited"));
		}
	}

	#serve({ frames, resolve, reject, timer }: Waiting): boolean {
		try {
			if (!this.#pattern.send(frames)) return false;
			resolve();
		} catch (error) {
			reject(error);
		}
		clearTimeout(timer);
		return true;
	}

	#expire(waiting: Waiting): void {
		this.#waiting = this.#waiting.filter((other) => other !== waiting);
		waiting.reject(noRoom());
		// Those behind it may want to go elsewhere (ROUTER).
		this.wake();
	}
}

function noRoom(): ZmtpError {
	return new ZmtpError("EAGAIN", "no peer had room for the message within sendTimeout");
}
