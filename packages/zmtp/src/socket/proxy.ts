import { ZmtpError } from "../errors.js";
import type { SocketCore } from "./core.js";
import { holdProcess, releaseProcess } from "./process-hold.js";
import { type Passed, Relay } from "./relay.js";
import { coreOf, type Socket } from "./socket.js";
import type { CallOptions } from "./waiting-call.js";

/** What one side of a proxy has received and sent. */
export interface SideStatistics {
	readonly received: Readonly<Passed>;
	readonly sent: Readonly<Passed>;
}

/**
 * Relays messages between two sockets, both ways, unread: a ROUTER and a DEALER make a shared queue, an XPUB and an XSUB
 * forward subscriptions one way and messages the other. A side that has no room holds up only the direction towards it.
 * Both sides may be one socket, which then gets back what it receives.
 */
export class Proxy<Front extends Socket = Socket, Back extends Socket = Socket> {
	readonly frontEnd: Front;
	readonly backEnd: Back;
	readonly #relays: readonly Relay[];
	readonly #cores: readonly SocketCore[];
	#isPaused = false;
	/** Set once it is over: by `terminate()`, by the end of a socket, or by an error. */
	#end: { readonly error?: unknown } | undefined;
	#onEnd: () => void = () => {};

	/** `capture` is sent a copy of every message, and holds up both ways when it has no room. It stays open at the end. */
	constructor(frontEnd: Front, backEnd: Back, capture?: Socket) {
		this.frontEnd = frontEnd;
		this.backEnd = backEnd;
		const front = coreOf(frontEnd);
		const back = coreOf(backEnd);
		const copies = capture === undefined ? undefined : coreOf(capture);
		const forth = new Relay(front, back, copies);
		this.#relays = front === back ? [forth] : [forth, new Relay(back, front, copies)];
		this.#cores = [front, back, ...(copies === undefined ? [] : [copies])];
	}

	/** What has been relayed so far, in messages and octets. */
	get statistics(): { readonly frontEnd: SideStatistics; readonly backEnd: SideStatistics } {
		const forth = { ...this.#relays[0]!.passed };
		const back = { ...this.#relays.at(-1)!.passed };
		return { frontEnd: { received: forth, sent: back }, backEnd: { received: back, sent: forth } };
	}

	/**
	 * Relays until `terminate()` is called, one of the sockets is closed, or `signal` aborts; then both sockets are closed,
	 * and it resolves when that is done. Meanwhile they belong to the proxy: their `send()` and `receive()` reject with
	 * `EBUSY`. Rejects with `EINVAL` on a socket without an endpoint or two that relay nothing, `EBUSY` on one in a proxy or
	 * with a call that waits.
	 */
	async run({ signal }: CallOptions = {}): Promise<void> {
		if (this.#end === undefined) this.#checkSockets();
		const abort = () => this.terminate();
		signal?.addEventListener("abort", abort, { once: true });
		if (signal?.aborted) abort();
		holdProcess();
		try {
			await this.#relay();
		} finally {
			signal?.removeEventListener("abort", abort);
			await Promise.all([this.frontEnd.close(), this.backEnd.close()]);
			releaseProcess();
		}
		if (this.#end?.error !== undefined) throw this.#end.error;
	}

	/** Stops relaying for a while; what arrives waits, up to the high water marks. */
	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#pump();
	}

	/** Stops relaying and closes both sockets. */
	terminate(): void {
		this.#finish({});
		void this.frontEnd.close();
		void this.backEnd.close();
	}

	#checkSockets(): void {
		for (const [index, side] of ["front-end", "back-end"].entries()) {
			if (!this.#cores[index]!.engine.hasEndpoints) {
				throw new ZmtpError("EINVAL", `the ${side} socket must be bound or connected`);
			}
		}
		if (!this.#relays.some((relay) => relay.isPossible)) {
			const [front, back] = this.#cores;
			throw new ZmtpError("EINVAL", `between ${front!.type} and ${back!.type} nothing can be relayed`);
		}
		for (const core of this.#cores) core.assertIdle();
	}

	/** Resolves at the end. */
	#relay(): Promise<void> {
		return new Promise((resolve) => {
			if (this.#end !== undefined) return resolve();
			this.#onEnd = resolve;
			const relaying = { changed: () => this.#pump(), closed: () => this.#finish({}) };
			for (const core of this.#cores) core.relaying = relaying;
			this.#pump();
		});
	}

	#pump(): void {
		if (this.#end !== undefined || this.#isPaused) return;
		try {
			for (const relay of this.#relays) relay.pump();
		} catch (error) {
			this.#finish({ error });
		}
	}

	#finish(end: { readonly error?: unknown }): void {
		if (this.#end !== undefined) return;
		this.#end = end;
		for (const core of this.#cores) core.relaying = undefined;
		this.#onEnd();
	}
}
