import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendEnveloped } from "./pipe.js";

/** A request that waits for its reply: whose it is and the frames up to and including the delimiter. */
interface Asked {
	readonly pipe: Pipe;
	readonly envelope: Frames;
}

/** RFC 28, The REP Socket Type: takes a request, keeps its envelope, gives it back in front of the reply. */
export class ReplyPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly #requests: FairQueue;
	readonly #peers = new Set<Pipe>();
	#asked: Asked | undefined;

	constructor(receiveLimit: HighWaterMark) {
		this.#requests = new FairQueue(receiveLimit);
	}

	get canSend(): boolean {
		return this.#asked !== undefined;
	}

	get canReceive(): boolean {
		return this.#asked === undefined && !this.#requests.isEmpty;
	}

	attach(pipe: Pipe): undefined {
		this.#peers.add(pipe);
		this.#requests.attach(pipe);
	}

	detach(pipe: Pipe): void {
		this.#peers.delete(pipe);
		this.#requests.detach(pipe);
	}

	onWritable(): void {}

	/** A request without a delimiter, or with nothing behind it, is discarded; the next one is served. */
	deliver(pipe: Pipe, message: Message): void {
		for (let i = 0; i < message.count - 1; i++) {
			if (message.size(i) === 0) {
				this.#requests.add(pipe, message);
				return;
			}
		}
	}

	/** A reply whose asker is gone, or does not read, is dropped: REP never blocks. */
	send(frames: Frames): boolean {
		if (this.#asked === undefined) throw new ZmtpError("EFSM", "there is no request to reply to");
		const { pipe, envelope } = this.#asked;
		this.#asked = undefined;
		if (this.#peers.has(pipe) && pipe.isWritable) sendEnveloped(pipe, envelope, frames);
		return true;
	}

	receive(): Frames | undefined {
		if (this.#asked !== undefined) throw new ZmtpError("EFSM", "the last request has not been replied to yet");
		const frames = this.#requests.take();
		if (frames === undefined) return undefined;
		const body = frames.findIndex((frame) => frame.length === 0) + 1;
		this.#asked = { pipe: this.#requests.from!, envelope: frames.slice(0, body) };
		return frames.slice(body);
	}
}
