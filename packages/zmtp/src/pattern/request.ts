import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import { FairQueue, type HighWaterMark } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { RoundRobin } from "./round-robin.js";

const delimiter: Frames = [new Uint8Array(0)];

/** RFC 28, The REQ Socket Type: one request, then its reply, from the peer that was asked and from no other. */
export class RequestPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly #outgoing = new RoundRobin();
	readonly #replies: FairQueue;
	/** Who was asked; `undefined` while no reply is due. */
	#asked: Pipe | undefined;
	#hasReply = false;

	constructor(receiveLimit: HighWaterMark) {
		this.#replies = new FairQueue(receiveLimit);
	}

	get canSend(): boolean {
		return this.#asked === undefined && this.#outgoing.peek() !== undefined;
	}

	get canReceive(): boolean {
		return this.#hasReply;
	}

	attach(pipe: Pipe): undefined {
		this.#outgoing.add(pipe);
	}

	detach(pipe: Pipe): void {
		this.#outgoing.remove(pipe);
	}

	onWritable(pipe: Pipe): void {
		this.#outgoing.reopen(pipe);
	}

	/** Replies from others, second ones and those without a delimiter are discarded silently, as the RFC wants. */
	deliver(pipe: Pipe, message: Message): void {
		if (pipe !== this.#asked || this.#hasReply || message.count < 2 || message.size(0) !== 0) return;
		this.#hasReply = true;
		this.#replies.add(pipe, [], message, 1);
	}

	send(frames: Frames): boolean {
		if (this.#asked !== undefined)
			throw new ZmtpError("EFSM", "the reply to the last request has not been received yet");
		const pipe = this.#outgoing.next();
		if (pipe === undefined) return false;
		this.#asked = pipe;
		sendFrames(pipe, delimiter, frames);
		return true;
	}

	receive(): Frames | undefined {
		if (this.#asked === undefined) throw new ZmtpError("EFSM", "there is no request whose reply could be received");
		if (!this.#hasReply) return undefined;
		this.#hasReply = false;
		this.#asked = undefined;
		return this.#replies.take()?.frames;
	}
}
