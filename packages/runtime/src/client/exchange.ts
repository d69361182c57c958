import type { Emitter } from "../emitter.js";
import { type Outcome, RpcError } from "../errors.js";
import { defaultMaxFrameBytes } from "../limits.js";
import type { IncomingMessage, Link, LinkHandler, LinkPeer } from "../link/link.js";
import { assertLinkOptions } from "../link/link-options.js";
import { openLink } from "../link/zmtp-link.js";
import { numericOption } from "../numeric-option.js";
import { controlKind, sendDrain } from "../protocol/control.js";
import { readError } from "../protocol/error-body.js";
import { Kind, Reply } from "../protocol/header.js";
import type { AnyMethod } from "../service.js";
import { WritablePeers } from "../stream/writable-peers.js";
import { now } from "../timing/clock.js";
import { Breaker, type BreakerState } from "./breaker.js";
import type { Call } from "./call.js";
import { CallBook } from "./call-book.js";
import { closed, isOutage, staysOpen, unavailable } from "./call-failures.js";
import type { ChannelHost } from "./channel.js";
import type { ConnectionEvents, ConnectionState } from "./connection-events.js";
import type { ConnectionOptions } from "./connection-options.js";
import { Endpoint, type EndpointState, endpointOf } from "./endpoint.js";
import { Readiness } from "./readiness.js";
import { encodeRequest, type HeaderTemplates, templatesFor, writeRequest, writeWaiting } from "./request-writer.js";
import { Retries } from "./retries.js";
import { Servers } from "./servers.js";

/**
 * Calls, and what is said of them, over one DEALER: whom a call is given to, what an answer means to it, and what becomes of
 * both when a server comes, drains or is lost.
 */
export class Exchange {
	readonly #link: Link;
	readonly #events: Pick<Emitter<ConnectionEvents>, "emit">;
	readonly maxFrameBytes: number;
	readonly #templates: HeaderTemplates;
	/** One that drains is out already. */
	readonly servers: Servers;
	readonly endpoints: readonly Endpoint[];
	readonly readiness = new Readiness();
	readonly calls: CallBook;
	readonly retries: Retries;
	readonly channelHost: ChannelHost;
	readonly #writable = new WritablePeers();
	state: ConnectionState = "connecting";
	/** Why the last one who was connected to is no server: what calls that waited for one are told. */
	#trouble: Error | undefined;
	droppedReplies = 0;
	breakersOpened = 0;

	/** Throws for an option that makes no sense, a `ZmtpError` for a malformed endpoint. */
	constructor(
		endpoints: readonly string[],
		options: ConnectionOptions,
		events: Pick<Emitter<ConnectionEvents>, "emit">,
	) {
		if (endpoints.length === 0) throw new RangeError("a connection has an endpoint at least");
		assertLinkOptions(options);
		this.#events = events;
		this.maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
		this.#templates = templatesFor(options.schemaCheck ?? "none", this.maxFrameBytes);
		this.servers = new Servers(options.balance);
		this.retries = new Retries(options, {
			hasAnother: (tried) => this.servers.hasAnother(tried),
			onDue: (call) => this.#repeat(call),
		});
		this.calls = new CallBook({
			maxWaitingCalls: numericOption("maxWaitingCalls", options.maxWaitingCalls ?? 65_536, { atLeast: 0 }),
			maxWaitingBytes: numericOption("maxWaitingBytes", options.maxWaitingBytes ?? 64 * 1024 * 1024, { atLeast: 0 }),
			retries: this.retries,
			trouble: () => this.#trouble,
		});
		this.channelHost = {
			maxFrameBytes: this.maxFrameBytes,
			onOpened: (call) => {
				if (call.isOpenEnded) this.calls.forgetDeadline(call);
				endpointOf(call.peer!).breaker?.onAnswered(call);
			},
			hold: (peer) => this.#writable.hold(peer),
			abandon: (call, error) => this.calls.abandon(call, error),
			onSurprise: () => void this.calls.surprises++,
		};
		const handler: LinkHandler = {
			onPeerReady: (peer) => this.#admit(peer),
			onPeerLost: (peer, error) => this.#lose(peer, error),
			onMessage: (peer, message) => this.#receive(peer, message),
			onWritable: (peer) => {
				this.#writable.wake(peer);
				this.#sendWaiting();
			},
			onStranger: (address, error) => {
				this.#trouble = new Error(`${address}: ${error.message}`, { cause: error });
				events.emit("stranger", { address, error });
			},
		};
		this.#link = openLink("DEALER", handler, options, options.security);
		try {
			this.endpoints = endpoints.map((name) => this.#connect(name, options));
		} catch (error) {
			// Those before the malformed one are being dialled already.
			void this.#link.close();
			throw error;
		}
	}

	#connect(name: string, { breaker }: ConnectionOptions): Endpoint {
		const guard =
			breaker === undefined || breaker === false
				? undefined
				: new Breaker(breaker, (state) => this.#judge(name, state));
		const peer = this.#link.connect(name);
		const endpoint = new Endpoint(name, peer, guard);
		peer.context = endpoint;
		return endpoint;
	}

	/** The breaker of an endpoint says something else, or lets another call try. */
	#judge(endpoint: string, state: BreakerState): void {
		if (state === "open") this.breakersOpened++;
		else this.#sendWaiting();
		this.#events.emit("breaker", { endpoint, state });
	}

	/** Throws FAILED_PRECONDITION when the connection is closed. */
	assertOpen(method: AnyMethod): void {
		if (this.state === "closed") throw closed(method);
	}

	/** Makes a call. Throws an `RpcError`, with nothing done, when it can neither be sent nor wait. */
	start(call: Call, leftMs: number): void {
		this.#dispatch(call, leftMs);
		this.calls.listen(call);
	}

	/** Gives a call to this server. Throws an `RpcError`, with nothing done, when it cannot be sent. */
	send(endpoint: Endpoint, call: Call, leftMs: number): void {
		if (call.isOneWay) {
			writeRequest(endpoint.peer, call, leftMs, this.maxFrameBytes, this.#templates);
			call.resolve(undefined);
			return;
		}
		this.calls.add(call, leftMs);
		try {
			const budgetMs = call.isOpenEnded ? Number.POSITIVE_INFINITY : leftMs;
			writeRequest(endpoint.peer, call, budgetMs, this.maxFrameBytes, this.#templates);
		} catch (error) {
			this.calls.withdraw(call);
			throw error;
		}
		endpoint.entrust(call);
	}

	/** Ends all that is under way. Resolves when everything is released. */
	close(): Promise<void> {
		this.#move("closed");
		this.calls.close();
		this.retries.stop();
		for (const { breaker } of this.endpoints) breaker?.close();
		return this.#link.close();
	}

	#dispatch(call: Call, leftMs: number): void {
		const endpoint = this.calls.waiting.length === 0 ? this.servers.choose(call) : undefined;
		if (endpoint === undefined) this.#wait(call, leftMs);
		else this.send(endpoint, call, leftMs);
	}

	#wait(call: Call, leftMs: number): void {
		call.waiting = encodeRequest(call, this.maxFrameBytes, this.#templates);
		if (call.options?.waitForReady === false) throw unavailable(call.method, this.servers.whyNone);
		this.calls.wait(call, leftMs);
	}

	#sendWaiting(): void {
		const { waiting } = this.calls;
		if (waiting.length === 0) return;
		const time = now();
		for (const call of waiting) {
			const leftMs = this.calls.deadlineOf(call, time) - time;
			if (leftMs <= 0) {
				this.calls.expire(call);
				continue;
			}
			const endpoint = this.servers.choose(call);
			if (endpoint === undefined) return;
			waiting.remove(call);
			const budgetMs = call.isOpenEnded ? Number.POSITIVE_INFINITY : leftMs;
			writeWaiting(endpoint.peer, call, call.waiting!, budgetMs);
			call.waiting = undefined;
			if (call.isOneWay) this.calls.leave(call);
			else endpoint.entrust(call);
		}
	}

	/** An answer: envelope of one frame, delimiter, then the result alone or header and body. */
	#receive(peer: LinkPeer, message: IncomingMessage): void {
		const call = message.count >= 3 && message.size(1) === 0 ? this.calls.find(message) : undefined;
		// Only the server that was asked may answer: a token is no secret among the servers of one connection.
		if (call === undefined || call.peer !== peer) this.#hearOther(peer, message);
		else if (message.count === 3 && call.method.form === "unary") this.calls.complete(call, message, 2);
		else this.#hear(peer, call, message);
	}

	/** Something that answers no call: a word of the hop itself, or it comes too late. */
	#hearOther(peer: LinkPeer, message: IncomingMessage): void {
		if (message.count >= 2 && message.size(0) === 0) this.#obey(peer, message);
		else this.droppedReplies++;
	}

	/** An answer with a header, if it is one. */
	#hear(peer: LinkPeer, call: Call, message: IncomingMessage): void {
		if (message.count < 4) {
			this.droppedReplies++;
			return;
		}
		const kind = message.size(2) === 0 ? -1 : message.buffers[2]![message.starts[2]!]!;
		if (kind === Reply.RESULT && call.method.form === "unary") {
			this.calls.complete(call, message, 3);
		} else if (kind === Reply.ERROR && message.count === 4 && message.size(2) >= 3) {
			const error = readError(message, 2, call.method.errors);
			this.#failAttempt(call, error);
			const { breaker } = endpointOf(peer);
			if (isOutage(error)) breaker?.onFailed(call);
			else breaker?.onAnswered(call);
		} else if (kind === Reply.END && call.channel?.endsWithoutResult === true) {
			this.calls.finish(call);
		} else if (kind === Reply.OPEN && call.channel === undefined) {
			this.calls.abandon(call, staysOpen(call.method));
		} else if (call.channel?.receive(kind, message) !== true) {
			this.droppedReplies++;
		}
	}

	/** A control message of the hop itself. DRAIN: finishes what it has, wants nothing new. */
	#obey(peer: LinkPeer, message: IncomingMessage): void {
		if (controlKind(message) !== Kind.DRAIN) return;
		this.#dismiss(peer, "draining");
		// The peer waits to hear that nothing more is on its way.
		sendDrain(peer);
	}

	#admit(peer: LinkPeer): void {
		const endpoint = endpointOf(peer);
		endpoint.state = "ready";
		this.servers.add(endpoint);
		this.#trouble = undefined;
		this.#events.emit("peer", { address: peer.address, isReady: true, error: undefined });
		this.#move("ready");
		this.#sendWaiting();
	}

	#dismiss(peer: LinkPeer, state: EndpointState): void {
		const endpoint = endpointOf(peer);
		endpoint.state = state;
		this.servers.remove(endpoint);
		if (this.servers.isEmpty) this.#move("connecting");
	}

	#lose(peer: LinkPeer, error: Error | undefined): void {
		this.#dismiss(peer, "connecting");
		this.#writable.wake(peer);
		this.#events.emit("peer", { address: peer.address, isReady: false, error });
		const { flushed } = peer;
		for (const call of this.calls) {
			if (call.peer !== peer) continue;
			const outcome: Outcome = call.ordinal > flushed ? "not-started" : "unknown";
			const text = `${call.method.name}: the connection to ${peer.address} was lost`;
			this.#failAttempt(call, new RpcError("UNAVAILABLE", text, { outcome, cause: error }));
		}
		// Of a connection that is closed it is no news, and would have a timer outlive it.
		if (this.state !== "closed") endpointOf(peer).breaker?.onLost();
	}

	#move(state: ConnectionState): void {
		if (this.state === state || this.state === "closed") return;
		this.state = state;
		this.readiness.changed(state);
		this.#events.emit("state", state);
	}

	/** A server, or the way to it, failed a call: another attempt is made where that is safe, else it ends. */
	#failAttempt(call: Call, error: RpcError): void {
		const pauseMs =
			this.state === "closed" ? undefined : this.retries.next(call, error, this.calls.deadlineOf(call, now()));
		if (pauseMs === undefined) {
			this.calls.fail(call, error);
			return;
		}
		const repetition = call.repetition!;
		const { attempt } = repetition;
		this.calls.renew(call);
		if (pauseMs > 0) this.retries.pause(repetition, pauseMs);
		else this.#repeat(call);
		this.#events.emit("retry", { method: call.method.name, attempt, pauseMs, error });
	}

	/** Makes the next attempt. */
	#repeat(call: Call): void {
		const time = now();
		const leftMs = this.calls.deadlineOf(call, time) - time;
		this.calls.withdraw(call);
		try {
			this.#dispatch(call, leftMs);
		} catch (error) {
			const failure = error as RpcError;
			// That nobody is there says less than what the last one said.
			this.calls.fail(call, failure.status === "UNAVAILABLE" ? call.repetition!.error! : failure);
		}
	}
}
