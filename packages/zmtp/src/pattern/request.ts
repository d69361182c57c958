import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendEnveloped } from "./pipe.js";
import { Probe } from "./probe.js";
import { RoundRobin } from "./round-robin.js";

export interface RequestOptions {
	/** Put a number in front of each request and take only the reply that bears it. */
	readonly correlate: boolean;
	/** A request may follow another that has no reply yet, which is given up. */
	readonly relaxed: boolean;
	readonly probeRouter: boolean;
}

const delimiter = new Uint8Array(0);
const numberBytes = 4;

/** RFC 28, The REQ Socket Type: one request, then its reply, from the peer that was asked and from no other. */
export class RequestPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly #options: RequestOptions;
	readonly #outgoing = new RoundRobin();
	readonly #replies: FairQueue;
	readonly #probe: Probe;
	/** Who was asked; `undefined` while no reply is due. */
	#asked: Pipe | undefined;
	/** What the reply has to begin with: the request's number, if it had one, and the delimiter. */
	#envelope: Frames = [delimiter];
	#number = Math.floor(Math.random() * 2 ** 32);
	#hasReply = false;

	constructor(receiveLimit: HighWaterMark, options: RequestOptions) {
		this.#options = options;
		this.#replies = new FairQueue(receiveLimit);
		this.#probe = new Probe(options);
	}

	get canSend(): boolean {
		return (this.#asked === undefined || this.#options.relaxed) && this.#outgoing.peek() !== undefined;
	}

	get canReceive(): boolean {
		return this.#hasReply;
	}

	attach(pipe: Pipe): undefined {
		this.#probe.attach(pipe);
		this.#outgoing.add(pipe);
	}

	onReady(pipe: Pipe): void {
		this.#probe.onReady(pipe);
	}

	detach(pipe: Pipe): void {
		this.#probe.detach(pipe);
		this.#outgoing.remove(pipe);
	}

	onWritable(pipe: Pipe): void {
		this.#outgoing.reopen(pipe);
	}

	/** Replies from others, second ones and those without the request's envelope are discarded silently, as the RFC wants. */
	deliver(pipe: Pipe, message: Message): void {
		if (pipe !== this.#asked || this.#hasReply || !this.#isReply(message)) return;
		this.#hasReply = true;
		this.#replies.add(pipe, message, this.#envelope.length);
	}

	send(frames: Frames): boolean {
		if (this.#asked !== undefined && !this.#options.relaxed) {
			throw new ZmtpError("EFSM", "the reply to the last request has not been received yet");
		}
		const pipe = this.#outgoing.next();
		if (pipe === undefined) return false;
		this.#takeReply();
		this.#asked = pipe;
		this.#envelope = this.#options.correlate ? [this.#nextNumber(), delimiter] : [delimiter];
		sendEnveloped(pipe, this.#envelope, frames);
		return true;
	}

	receive(): Frames | undefined {
		if (this.#asked === undefined) throw new ZmtpError("EFSM", "there is no request whose reply could be received");
		return this.#hasReply ? this.#takeReply() : undefined;
	}

	/** Ends the turn, and with it the wait for a reply. */
	#takeReply(): Frames | undefined {
		this.#hasReply = false;
		this.#asked = undefined;
		return this.#replies.take();
	}

	#isReply(message: Message): boolean {
		const envelope = this.#envelope;
		if (message.count <= envelope.length || message.size(envelope.length - 1) !== 0) return false;
		return envelope.length === 1 || message.equals(0, envelope[0]!);
	}

	#nextNumber(): Uint8Array {
		this.#number = (this.#number + 1) >>> 0;
		const octets = new Uint8Array(numberBytes);
		new DataView(octets.buffer).setUint32(0, this.#number);
		return octets;
	}
}
