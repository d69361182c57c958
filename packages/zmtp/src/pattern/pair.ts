import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";

/** RFC 31, The PAIR Socket Type: one peer at a time; a further one is refused until the first has left. */
export class PairPattern implements ApplicationPattern {
	readonly needsPeer = false;
	#peer: Pipe | undefined;
	readonly #incoming: FairQueue;

	constructor(receiveLimit: HighWaterMark) {
		this.#incoming = new FairQueue(receiveLimit);
	}

	get canSend(): boolean {
		return this.#peer?.isWritable ?? false;
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	refuse(): ZmtpError | undefined {
		return this.#peer && new ZmtpError("ZMTP_PAIR_TAKEN", "this PAIR has a peer already");
	}

	attach(pipe: Pipe): ZmtpError | undefined {
		if (this.#peer !== undefined) return this.refuse();
		this.#peer = pipe;
		this.#incoming.attach(pipe);
		return undefined;
	}

	detach(pipe: Pipe): void {
		if (this.#peer !== pipe) return;
		this.#peer = undefined;
		this.#incoming.detach(pipe);
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, message);
	}

	send(frames: Frames): boolean {
		if (!this.canSend) return false;
		sendFrames(this.#peer!, frames);
		return true;
	}

	receive(): Frames | undefined {
		return this.#incoming.take();
	}
}
