import type { LinkPeer } from "../link/link.js";
import { type Body, bodySize } from "../protocol/body.js";
import { SharedLine } from "../waiting/shared-line.js";
import { type Waiter, WaitingRoom } from "../waiting/waiting-line.js";
import type { ServedCall } from "./context.js";
import type { Route } from "./routes.js";

/** A call that waits for others to finish, with its arguments still encoded. */
export class WaitingCall implements Waiter {
	readonly call: ServedCall;
	readonly route: Route;
	/** Owned. */
	readonly body: Body;
	readonly size: number;
	readonly priority: number;
	readonly age: number;

	constructor(call: ServedCall, route: Route, body: Body, priority: number, age: number) {
		this.call = call;
		this.route = route;
		this.body = body;
		this.size = bodySize(body);
		this.priority = priority;
		this.age = age;
	}

	get owner(): LinkPeer | undefined {
		return this.call.owner;
	}
}

export interface WaitingCallsOptions {
	/** Calls served at a time: the places that clients share. */
	readonly concurrency: number;
	readonly maxWaitingCalls: number;
	/** Octets of their arguments. */
	readonly maxWaitingBytes: number;
	/** The part of the places, and of what may wait, that one client may take. */
	readonly clientShare: number;
}

/** Calls beyond the concurrency limit, the most urgent first, bounded in number and octets, in all and for each client. */
export class WaitingCalls {
	readonly #room: WaitingRoom;
	readonly #line: SharedLine<WaitingCall>;
	#arrivals = 0;

	constructor({ concurrency, maxWaitingCalls, maxWaitingBytes, clientShare }: WaitingCallsOptions) {
		this.#room = new WaitingRoom(maxWaitingCalls, maxWaitingBytes, clientShare);
		this.#line = new SharedLine(this.#room, clientShare, concurrency);
	}

	get length(): number {
		return this.#room.calls;
	}

	/** Whether a call of `owner` may be served before all that wait. */
	isFreeFor(owner: LinkPeer | undefined): boolean {
		return this.#line.isFreeFor(owner);
	}

	/** Takes a call in. False: there is no room for it, or none for its client. `body` is asked for when there is. */
	push(call: ServedCall, route: Route, priority: number, bytes: number, body: () => Body): boolean {
		if (!this.#room.hasRoomFor(bytes, call.owner)) return false;
		this.#line.add(new WaitingCall(call, route, body(), priority, this.#arrivals++));
		return true;
	}

	/** Takes out the call that is served next; `undefined` when there is none, or only of clients that have their share. */
	shift(): WaitingCall | undefined {
		const next = this.#line.peek();
		if (next !== undefined) this.#line.remove(next);
		return next;
	}

	/** A handler has not settled at once: the call has one of the places. */
	take(call: ServedCall): void {
		this.#line.take(call.owner);
	}

	/** It has settled. */
	giveBack(call: ServedCall): void {
		this.#line.giveBack(call.owner);
	}

	/** Takes out the calls of one peer that `isMeant`, and returns them. */
	takeOf(peer: LinkPeer, isMeant: (call: ServedCall) => boolean): WaitingCall[] {
		const taken = [...this.#line].filter(({ call }) => call.origin === peer && isMeant(call));
		for (const waiting of taken) this.#line.remove(waiting);
		return taken;
	}
}
