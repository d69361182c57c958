import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import type { ApplicationPattern, Pipe } from "./pipe.js";

/** RFC 30, The PULL Socket Type: fair queue in. */
export class PullPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly canSend = false;
	readonly #incoming: FairQueue;

	constructor(receiveLimit: HighWaterMark) {
		this.#incoming = new FairQueue(receiveLimit);
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	attach(pipe: Pipe): undefined {
		this.#incoming.attach(pipe);
	}

	detach(pipe: Pipe): void {
		this.#incoming.detach(pipe);
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, message);
	}

	send(): boolean {
		return false;
	}

	receive(): Frames | undefined {
		return this.#incoming.take();
	}
}
