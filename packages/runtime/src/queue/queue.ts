import { randomBytes } from "node:crypto";
import { Emitter } from "../emitter.js";
import { notStarted } from "../errors.js";
import { defaultMaxFrameBytes, maxRunBytes } from "../limits.js";
import type { IncomingMessage, Link, LinkOptions, LinkPeer } from "../link/link.js";
import { assertLinkOptions } from "../link/link-options.js";
import type { ClientSecurity, ServerSecurity } from "../link/security.js";
import { openLink } from "../link/zmtp-link.js";
import { longestTimerMs, numericOption } from "../numeric-option.js";
import { controlKind, type WorkerOffer } from "../protocol/control.js";
import { Kind } from "../protocol/header.js";
import { Progress } from "../timing/progress.js";
import { defaultShare } from "../waiting/shares.js";
import { WaitingRoom } from "../waiting/waiting-line.js";
import { CallBook } from "./call-book.js";
import { Callers } from "./callers.js";
import type { QueueCounters } from "./care.js";
import type { ServiceStats } from "./counters.js";
import { Crew, type WorkerChange, type WorkerStats } from "./crew.js";
import { assertPolicy, type DispatchPolicy } from "./pool.js";
import { Pools } from "./pools.js";
import { Reception } from "./reception.js";
import { ReservedDesk, type ReservedHost } from "./reserved.js";
import { Upstream, type UpstreamChange, type UpstreamStats } from "./upstream.js";
import type { Worker } from "./worker.js";
import { refuseCaller, refuseWorker } from "./wrong-endpoint.js";

export interface QueueOptions extends LinkOptions {
	/** Where clients connect: `tcp://*:5555`. */
	readonly clients: string | readonly string[];
	/** Where servers `join()`: `tcp://*:5556`. */
	readonly workers: string | readonly string[];
	/** Where plain REP sockets of any language connect. Default: nowhere. */
	readonly repWorkers?: string | readonly string[];
	/** How clients and the queue know each other. Default: not at all, and everything is in clear text. */
	readonly clientSecurity?: ServerSecurity;
	/** The same for workers, plain ones included. Whoever comes in here can serve, and sees what clients ask. */
	readonly workerSecurity?: ServerSecurity;
	/** The same towards the queues that it joins: there it is the one who connects. */
	readonly upstreamSecurity?: ClientSecurity;
	/** Services that plain workers serve. Default: every service that no other worker offers. */
	readonly repServices?: readonly string[];
	/** Queues to join as a worker, where they take workers: this one offers there what its own workers offer. Default: none. */
	readonly upstream?: string | readonly string[];
	/** Which of the workers with credit gets a call. Default: `least-loaded`. */
	readonly policy?: DispatchPolicy;
	/** Most calls that wait for a worker; another one fails with RESOURCE_EXHAUSTED. Default: 65 536. */
	readonly maxWaitingCalls?: number;
	/** Most octets of calls that wait. Unit: bytes. Default: 256 MiB. */
	readonly maxWaitingBytes?: number;
	/**
	 * The part of a service's workers, by their credit, and of what may wait, that one client's calls may take: above 0, at most 1. What is
	 * beyond its part of the workers waits, what is beyond its part of the line fails with RESOURCE_EXHAUSTED. Default: 0.75.
	 */
	readonly clientShare?: number;
	/** How often queue and workers give each other a sign of life; three missed ones make a worker suspect. Unit: ms. Default: 1000. */
	readonly workerHeartbeatMs?: number;
	/** Silence after which a worker is given up and its calls go elsewhere. Unit: ms. Default: 30 000. */
	readonly leaseMs?: number;
	/**
	 * How long after its start the queue lets calls of services that no worker has offered yet wait; and how long, at any time, calls for a
	 * version that has lost its last worker, while others serve its service. Unit: ms. Default: 2000.
	 */
	readonly discoveryMs?: number;
	/** Whether whoever asks is told which services there are, and by workers what they take (`homing.describe`). Default: true. */
	readonly isDescribed?: boolean;
}

export interface QueueStats extends Readonly<QueueCounters> {
	readonly clients: number;
	readonly workers: readonly WorkerStats[];
	/** What workers have offered, by service. `*`: what plain workers serve beside. A queue does not tell methods apart. */
	readonly services: Readonly<Record<string, ServiceStats>>;
	/** Queues that this one joins. */
	readonly upstream: readonly UpstreamStats[];
	readonly waiting: number;
	readonly waitingBytes: number;
	readonly inFlight: number;
	/** Of those in flight: calls whose worker has left the answer to somebody else, who has not given it. */
	readonly delegated: number;
	/** Answers by `ReplyTo` that were quicker than the word that their calls are delegated. */
	readonly earlyAnswers: number;
	/** Messages that were neither a call nor an answer. */
	readonly malformed: number;
}

interface QueueEvents {
	/** Somebody connected who is no peer: speaks another protocol, has the wrong key, is not let in. */
	stranger: { readonly address: string; readonly error: Error };
	worker: WorkerChange;
	/** A queue that this one joins took its offer, or refused it, or is gone. */
	upstream: UpstreamChange;
	client: { readonly address: string; readonly isReady: boolean; readonly error: Error | undefined };
}

export interface QueueEndpoints {
	readonly clients: readonly string[];
	readonly workers: readonly string[];
	readonly repWorkers: readonly string[];
}

/** How long a drain waits for clients to say that they send nothing more. Unit: ms. */
const graceMs = 500;

/** A client that leaves this much unread is given up. Unit: bytes. */
const maxUnreadBytes = 64 * 1024 * 1024;

/**
 * Stands between clients and a pool of workers: gives each call to the least loaded worker with credit, lets calls wait
 * when there is none, and sees to it that a worker's death costs nobody a call that can be repeated.
 *
 * Everything is in memory: what waits here when the queue itself dies is lost, and its callers are told by the end of
 * their connection.
 */
export class Queue extends Emitter<QueueEvents> {
	readonly #options: QueueOptions;
	readonly #heartbeatMs: number;
	readonly #discoveryMs: number;
	readonly #room: WaitingRoom;
	readonly #pools: Pools;
	readonly #book: CallBook;
	readonly #crew: Crew;
	readonly #clientLink: Link;
	readonly #workerLink: Link;
	readonly #repLink: Link;
	readonly #endpoints: string[] = [];
	readonly #startedAt = performance.now();
	readonly #instance = randomBytes(8).toString("hex");
	readonly #upstream: Upstream;
	readonly #callers = new Callers();
	readonly #reception: Reception;
	#clients = 0;
	#malformed = 0;
	#liveness: NodeJS.Timeout | undefined;
	#discovery: NodeJS.Timeout | undefined;
	#closing: Promise<void> | undefined;
	readonly #progress = new Progress();
	#isStarted = false;

	/** Throws for an option that makes no sense. */
	constructor(options: QueueOptions) {
		super();
		this.#options = options;
		assertLinkOptions(options);
		const [timer, count] = [{ atLeast: 0, atMost: longestTimerMs }, { atLeast: 0 }];
		this.#heartbeatMs = numericOption("workerHeartbeatMs", options.workerHeartbeatMs ?? 1000, {
			...timer,
			atLeast: 10,
		});
		// No less than the heartbeat.
		const leaseMs = numericOption("leaseMs", options.leaseMs ?? 30_000, { atLeast: this.#heartbeatMs });
		const policy = options.policy ?? "least-loaded";
		assertPolicy(policy);
		const clientShare = options.clientShare ?? defaultShare;
		this.#room = new WaitingRoom(
			numericOption("maxWaitingCalls", options.maxWaitingCalls ?? 65_536, count),
			numericOption("maxWaitingBytes", options.maxWaitingBytes ?? 256 * 1024 * 1024, count),
			clientShare,
		);
		this.#discoveryMs = numericOption("discoveryMs", options.discoveryMs ?? 2000, timer);
		this.#pools = new Pools({
			policy,
			room: this.#room,
			clientShare,
			patienceMs: this.#discoveryMs,
			onVersionGone: (version) => this.#book.losses.giveUpOn(version),
		});
		const takesRuns = (options.maxFrameBytes ?? defaultMaxFrameBytes) >= maxRunBytes;
		this.#book = new CallBook({
			room: this.#room,
			takesRuns,
			findPool: (name, start, end) => this.#pools.find(name, start, end),
			onSlowClient: (client) => (client.queuedBytes > maxUnreadBytes ? client.close(undefined) : client.pause()),
			onStuckWorker: (worker) => worker.peer.close(undefined),
			onLeft: () => this.#progress.changed(),
		});
		this.#crew = new Crew({
			pools: this.#pools,
			book: this.#book,
			heartbeatMs: this.#heartbeatMs,
			leaseMs,
			plainServices: options.repServices ?? [],
			instance: this.#instance,
			onChange: (change) => void this.emit("worker", change),
			onStaffChange: () => this.#restaff(),
			onRefused: (address, error) => void this.emit("stranger", { address, error }),
		});
		this.#reception = new Reception({
			pools: this.#pools,
			book: this.#book,
			desk: new ReservedDesk(this.#reservedHost()),
			takesRuns,
			onStopped: (caller) => this.#noMoreFrom(caller),
			onWorker: (caller) => void this.emit("stranger", { address: caller.address, error: refuseWorker(caller) }),
		});
		this.#upstream = new Upstream({
			link: options,
			security: options.upstreamSecurity,
			offer: () => this.#offer(),
			onReady: (peer) => this.#callers.admit(peer),
			onDrained: (peer) => this.#noMoreFrom(peer),
			onLost: (peer) => this.#lose(peer),
			onCall: (peer, message) => this.#reception.receive(peer, message, true),
			onChange: (change) => void this.emit("upstream", change),
			onStranger: (address, error) => void this.emit("stranger", { address, error }),
		});
		this.#clientLink = openLink("ROUTER", this.#clientHandler(), options, options.clientSecurity);
		// Workers' signs of life are the protocol's own: the socket's would cut off a suspect before its lease is over.
		this.#workerLink = openLink(
			"ROUTER",
			this.#workerHandler((peer, message) => this.#receiveFromWorker(peer, message)),
			{ ...options, heartbeatMs: 0 },
			options.workerSecurity,
		);
		this.#repLink = openLink(
			"DEALER",
			{
				...this.#workerHandler((peer, message) => this.#receiveReply(peer, message)),
				onPeerReady: (peer) => this.#crew.admitPlain(peer),
			},
			options,
			options.workerSecurity,
		);
	}

	/**
	 * Binds all endpoints, and begins to join the queues above. Resolves to the endpoints as bound. Rejects with a `ZmtpError`, and when
	 * the queue has been started or closed already.
	 */
	async start(): Promise<QueueEndpoints> {
		if (this.#closing !== undefined) throw notStarted("FAILED_PRECONDITION", "the queue is closed");
		if (this.#isStarted) throw notStarted("FAILED_PRECONDITION", "the queue has been started already");
		this.#isStarted = true;
		const { clients, workers, repWorkers, upstream } = this.#options;
		const bound = {
			workers: await bindAll(this.#workerLink, workers),
			repWorkers: await bindAll(this.#repLink, repWorkers ?? []),
			clients: await bindAll(this.#clientLink, clients),
		};
		this.#endpoints.push(...bound.clients);
		for (const endpoint of listOf(upstream ?? [])) this.#upstream.join(endpoint);
		this.#liveness = setInterval(() => this.#crew.look(), this.#heartbeatMs);
		this.#discovery = setTimeout(() => this.#endDiscovery(), this.#discoveryMs);
		return bound;
	}

	stats(): QueueStats {
		return {
			...this.#book.counters,
			clients: this.#clients,
			workers: this.#crew.stats(),
			services: this.#pools.stats(),
			upstream: this.#upstream.stats(),
			waiting: this.#room.calls,
			waitingBytes: this.#room.bytes,
			inFlight: this.#book.size - this.#room.calls,
			delegated: this.#book.delegated,
			earlyAnswers: this.#book.earlyAnswers,
			malformed: this.#malformed + this.#reception.malformed,
		};
	}

	/** Takes no new calls, waits until those in its care are done, at most `timeoutMs`, and closes. */
	async drain({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
		numericOption("timeoutMs", timeoutMs, { atLeast: 0 });
		this.#callers.askToStop();
		// Whoever came now would call before it has read that it should not.
		await Promise.all(this.#endpoints.splice(0).map((endpoint) => this.#clientLink.unbind(endpoint)));
		await this.#progress.until(() => this.#callers.haveStopped, graceMs);
		this.#reception.isDraining = true;
		await this.#progress.until(() => this.#book.size === 0, timeoutMs);
		await this.close();
	}

	/** Ends now. Callers are told by the end of their connection. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	#reservedHost(): ReservedHost {
		const [callers, pools] = [this.#callers, this.#pools];
		return {
			instance: this.#instance,
			startedAt: this.#startedAt,
			isDescribed: this.#options.isDescribed ?? true,
			maxFrameBytes: this.#options.maxFrameBytes ?? defaultMaxFrameBytes,
			get isDraining() {
				return callers.isLeaving;
			},
			get pools() {
				return pools.offered;
			},
			stats: () => this.stats(),
		};
	}

	#clientHandler() {
		return {
			isRelay: true,
			onPeerReady: (peer: LinkPeer) => {
				this.#clients++;
				this.#callers.admit(peer);
				this.emit("client", { address: peer.address, isReady: true, error: undefined });
			},
			onPeerLost: (peer: LinkPeer, error: Error | undefined) => {
				this.#clients--;
				this.#lose(peer);
				this.emit("client", { address: peer.address, isReady: false, error });
			},
			onMessage: (peer: LinkPeer, message: IncomingMessage) => this.#reception.receive(peer, message, false),
			onWritable: (peer: LinkPeer) => peer.resume(),
			onStranger: (address: string, error: Error) => void this.emit("stranger", { address, error }),
		};
	}

	#workerHandler(onMessage: (peer: LinkPeer, message: IncomingMessage) => void) {
		return {
			isRelay: true,
			onPeerReady: () => {},
			onPeerLost: (peer: LinkPeer) => this.#crew.dismiss(peer),
			onStranger: (address: string, error: Error) => void this.emit("stranger", { address, error }),
			onMessage,
			onWritable: (peer: LinkPeer) => {
				const worker = this.#crew.find(peer);
				if (worker === undefined) peer.resume();
				else this.#crew.employ(worker);
			},
		};
	}

	#receiveFromWorker(peer: LinkPeer, message: IncomingMessage): void {
		const worker = this.#crew.find(peer);
		worker?.heard();
		if (message.size(0) !== 0) {
			if (worker === undefined) refuseCaller(peer, message);
			this.#settle(worker, message);
			return;
		}
		const kind = controlKind(message);
		if (kind === Kind.READY && this.#crew.admit(peer, message)) return;
		if (kind === Kind.DRAIN && worker !== undefined) this.#crew.release(worker);
		else if (kind !== Kind.PULSE) this.#malformed++;
	}

	/** A plain worker's message: an answer, or nothing that is understood. */
	#receiveReply(peer: LinkPeer, message: IncomingMessage): void {
		this.#settle(this.#crew.find(peer), message);
	}

	#settle(worker: Worker | undefined, message: IncomingMessage): void {
		if (worker === undefined || message.count < 3) this.#malformed++;
		// Whoever is done with one call has credit for the next, of any of its services.
		else if (this.#book.settle(worker, message)) this.#crew.employ(worker);
	}

	#noMoreFrom(caller: LinkPeer): void {
		this.#callers.noMoreFrom(caller);
		this.#progress.changed();
	}

	#lose(caller: LinkPeer): void {
		this.#callers.forget(caller);
		this.#book.losses.forgetClient(caller);
		this.#progress.changed();
	}

	#offer(): WorkerOffer {
		const { concurrency, services, credits, versions, queues } = this.#crew.offer;
		const all = [this.#instance, ...queues];
		// A worker has some credit, also when there is nothing that it could be given.
		return {
			protocol: 1,
			instance: this.#instance,
			concurrency: Math.max(1, concurrency),
			services,
			credits,
			versions,
			queues: all,
		};
	}

	/** First the queues above learn what is left: what they are given back must not come again. */
	#restaff(): void {
		if (!this.#upstream.isPresent) return;
		this.#upstream.renew();
		for (const pool of this.#pools) if (!pool.isStaffed) this.#book.losses.handBackLine(pool);
	}

	/** From now on a service that no worker has offered is none. */
	#endDiscovery(): void {
		this.#reception.isDiscovering = false;
		for (const pool of this.#pools) {
			if (pool.isKnown) continue;
			this.#book.refuseLine(pool, notStarted("UNIMPLEMENTED", `no worker has offered ${JSON.stringify(pool.service)}`));
			this.#pools.prune(pool);
		}
	}

	async #close(): Promise<void> {
		clearInterval(this.#liveness);
		clearTimeout(this.#discovery);
		this.#pools.stop();
		await Promise.all([
			this.#upstream.close(),
			this.#clientLink.close(),
			this.#workerLink.close(),
			this.#repLink.close(),
		]);
		this.#book.stop();
	}
}

async function bindAll(link: Link, endpoints: string | readonly string[]): Promise<readonly string[]> {
	const bound: string[] = [];
	for (const endpoint of listOf(endpoints)) bound.push(await link.bind(endpoint));
	return bound;
}

function listOf(endpoints: string | readonly string[]): readonly string[] {
	return typeof endpoints === "string" ? [endpoints] : endpoints;
}
