import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { Probe } from "./probe.js";
import { RoundRobin } from "./round-robin.js";

/** RFC 28, The DEALER Socket Type: round robin out, fair queue in, frames as they are. */
export class DealerPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly #outgoing = new RoundRobin();
	readonly #incoming: FairQueue;
	readonly #probe: Probe;

	constructor(receiveLimit: HighWaterMark, options: { readonly probeRouter: boolean }) {
		this.#incoming = new FairQueue(receiveLimit);
		this.#probe = new Probe(options);
	}

	get canSend(): boolean {
		return this.#outgoing.peek() !== undefined;
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	attach(pipe: Pipe): undefined {
		this.#probe.attach(pipe);
		this.#outgoing.add(pipe);
		this.#incoming.attach(pipe);
	}

	onReady(pipe: Pipe): void {
		this.#probe.onReady(pipe);
	}

	detach(pipe: Pipe): void {
		this.#probe.detach(pipe);
		this.#outgoing.remove(pipe);
		this.#incoming.detach(pipe);
	}

	onWritable(pipe: Pipe): void {
		this.#outgoing.reopen(pipe);
	}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, message);
	}

	send(frames: Frames): boolean {
		const pipe = this.#outgoing.next();
		if (pipe === undefined) return false;
		sendFrames(pipe, frames);
		return true;
	}

	receive(): Frames | undefined {
		return this.#incoming.take();
	}
}
