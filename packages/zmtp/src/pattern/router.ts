import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import { FairQueue, type HighWaterMark } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { RoutingTable } from "./routing-table.js";

export interface RouterOptions {
	/** Report a message that has no peer (`EHOSTUNREACH`) or whose peer's queue is full, instead of dropping it. */
	readonly mandatory: boolean;
	/** A new peer takes a routing id from the one that has it, instead of being refused. */
	readonly handover: boolean;
}

/** RFC 28, The ROUTER Socket Type: the first frame of a message is the peer's routing id. */
export class RouterPattern implements ApplicationPattern {
	readonly needsPeer = true;
	readonly #peers = new RoutingTable();
	readonly #incoming: FairQueue;
	readonly #options: RouterOptions;

	constructor(receiveLimit: HighWaterMark, options: RouterOptions) {
		this.#incoming = new FairQueue(receiveLimit);
		this.#options = options;
	}

	/** A ROUTER never blocks on send, RFC 28; what it cannot deliver it drops, or reports when `mandatory`. */
	get canSend(): boolean {
		return true;
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	attach(pipe: Pipe): ZmtpError | undefined {
		const { peerRoutingId } = pipe;
		if (peerRoutingId.length === 0) {
			return this.#peers.mint(pipe) ? undefined : new ZmtpError("EAGAIN", "no routing id is left for another peer");
		}
		if (this.#peers.has(peerRoutingId) && !this.#options.handover) {
			return new ZmtpError(
				"ZMTP_ROUTING_ID_TAKEN",
				"another peer has this routing id; set handover to let the newest have it",
			);
		}
		this.#peers
			.enter(pipe, peerRoutingId)
			?.close(new ZmtpError("ZMTP_ROUTING_ID_TAKEN", "a newer peer took this routing id"));
		return undefined;
	}

	detach(pipe: Pipe): void {
		this.#peers.remove(pipe);
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, [pipe.routingId], message);
	}

	send(frames: Frames): boolean {
		const [routingId, ...rest] = frames;
		// An address with nothing behind it is no message.
		if (routingId === undefined || rest.length === 0) return true;
		const pipe = this.#peers.find(routingId);
		if (pipe?.isWritable) {
			sendFrames(pipe, [], rest);
			return true;
		}
		if (!this.#options.mandatory) return true;
		if (pipe === undefined) throw new ZmtpError("EHOSTUNREACH", "no peer has this routing id");
		return false;
	}

	receive(): Frames | undefined {
		return this.#incoming.take()?.frames;
	}
}
