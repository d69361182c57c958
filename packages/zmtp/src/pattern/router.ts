import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { Probe } from "./probe.js";
import { RoutingTable } from "./routing-table.js";

export interface RouterOptions {
	/** Report a message that has no peer (`EHOSTUNREACH`) or whose peer's queue is full, instead of dropping it. */
	readonly mandatory: boolean;
	/** A new peer takes a routing id from the one that has it, instead of being refused. */
	readonly handover: boolean;
	readonly probeRouter: boolean;
}

/** RFC 28, The ROUTER Socket Type: the first frame of a message is the peer's routing id. */
export class RouterPattern implements ApplicationPattern {
	readonly needsPeer = true;
	readonly #peers = new RoutingTable();
	readonly #incoming: FairQueue;
	readonly #options: RouterOptions;
	readonly #probe: Probe;

	constructor(receiveLimit: HighWaterMark, options: RouterOptions) {
		this.#incoming = new FairQueue(receiveLimit);
		this.#options = options;
		this.#probe = new Probe(options);
	}

	/** A ROUTER never blocks on send, RFC 28; what it cannot deliver it drops, or reports when `mandatory`. */
	get canSend(): boolean {
		return true;
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	attach(pipe: Pipe): ZmtpError | undefined {
		const refusal = this.#enter(pipe);
		if (refusal !== undefined) return refusal;
		this.#probe.attach(pipe);
		this.#incoming.attach(pipe);
		return undefined;
	}

	onReady(pipe: Pipe): void {
		this.#probe.onReady(pipe);
	}

	detach(pipe: Pipe): void {
		this.#probe.detach(pipe);
		this.#peers.remove(pipe);
		this.#incoming.detach(pipe);
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.push(pipe, message.takeAll(0, pipe.routingId));
	}

	send(frames: Frames): boolean {
		// An address with nothing behind it is no message.
		if (frames.length < 2) return true;
		const pipe = this.#peers.find(frames[0]!);
		if (pipe?.isWritable) {
			sendFrames(pipe, frames, 1);
			return true;
		}
		if (!this.#options.mandatory) return true;
		if (pipe === undefined) throw new ZmtpError("EHOSTUNREACH", "no peer has this routing id");
		return false;
	}

	receive(): Frames | undefined {
		const frames = this.#incoming.take();
		if (frames === undefined) return undefined;
		const { routingId } = this.#incoming.from!;
		// The peer may have lost its id to another since.
		return frames[0] === routingId ? frames : [routingId, ...frames.slice(1)];
	}

	/** Gives the peer its routing id: the one that we were told, else its own, else one of ours. */
	#enter(pipe: Pipe): ZmtpError | undefined {
		const { givenRoutingId, peerRoutingId } = pipe;
		const routingId = givenRoutingId.length > 0 ? givenRoutingId : peerRoutingId;
		if (routingId.length === 0) {
			return this.#peers.mint(pipe) ? undefined : new ZmtpError("EAGAIN", "no routing id is left for another peer");
		}
		const former = this.#peers.find(routingId);
		if (former === undefined) {
			this.#peers.enter(pipe, routingId);
			return undefined;
		}
		if (givenRoutingId.length > 0) return new ZmtpError("EADDRINUSE", "another peer has this routing id");
		// An id that the application gave is not a peer's to take.
		if (!this.#options.handover || former.givenRoutingId.length > 0) {
			return new ZmtpError(
				"ZMTP_ROUTING_ID_TAKEN",
				"another peer has this routing id; set handover to let the newest have it",
			);
		}
		this.#handOver(former, pipe, routingId);
		return undefined;
	}

	/**
	 * As in libzmq, the former peer gets an id of ours before it is closed: what it sent and nobody received yet must not
	 * be answered to the newest.
	 */
	#handOver(former: Pipe, newest: Pipe, routingId: Uint8Array): void {
		this.#peers.remove(former);
		this.#peers.enter(newest, routingId);
		this.#peers.mint(former);
		former.close(new ZmtpError("ZMTP_ROUTING_ID_TAKEN", "a newer peer took this routing id"));
	}
}
