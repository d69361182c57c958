import { type LinkPeer, takesOctets } from "../link/link.js";
import { envelopeBytes, type KeptEnvelope } from "../protocol/envelope.js";
import { Flag } from "../protocol/header.js";
import type { Slotted } from "../reply-channel/slots.js";
import type { Timed } from "../timing/deadline-wheel.js";
import type { Waiter } from "../waiting/waiting-line.js";
import type { Pool } from "./pool.js";
import type { Request } from "./request.js";
import type { Worker } from "./worker.js";

/** A question to all workers of a service. */
export interface Survey {
	/** Workers that have not answered. */
	pending: number;
}

/**
 * One call in the queue's care, from its arrival to its last answer. One is made for each: its fields are declared, and set by the
 * constructor (decision 41).
 */
export class QueuedCall implements Slotted, Timed, Waiter {
	declare slot: number;
	declare generation: number;
	declare deadlineAt: number;
	declare wheelNext: Timed | undefined;
	declare wheelPrevious: Timed | undefined;

	/** Whose line it waits in, or came from. */
	declare pool: Pool<QueuedCall>;
	declare isIdempotent: boolean;
	declare readonly isOneWay: boolean;
	/** Without a header: the request's first data frame is the method's name. */
	declare isBare: boolean;
	/** Arguments travel as JSON, and so does the queue's own answer. */
	declare readonly isJson: boolean;
	/** Of the method that it is for now. */
	declare priority: number;
	/** Order of arrival. */
	declare readonly age: number;
	/** The client's envelope, for answers of the queue's own and for finding the call when it is cancelled. */
	declare readonly envelope: KeptEnvelope;
	/** Who is told of its end; `undefined` when nobody is. */
	declare client: LinkPeer | undefined;
	/** The client that it counts for; `undefined` for a queue, which counts its own. Stays when the client is gone. */
	declare readonly owner: LinkPeer | undefined;
	/** Its caller is a queue, which counts what it has given away: it is told of every end, of one-way and cancelled calls too. */
	declare readonly isCounted: boolean;
	/** Nobody wants it any more: what its worker says of it is of no use, and it is not repeated. */
	declare isGivenUp: boolean;
	/** What would be sent (again); `undefined` once it is with a worker and must not be repeated. */
	declare request: Request | undefined;
	/** Who has it; `undefined` while it waits in line. */
	declare worker: Worker | undefined;
	/** Name of who has it, or had it last. */
	declare lastWorker: string;
	/** Its place among that worker's messages: beyond `peer.flushed` it never left. */
	declare ordinal: number;
	/** Of one of the calls that a survey was made into. */
	declare survey: Survey | undefined;
	/** Of a call that was delegated: what names it to whoever answers. */
	declare key: string | undefined;
	/** How often a queue has given it back. */
	declare returns: number;
	/** How often it was given to another method. */
	declare forwards: number;
	/** Its worker has answered something and goes on. */
	declare isOpen: boolean;
	/** How many workers have died of it, or with it, here and at the queues before. */
	declare attempt: number;
	/** How often its caller had sent it before. */
	declare readonly callerAttempts: number;

	/** `attempt`: of its header, as it came. `flags`: likewise. */
	constructor(
		pool: Pool<QueuedCall>,
		client: LinkPeer,
		envelope: KeptEnvelope,
		request: Request | undefined,
		deadlineAt: number,
		flags: number,
		isBare: boolean,
		isJson: boolean,
		isCounted: boolean,
		attempt: number,
		priority: number,
		age: number,
	) {
		this.pool = pool;
		this.client = client;
		this.owner = isCounted ? undefined : client;
		this.envelope = envelope;
		this.request = request;
		this.deadlineAt = deadlineAt;
		this.isIdempotent = (flags & Flag.IDEMPOTENT) !== 0;
		this.isOneWay = (flags & Flag.ONE_WAY) !== 0;
		this.isBare = isBare;
		this.isJson = isJson;
		this.isCounted = isCounted;
		// What a queue says of it are workers lost; what a caller says are attempts that may have failed for any reason.
		this.attempt = isCounted ? attempt : 0;
		this.callerAttempts = attempt - this.attempt;
		this.priority = priority;
		this.age = age;
		this.slot = -1;
		this.generation = 0;
		this.wheelNext = undefined;
		this.wheelPrevious = undefined;
		this.isGivenUp = false;
		this.worker = undefined;
		this.lastWorker = "";
		this.ordinal = 0;
		this.survey = undefined;
		this.key = undefined;
		this.returns = 0;
		this.forwards = 0;
		this.isOpen = false;
	}

	/** Whether its answer may have octets beside the body. */
	get takesOctets(): boolean {
		return !this.isBare && this.client !== undefined && takesOctets(this.client);
	}

	/** Nobody wants it any more. */
	giveUp(): void {
		this.isGivenUp = true;
		if (!this.isCounted) this.client = undefined;
	}

	get size(): number {
		const { request } = this;
		return envelopeBytes(this.envelope) + (request === undefined ? 0 : request.size);
	}
}
