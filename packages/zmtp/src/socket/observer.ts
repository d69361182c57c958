import type { PeerDescription } from "../connection/connection.js";
import { ZmtpError, type ZmtpErrorCode } from "../errors.js";
import { Emitter } from "./emitter.js";
import { holdProcess, releaseProcess } from "./process-hold.js";
import { type CallOptions, WaitingCall } from "./waiting-call.js";

interface At {
	/** The endpoint, or the peer's address. */
	readonly address: string;
}

interface Failed extends At {
	readonly error: ZmtpError;
}

/** What happens to a socket's endpoints and connections. Names are zeromq.js's. */
interface Details {
	/** A connection was accepted; its handshake follows. */
	accept: At;
	/** Accepting failed once (too many open files, say) and goes on. */
	"accept:error": Failed;
	bind: At;
	"bind:error": Failed;
	/** A connection stands; its handshake follows. */
	connect: At;
	/** An attempt to connect begins. */
	"connect:delay": At;
	/** An attempt to connect failed, or a connection ended; the next attempt is made after `interval` ms. */
	"connect:retry": At & { readonly interval: number; readonly error: ZmtpError | undefined };
	/** The peer is ready for messages; `peer`: what it said of itself, and an authenticator of it. */
	handshake: At & { readonly peer: PeerDescription };
	/** The peer refused us, or we it; `error.status` says how an authenticator judged. */
	"handshake:error:auth": Failed;
	/** The peer is no ZMTP peer, breaks its rules or does not fit. */
	"handshake:error:protocol": Failed;
	/** The connection was lost before the handshake was done. */
	"handshake:error:other": Failed;
	/** A peer that had been ready is gone; `error` says why when it was not an orderly end. */
	disconnect: At & { readonly error: ZmtpError | undefined };
	/** An endpoint is no longer bound. */
	close: At;
	/** Never: unbinding cannot fail here. */
	"close:error": Failed;
	/** The socket is closed and everything it held is released. */
	end: unknown;
	/** Never: there is no event without a name here. */
	unknown: unknown;
}

export type EventType = keyof Details;

/** Events by name. */
export type SocketEvents = {
	[Type in EventType]: { readonly type: Type } & Readonly<Details[Type]>;
};

/** The events of one type, or of any. */
export type EventOfType<Type extends EventType = EventType> = SocketEvents[Type];

export type Event = EventOfType;

/** Most events that wait for `receive()`; the oldest make room. */
const longestQueue = 1000;

/**
 * The events of one socket, for listeners or, in order, for `receive()` and `for await`. A listener must not throw; if it
 * does, the process hears of it as of any uncaught error. Whoever listens or waits keeps the process from ending.
 */
export class Observer extends Emitter<SocketEvents> {
	/** Events not yet received; there are none to keep while nobody asked for them. */
	#queue: Event[] | undefined;
	#hasReceived = false;
	#waiting: WaitingCall<Event> | undefined;
	#hasEnded = false;
	#isClosed = false;
	#isHolding = false;

	/** Whether it was closed, or told its last event, `end`. */
	get closed(): boolean {
		return this.#isClosed;
	}

	/** Keeps what happens from now on for `receive()`, unless listeners are told of it. */
	observe(): this {
		if (!this.#isClosed && this.eventNames().length === 0) this.#queue ??= [];
		return this;
	}

	/**
	 * The next event. At most 1000 wait, the newest ones.
	 * Rejects with `EBUSY` while another call waits, `EAGAIN` when it is closed meanwhile, `EBADF` once it is closed.
	 */
	receive({ signal }: CallOptions = {}): Promise<Event> {
		try {
			if (this.#isClosed) throw new ZmtpError("EBADF", "the observer is closed");
			if (this.#waiting !== undefined) throw new ZmtpError("EBUSY", "another receive() waits already");
			signal?.throwIfAborted();
		} catch (error) {
			return Promise.reject(error);
		}
		this.#hasReceived = true;
		this.#queue ??= [];
		const event = this.#queue.shift();
		if (event !== undefined) return Promise.resolve(this.#received(event));
		this.#waiting = new WaitingCall(Number.POSITIVE_INFINITY, { signal }, "", () => {
			this.#waiting = undefined;
		});
		return this.#waiting.promise;
	}

	/** Events until it is closed; `end` is the last one. */
	async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
		while (!this.#isClosed) {
			try {
				yield await this.receive();
			} catch (error) {
				if (this.#isClosed) return;
				throw error;
			}
		}
	}

	/** No event is told any more. */
	close(): void {
		this.#isClosed = true;
		this.#queue = undefined;
		this.#hold();
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting?.reject(new ZmtpError("EAGAIN", "the observer was closed while receive() waited"));
	}

	/** For the socket: this happened. */
	tell<Type extends EventType>(type: Type, details: Details[Type]): void {
		if (this.#isClosed) return;
		if (this.#queue !== undefined || this.listenerCount(type) > 0) {
			const event = { type, ...(details as object) } as SocketEvents[Type];
			this.#keep(event);
			this.emit(type, event);
		}
		if (type !== "end") return;
		this.#hasEnded = true;
		this.#hold();
		// What is queued can still be received.
		if (this.#queue === undefined) this.close();
	}

	protected override onListenersChanged(): void {
		if (!this.#hasReceived) this.#queue = undefined;
		this.#hold();
	}

	#keep(event: Event): void {
		const waiting = this.#waiting;
		if (waiting !== undefined) {
			this.#waiting = undefined;
			waiting.resolve(this.#received(event));
		} else if (this.#queue !== undefined) {
			if (this.#queue.length === longestQueue) this.#queue.shift();
			this.#queue.push(event);
		}
	}

	#received(event: Event): Event {
		if (event.type === "end") this.close();
		return event;
	}

	#hold(): void {
		const shouldHold = !this.#hasEnded && !this.#isClosed && this.eventNames().length > 0;
		if (shouldHold === this.#isHolding) return;
		this.#isHolding = shouldHold;
		if (shouldHold) holdProcess();
		else releaseProcess();
	}
}

/** What of it those need who only listen. */
export type EventSubscriber = Pick<Observer, "on" | "off">;

/** Tells that a connection is gone, by the event that fits how far it had come. */
export function reportLoss(events: Observer, address: string, wasReady: boolean, error: ZmtpError | undefined): void {
	if (wasReady) events.tell("disconnect", { address, error });
	else if (error !== undefined) events.tell(handshakeEvent(error), { address, error });
}

/** What the world did to a handshake. What is neither this nor the peer's own refusal, the peer did wrong. */
const misfortunes: ReadonlySet<string> = new Set<ZmtpErrorCode>([
	"EAGAIN",
	"ZMTP_CONNECTION_LOST",
	"ZMTP_HANDSHAKE_TIMEOUT",
	"ZMTP_TOO_MANY_HANDSHAKES",
]);

function handshakeEvent(error: ZmtpError) {
	const isRefusal = error.code === "ZMTP_PEER_REFUSED" || error.code === "ZMTP_AUTHENTICATION_FAILED";
	if (isRefusal) return "handshake:error:auth" as const;
	return misfortunes.has(error.code) ? ("handshake:error:other" as const) : ("handshake:error:protocol" as const);
}
