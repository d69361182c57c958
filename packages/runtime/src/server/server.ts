import { randomBytes } from "node:crypto";
import { Emitter } from "../emitter.js";
import { notStarted, RpcError } from "../errors.js";
import { defaultMaxFrameBytes } from "../limits.js";
import {
	type IncomingMessage,
	isHoming,
	type Link,
	type LinkHandler,
	type LinkOptions,
	type LinkPeer,
	userIdOf,
} from "../link/link.js";
import { assertLinkOptions } from "../link/link-options.js";
import type { ClientSecurity, ServerSecurity } from "../link/security.js";
import { openLink } from "../link/zmtp-link.js";
import { Membership } from "../membership/membership.js";
import { numericOption } from "../numeric-option.js";
import { controlKind, sendDrain, sendRefusal, type WorkerOffer } from "../protocol/control.js";
import { Kind } from "../protocol/header.js";
import type { Service } from "../service.js";
import { Progress } from "../timing/progress.js";
import { defaultShare } from "../waiting/shares.js";
import type { ServedCall } from "./context.js";
import type { MethodStats } from "./counters.js";
import { Dispatcher } from "./dispatcher.js";
import type { HandlerFailure, RefusedCall, SurprisingCall } from "./failures.js";
import { intercept } from "./intercept.js";
import { type ReservedHost, reservedService } from "./reserved.js";
import { Routes } from "./routes.js";
import type { ServerInterceptor } from "./server-call.js";
import { type SurprisingPeer, SurprisingPeers } from "./surprising-peers.js";

export interface ServerOptions extends LinkOptions {
	/** How clients and this server know each other where it is bound. Default: not at all, and everything is in clear text. */
	readonly security?: ServerSecurity;
	/** The same towards the queues that it joins: there it is the one who connects. */
	readonly queueSecurity?: ClientSecurity;
	/**
	 * What stands around each call, the outermost first: see docs/interceptors.md. Calls that are refused before their arguments
	 * are known pass them by, and are told of as `refused`. Default: nothing.
	 */
	readonly interceptors?: readonly ServerInterceptor[];
	/** Calls served at a time, over all endpoints; told to queues as this worker's credit. Default: 1024. */
	readonly concurrency?: number;
	/** Most calls of directly connected clients that wait beyond those; another one fails with RESOURCE_EXHAUSTED. Default: 16 384. */
	readonly maxWaitingCalls?: number;
	/** Most octets of calls that wait. Unit: bytes. Default: 64 MiB. */
	readonly maxWaitingBytes?: number;
	/**
	 * The part of the concurrency, and of what may wait, that one client's calls may take: above 0, at most 1. What is beyond its part of the
	 * concurrency waits, what is beyond its part of the line fails with RESOURCE_EXHAUSTED. Queues are no clients. Default: 0.75.
	 */
	readonly clientShare?: number;
	/** Whether whoever asks is told which methods there are and what they take (`homing.describe`). Default: true. */
	readonly isDescribed?: boolean;
	/**
	 * Whether calls that handlers make are made for the call they serve without naming it as `parent`: its deadline and its
	 * cancellation then hold for them too. By `AsyncLocalStorage`, which costs: see docs/performance.md. Default: false.
	 */
	readonly isAmbient?: boolean;
}

export interface ServerStats {
	/** Calls whose handler has not settled. */
	readonly running: number;
	readonly waiting: number;
	/** Calls whose handler has left the answer to somebody else, who has not given it. */
	readonly delegated: number;
	/** Calls answered so far. */
	readonly served: number;
	/** Of these, calls answered with an error, for bad arguments too. */
	readonly failed: number;
	/** Calls refused before their arguments were looked at: no such method, too many that wait, draining, deadline passed or cancelled in line. */
	readonly refused: number;
	/** Connected clients and queues. */
	readonly peers: number;
	/** Messages that were no request of any kind. */
	readonly malformed: number;
	/** Items, credits and answers of callers whose call was over, or was another's. */
	readonly droppedFollowUps: number;
	/** Callbacks that handlers called after their call had ended. */
	readonly droppedCallbacks: number;
	/**
	 * Arguments, and items and values of callbacks that followed them, that were good, and written in another way than generated code does:
	 * they take longer to read.
	 */
	readonly surprises: number;
	/** Who they came from: the 32 that most of them came from, the first before all others. A queue's clients are not told apart. */
	readonly surprisingPeers: readonly SurprisingPeer[];
	/** The same of each method that has been added, by its name. */
	readonly methods: Readonly<Record<string, MethodStats>>;
}

interface ServerEvents {
	/**
	 * A handler failed with something other than an RpcError. The caller was told INTERNAL and the id. Without a listener
	 * it is written to stderr.
	 */
	failure: HandlerFailure;
	/** A call was refused before interceptors and handlers heard of it: see docs/interceptors.md. */
	refused: RefusedCall;
	/** A body was such a surprise: see `ServerStats.surprises`. */
	surprise: SurprisingCall;
	/** Somebody connected, or was connected to, who is no peer: speaks another protocol, has the wrong key, is not let in. */
	stranger: { readonly address: string; readonly error: Error };
	/** A client or queue came or went. */
	peer: { readonly address: string; readonly isReady: boolean; readonly error: Error | undefined };
}

export interface DrainOptions {
	/** After this, what still runs is aborted. Unit: ms. Default: 30 000. */
	readonly timeoutMs?: number;
}

/** How long a drain waits for peers to say that they send nothing more; those that know no DRAIN never do. Unit: ms. */
const graceMs = 500;

/** Serves services: to clients that connect to it, to queues that it joins, to both. */
export class Server extends Emitter<ServerEvents> {
	readonly #options: ServerOptions;
	readonly #concurrency: number;
	readonly #startedAt = performance.now();
	readonly #instance = randomBytes(8).toString("hex");
	readonly #routes = new Routes();
	readonly #dispatcher: Dispatcher;
	readonly #peers = new Set<LinkPeer>();
	/** Queues among the peers. */
	readonly #memberships = new Map<LinkPeer, Membership>();
	/** Those of them that do not want this server, and why. */
	readonly #refusals = new Map<LinkPeer, RpcError>();
	/** Peers that will send no more calls. */
	readonly #drained = new Set<LinkPeer>();
	/** Serves clients; made at the first `bind`. */
	#router: Link | undefined;
	readonly #endpoints: string[] = [];
	/** Takes work from queues; made at the first `join`. */
	#dealer: Link | undefined;
	#isDraining = false;
	readonly #surprises = new SurprisingPeers();
	#closing: Promise<void> | undefined;
	readonly #progress = new Progress();

	/** Throws for an option that makes no sense. */
	constructor(options: ServerOptions = {}) {
		super();
		this.#options = options;
		assertLinkOptions(options);
		this.#concurrency = numericOption("concurrency", options.concurrency ?? 1024, { atLeast: 1 });
		this.#dispatcher = new Dispatcher(this.#routes, {
			concurrency: this.#concurrency,
			maxWaitingCalls: numericOption("maxWaitingCalls", options.maxWaitingCalls ?? 16_384, { atLeast: 0 }),
			maxWaitingBytes: numericOption("maxWaitingBytes", options.maxWaitingBytes ?? 64 * 1024 * 1024, { atLeast: 0 }),
			clientShare: options.clientShare ?? defaultShare,
			maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
			isAmbient: options.isAmbient ?? false,
			intercepted: intercept(options.interceptors ?? []),
			isQueue: (peer) => this.#memberships.has(peer),
			onFailure: (failure) => this.#report(failure),
			onRefused: (peer, method, error) => this.#tellRefused(peer, method, error),
			onSurprise: (call) => this.#tellSurprise(call),
			onSettled: () => this.#progress.changed(),
		});
		this.#routes.addReserved(reservedService(this.#reservedHost()));
	}

	/**
	 * Adds a service. Before `bind` and `join`: queues are told at the start. Throws when its name is taken; a TypeError for what is no
	 * service, and for one that lacks methods.
	 */
	add(service: Service): this {
		if (typeof (service as Partial<Service> | undefined)?.descriptor?.name !== "string") {
			throw new TypeError("add() takes a service, as generated xxxService(handlers) functions return it");
		}
		if (this.#router !== undefined || this.#dealer !== undefined) {
			throw new Error(`add ${service.descriptor.name} before bind() and join(): queues are told of the services then`);
		}
		this.#routes.add(service);
		return this;
	}

	/** Serves clients at an endpoint. Resolves to the endpoint as bound. Rejects with a `ZmtpError`. */
	async bind(endpoint: string): Promise<string> {
		this.#assertOpen();
		this.#router ??= openLink("ROUTER", this.#handler(false), this.#options, this.#options.security);
		const bound = await this.#router.bind(endpoint);
		this.#endpoints.push(bound);
		return bound;
	}

	/**
	 * Takes work from the queue at an endpoint, now and after every reconnect. Resolves when the queue has taken what this server
	 * offers; what is no queue of ours, a foreign proxy, only has to be connected. Rejects with its reason when it does not take it, and when
	 * the server is closed before.
	 */
	async join(endpoint: string): Promise<void> {
		this.#assertOpen();
		// Signs of life between worker and queue are the protocol's own, and follow the queue's terms.
		const options = { ...this.#options, heartbeatMs: 0 };
		this.#dealer ??= openLink("DEALER", this.#handler(true), options, options.queueSecurity);
		const queue = this.#dealer.connect(endpoint);
		let isTaken = false;
		let refusal: RpcError | undefined;
		await this.#progress.until(() => {
			const membership = this.#memberships.get(queue);
			isTaken = membership !== undefined && (membership.isWelcome || !isHoming(queue));
			refusal = this.#refusals.get(queue);
			return isTaken || refusal !== undefined || this.#closing !== undefined;
		});
		if (refusal !== undefined) throw refusal;
		if (!isTaken) this.#assertOpen();
	}

	stats(): ServerStats {
		const { running, waiting, delegated, served, refused, malformed, droppedFollowUps, droppedCallbacks } =
			this.#dispatcher;
		const routes = this.#routes.all;
		return {
			running,
			waiting,
			delegated,
			served,
			failed: routes.reduce((failed, { counters }) => failed + counters.failed, 0),
			refused,
			malformed,
			droppedFollowUps,
			droppedCallbacks,
			surprises: this.#surprises.total,
			surprisingPeers: this.#surprises.list(),
			methods: Object.fromEntries(
				routes.flatMap(({ method, counters, isReserved }) => (isReserved ? [] : [[method.name, { ...counters }]])),
			),
			peers: this.#peers.size,
		};
	}

	/** Takes no new calls, finishes those it has, and closes. Callers see no error. */
	async drain({ timeoutMs = 30_000 }: DrainOptions = {}): Promise<void> {
		numericOption("timeoutMs", timeoutMs, { atLeast: 0 });
		this.#assertOpen();
		this.#isDraining = true;
		for (const peer of this.#peers) sendDrain(peer);
		// Whoever came now would call before it has read that it should not.
		await Promise.all(this.#endpoints.splice(0).map((endpoint) => this.#router?.unbind(endpoint)));
		await this.#progress.until(() => this.#drained.size >= this.#peers.size, graceMs);
		this.#dispatcher.refusal = notStarted("UNAVAILABLE", "the server is draining");
		await this.#progress.until(
			() =>
				this.#dispatcher.running + this.#dispatcher.waiting + this.#dispatcher.delegated === 0 ||
				this.#closing !== undefined,
			timeoutMs,
		);
		await this.close();
	}

	/** Ends now: handlers' signals abort, callers of what runs are told by the end of their connection. */
	close(): Promise<void> {
		if (this.#closing === undefined) {
			this.#closing = this.#close();
			// Whoever waits in join() or drain() waits in vain.
			this.#progress.changed();
		}
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	#handler(isWorker: boolean): LinkHandler {
		return {
			onPeerReady: (peer) => this.#admit(peer, isWorker),
			onPeerLost: (peer, error) => this.#lose(peer, error),
			onMessage: isWorker
				? (peer, message) => this.#receiveWork(peer, message)
				: (peer, message) => this.#receiveCall(peer, message),
			onWritable: (peer) => {
				peer.resume();
				this.#dispatcher.resumed(peer);
			},
			onStranger: (address: string, error: Error) => void this.emit("stranger", { address, error }),
		};
	}

	#admit(peer: LinkPeer, isWorker: boolean): void {
		this.#peers.add(peer);
		if (isWorker) {
			const membership = new Membership(peer, this.#offer(), {
				onDrained: () => this.#noMoreFrom(peer),
				onWelcome: () => this.#progress.changed(),
				onRefused: (error) => this.#refused(peer, error),
			});
			this.#memberships.set(peer, membership);
		}
		if (this.#isDraining) sendDrain(peer);
		this.emit("peer", { address: peer.address, isReady: true, error: undefined });
		this.#progress.changed();
	}

	#lose(peer: LinkPeer, error: Error | undefined): void {
		this.#peers.delete(peer);
		this.#drained.delete(peer);
		this.#memberships.get(peer)?.end();
		this.#memberships.delete(peer);
		this.#refusals.delete(peer);
		this.#dispatcher.forget(peer);
		this.emit("peer", { address: peer.address, isReady: false, error });
		this.#progress.changed();
	}

	#receiveCall(peer: LinkPeer, message: IncomingMessage): void {
		const control = message.size(0) === 0 ? controlKind(message) : -1;
		if (control === Kind.DRAIN) this.#noMoreFrom(peer);
		else if (control === Kind.READY) refuseWorker(peer);
		else this.#dispatcher.receive(peer, message, false);
	}

	#receiveWork(peer: LinkPeer, message: IncomingMessage): void {
		const membership = this.#memberships.get(peer);
		if (membership === undefined) return;
		membership.heard();
		if (message.size(0) === 0) membership.receive(message);
		else if (membership.isCurrent) this.#dispatcher.receive(peer, message, true);
		else peer.close(undefined);
	}

	#refused(peer: LinkPeer, error: RpcError): void {
		this.#refusals.set(peer, error);
		this.emit("stranger", { address: peer.address, error });
		this.#noMoreFrom(peer);
	}

	#noMoreFrom(peer: LinkPeer): void {
		this.#drained.add(peer);
		this.#progress.changed();
	}

	#reservedHost(): ReservedHost {
		const server = this;
		return {
			instance: this.#instance,
			startedAt: this.#startedAt,
			isDescribed: this.#options.isDescribed ?? true,
			get services() {
				return server.#routes.services.map(({ descriptor }) => descriptor);
			},
			get isDraining() {
				return server.#isDraining;
			},
			stats: () => this.stats(),
		};
	}

	#offer(): WorkerOffer {
		const services: Record<string, string> = {};
		for (const { descriptor } of this.#routes.services) services[descriptor.name] = descriptor.schemaHash;
		return { protocol: 1, instance: this.#instance, concurrency: this.#concurrency, services };
	}

	#tellRefused(peer: LinkPeer, method: string | undefined, { status, message }: RpcError): void {
		if (this.listenerCount("refused") === 0) return;
		this.emit("refused", { method, status, message, peer: { address: peer.address, userId: userIdOf(peer) } });
	}

	#tellSurprise({ method, peer }: ServedCall): void {
		this.#surprises.count(method, peer);
		if (this.listenerCount("surprise") > 0) this.emit("surprise", { method, peer });
	}

	#report(failure: HandlerFailure): void {
		if (this.listenerCount("failure") > 0) this.emit("failure", failure);
		else console.error(`${failure.method} failed (${failure.errorId}):`, failure.error);
	}

	async #close(): Promise<void> {
		this.#dispatcher.abortAll(this.#peers, new RpcError("CANCELLED", "the server was closed"));
		this.#dispatcher.refusal = notStarted("UNAVAILABLE", "the server is closing");
		await Promise.all([this.#router?.close(), this.#dealer?.close()]);
		this.#dispatcher.stop();
	}

	#assertOpen(): void {
		if (this.#closing !== undefined) throw notStarted("FAILED_PRECONDITION", "the server is closed");
	}
}

/** Who wants to serve is told that nobody here has work for others. */
function refuseWorker(peer: LinkPeer): void {
	const text = "this is a server, which has no work for workers: join a queue";
	sendRefusal(peer, notStarted("FAILED_PRECONDITION", text));
	if (!peer.isWritable) peer.pause();
}
