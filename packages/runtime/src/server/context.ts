import type { CallContext } from "../call-context.js";
import { RpcError } from "../errors.js";
import type { LinkPeer } from "../link/link.js";
import { decodeMetadata } from "../protocol/codec.js";
import type { KeptEnvelope } from "../protocol/envelope.js";
import type { DeadlineWheel, Timed } from "../timing/deadline-wheel.js";

const noMetadata: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * A call being served, as its handler sees it and as the server keeps it. What few handlers ask for, signal and metadata,
 * is made when it is asked for.
 */
export class ServedCall implements CallContext, Timed {
	readonly method: string;
	readonly attempt: number;
	deadlineAt: number;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	/** Where the answer goes; `undefined` when the connection is gone. */
	origin: LinkPeer | undefined;
	/** The way back; `undefined` for a one-way call that nobody keeps count of. */
	readonly envelope: KeptEnvelope | undefined;
	/** Whether a queue waits for a sign that a one-way call is done. */
	readonly isOneWay: boolean;
	readonly isJson: boolean;

	readonly #wheel: DeadlineWheel<ServedCall>;
	readonly #metadata: Uint8Array | undefined;
	#decoded: Readonly<Record<string, unknown>> | undefined;
	#controller: AbortController | undefined;
	/** Why nobody waits for the answer any more; `undefined` while somebody does. */
	abortReason: RpcError | undefined;

	constructor(fields: {
		readonly method: string;
		readonly attempt: number;
		readonly deadlineAt: number;
		readonly origin: LinkPeer;
		readonly envelope: KeptEnvelope | undefined;
		readonly isOneWay: boolean;
		readonly isJson: boolean;
		readonly metadata: Uint8Array | undefined;
		readonly wheel: DeadlineWheel<ServedCall>;
	}) {
		this.method = fields.method;
		this.attempt = fields.attempt;
		this.deadlineAt = fields.deadlineAt;
		this.origin = fields.origin;
		this.envelope = fields.envelope;
		this.isOneWay = fields.isOneWay;
		this.isJson = fields.isJson;
		this.#metadata = fields.metadata;
		this.#wheel = fields.wheel;
	}

	get deadline(): number {
		return this.deadlineAt === Number.POSITIVE_INFINITY ? this.deadlineAt : Date.now() + this.remainingMs;
	}

	get remainingMs(): number {
		return Math.max(0, this.deadlineAt - performance.now());
	}

	get peer(): string {
		return this.origin?.address ?? "";
	}

	get metadata(): Readonly<Record<string, unknown>> {
		this.#decoded ??=
			this.#metadata === undefined ? noMetadata : decodeMetadata(this.#metadata, 0, this.#metadata.length);
		return this.#decoded;
	}

	get signal(): AbortSignal {
		if (this.#controller === undefined) {
			this.#controller = new AbortController();
			if (this.abortReason !== undefined) this.#controller.abort(this.abortReason);
			else this.#wheel.add(this);
		}
		return this.#controller.signal;
	}

	/** Nobody waits for the answer any more. */
	abort(reason: RpcError): void {
		if (this.abortReason !== undefined) return;
		this.abortReason = reason;
		this.#controller?.abort(reason);
	}

	/** The deadline has passed. */
	expire(): void {
		this.abort(new RpcError("DEADLINE_EXCEEDED", `${this.method}: the caller's deadline has passed`));
	}

	/** The handler is done. */
	settle(): void {
		this.#wheel.remove(this);
	}
}
