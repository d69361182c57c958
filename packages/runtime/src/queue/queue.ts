import { EventEmitter } from "node:events";
import { notStarted } from "../errors.js";
import { maxEnvelopeFrames } from "../limits.js";
import type { IncomingMessage, Link, LinkOptions, LinkPeer } from "../link/link.js";
import { openLink } from "../link/zmtp-link.js";
import { controlKind, sendDrain } from "../protocol/control.js";
import { findDelimiter } from "../protocol/envelope.js";
import { isDelivery } from "../protocol/hand-over.js";
import { type CallHeader, Flag, firstTextOctet, Kind, newCallHeader, readCallHeader } from "../protocol/header.js";
import { routeOffset } from "../protocol/route.js";
import { Progress } from "../timing/progress.js";
import { CallBook, type QueueCounters } from "./call-book.js";
import { Crew, type WorkerChange, type WorkerStats } from "./crew.js";
import type { DispatchPolicy, Pool } from "./pool.js";
import { Pools } from "./pools.js";
import type { QueuedCall } from "./queued-call.js";
import { WaitingRoom } from "./waiting-line.js";
import type { Worker } from "./worker.js";

export interface QueueOptions extends LinkOptions {
	/** Where clients connect: `tcp://*:5555`. */
	readonly clients: string | readonly string[];
	/** Where servers `join()`: `tcp://*:5556`. */
	readonly workers: string | readonly string[];
	/** Where plain REP sockets of any language connect. Default: nowhere. */
	readonly repWorkers?: string | readonly string[];
	/** Services that plain workers serve. Default: every service that no other worker offers. */
	readonly repServices?: readonly string[];
	/** Which of the workers with credit gets a call. Default: `least-loaded`. */
	readonly policy?: DispatchPolicy;
	/** Most calls that wait for a worker; another one fails with RESOURCE_EXHAUSTED. Default: 65 536. */
	readonly maxWaitingCalls?: number;
	/** Most octets of calls that wait. Unit: bytes. Default: 256 MiB. */
	readonly maxWaitingBytes?: number;
	/** How often queue and workers give each other a sign of life; three missed ones make a worker suspect. Unit: ms. Default: 1000. */
	readonly workerHeartbeatMs?: number;
	/** Silence after which a worker is given up and its calls go elsewhere. Unit: ms. Default: 30 000. */
	readonly leaseMs?: number;
	/** How long after its start the queue lets calls of services that no worker has offered yet wait. Unit: ms. Default: 2000. */
	readonly discoveryMs?: number;
}

export interface QueueStats extends Readonly<QueueCounters> {
	readonly clients: number;
	readonly workers: readonly WorkerStats[];
	readonly waiting: number;
	readonly waitingBytes: number;
	readonly inFlight: number;
	/** Messages that were neither a call nor an answer. */
	readonly malformed: number;
}

interface QueueEvents {
	/** Somebody connected, or was connected to, who is no peer: speaks another protocol, or breaks this one's rules. */
	stranger: [{ readonly address: string; readonly error: Error }];
	worker: [change: WorkerChange];
	client: [change: { readonly address: string; readonly isReady: boolean; readonly error: Error | undefined }];
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
export class Queue extends EventEmitter<QueueEvents> {
	readonly #options: QueueOptions;
	readonly #heartbeatMs: number;
	readonly #room: WaitingRoom;
	readonly #pools: Pools;
	readonly #book: CallBook;
	readonly #crew: Crew;
	readonly #clientLink: Link;
	readonly #workerLink: Link;
	readonly #repLink: Link;
	readonly #endpoints: string[] = [];
	readonly #clients = new Set<LinkPeer>();
	readonly #drainedClients = new Set<LinkPeer>();
	readonly #header: CallHeader = newCallHeader();
	#malformed = 0;
	#isDiscovering = true;
	/** Clients have been told to go elsewhere. */
	#isLeaving = false;
	/** What they call all the same is refused. */
	#isDraining = false;
	#liveness: NodeJS.Timeout | undefined;
	#discovery: NodeJS.Timeout | undefined;
	#closing: Promise<void> | undefined;
	readonly #progress = new Progress();

	constructor(options: QueueOptions) {
		super();
		this.#options = options;
		this.#heartbeatMs = options.workerHeartbeatMs ?? 1000;
		const leaseMs = options.leaseMs ?? 30_000;
		if (!(this.#heartbeatMs >= 10 && leaseMs >= this.#heartbeatMs)) {
			throw new RangeError("workerHeartbeatMs must be 10 or more, and leaseMs no less than it");
		}
		this.#room = new WaitingRoom(options.maxWaitingCalls ?? 65_536, options.maxWaitingBytes ?? 256 * 1024 * 1024);
		this.#pools = new Pools(options.policy ?? "least-loaded", this.#room);
		this.#book = new CallBook({
			room: this.#room,
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
			onChange: (change) => void this.emit("worker", change),
		});
		this.#clientLink = openLink("ROUTER", this.#clientHandler(), options);
		// Workers' signs of life are the protocol's own: the socket's would cut off a suspect before its lease is over.
		this.#workerLink = openLink(
			"ROUTER",
			this.#workerHandler((peer, message) => this.#receiveFromWorker(peer, message)),
			{ ...options, heartbeatMs: 0 },
		);
		this.#repLink = openLink(
			"DEALER",
			{
				...this.#workerHandler((peer, message) => this.#receiveReply(peer, message)),
				onPeerReady: (peer) => this.#crew.admitPlain(peer),
			},
			options,
		);
	}

	/** Binds all endpoints. Resolves to them as bound. Rejects with a `ZmtpError`. */
	async start(): Promise<QueueEndpoints> {
		const { clients, workers, repWorkers } = this.#options;
		const bound = {
			workers: await bindAll(this.#workerLink, workers),
			repWorkers: await bindAll(this.#repLink, repWorkers ?? []),
			clients: await bindAll(this.#clientLink, clients),
		};
		this.#endpoints.push(...bound.clients);
		this.#liveness = setInterval(() => this.#crew.look(), this.#heartbeatMs);
		this.#discovery = setTimeout(() => this.#endDiscovery(), this.#options.discoveryMs ?? 2000);
		return bound;
	}

	stats(): QueueStats {
		return {
			...this.#book.counters,
			clients: this.#clients.size,
			workers: this.#crew.stats(),
			waiting: this.#room.calls,
			waitingBytes: this.#room.bytes,
			inFlight: this.#book.size - this.#room.calls,
			malformed: this.#malformed,
		};
	}

	/** Takes no new calls, waits until those in its care are done, at most `timeoutMs`, and closes. */
	async drain({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
		this.#isLeaving = true;
		for (const client of this.#clients) sendDrain(client);
		// Whoever came now would call before it has read that it should not.
		await Promise.all(this.#endpoints.splice(0).map((endpoint) => this.#clientLink.unbind(endpoint)));
		await this.#progress.until(() => this.#drainedClients.size >= this.#clients.size, graceMs);
		this.#isDraining = true;
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

	#clientHandler() {
		return {
			onPeerReady: (peer: LinkPeer) => {
				this.#clients.add(peer);
				if (this.#isLeaving) sendDrain(peer);
				this.emit("client", { address: peer.address, isReady: true, error: undefined });
			},
			onPeerLost: (peer: LinkPeer, error: Error | undefined) => {
				this.#clients.delete(peer);
				this.#drainedClients.delete(peer);
				this.#book.forgetClient(peer);
				this.emit("client", { address: peer.address, isReady: false, error });
				this.#progress.changed();
			},
			onMessage: (peer: LinkPeer, message: IncomingMessage) => this.#receiveFromClient(peer, message),
			onWritable: (peer: LinkPeer) => peer.resume(),
			onStranger: (address: string, error: Error) => void this.emit("stranger", { address, error }),
		};
	}

	#workerHandler(onMessage: (peer: LinkPeer, message: IncomingMessage) => void) {
		return {
			onPeerReady: () => {},
			onPeerLost: (peer: LinkPeer) => this.#crew.dismiss(peer),
			onStranger: (address: string, error: Error) => void this.emit("stranger", { address, error }),
			onMessage,
			onWritable: (peer: LinkPeer) => {
				const worker = this.#crew.find(peer);
				if (worker !== undefined) this.#crew.employ(worker);
			},
		};
	}

	#receiveFromClient(client: LinkPeer, message: IncomingMessage): void {
		const delimiter = findDelimiter(message);
		const first = delimiter + 1;
		const dataFrames = message.count - first;
		// The queue's own address goes in front: what a worker gets must still be an envelope.
		if (delimiter === -1 || delimiter === maxEnvelopeFrames || dataFrames < 1 || message.size(first) === 0) {
			this.#malformed++;
			return;
		}
		const buffer = message.buffers[first]!;
		const start = message.starts[first]!;
		const kind = buffer[start]!;
		if (kind === Kind.CALL && dataFrames === 2 && readCallHeader(buffer, start, message.ends[first]!, this.#header)) {
			const { methodStart, methodEnd } = this.#header;
			this.#receiveCall(client, message, delimiter, this.#pools.find(buffer, methodStart, methodEnd), this.#header);
		} else if (kind === Kind.CANCEL && message.size(first) <= routeOffset(kind)) {
			this.#book.cancel(client, message, delimiter);
		} else if (routeOffset(kind) !== -1 && message.size(first) > routeOffset(kind)) {
			this.#book.follow(client, message, delimiter, kind);
		} else if (isDelivery(message, first)) {
			this.#book.deliver(client, message, delimiter);
		} else if (kind === Kind.DRAIN && delimiter === 0) {
			this.#drainedClients.add(client);
			this.#progress.changed();
		} else if (kind >= firstTextOctet && dataFrames === 2) {
			this.#receiveCall(client, message, delimiter, this.#pools.find(buffer, start, message.ends[first]!), undefined);
		} else {
			this.#malformed++;
		}
	}

	#receiveCall(
		client: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		pool: Pool<QueuedCall> | undefined,
		header: CallHeader | undefined,
	): void {
		const isServed = pool !== undefined && (pool.isKnown || this.#isDiscovering);
		if (isServed && !this.#isDraining) {
			if (header !== undefined && (header.flags & Flag.SURVEY) !== 0) {
				this.#book.survey(client, pool, message, delimiter, header);
			} else {
				this.#book.accept(client, pool, message, delimiter, header);
			}
			return;
		}
		const isOneWay = header !== undefined && (header.flags & Flag.ONE_WAY) !== 0;
		const error = this.#isDraining
			? notStarted("UNAVAILABLE", "the queue is draining")
			: notStarted(
					"UNIMPLEMENTED",
					`no worker has ever offered ${pool === undefined ? "this service" : JSON.stringify(pool.service)}`,
				);
		this.#book.refuse(client, message, delimiter, error, isOneWay);
		if (pool !== undefined) this.#pools.prune(pool);
	}

	#receiveFromWorker(peer: LinkPeer, message: IncomingMessage): void {
		const worker = this.#crew.find(peer);
		worker?.heard();
		if (message.size(0) !== 0) {
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

	/** From now on a service that no worker has offered is none. */
	#endDiscovery(): void {
		this.#isDiscovering = false;
		for (const pool of this.#pools) {
			if (pool.isKnown) continue;
			this.#book.refuseLine(pool, notStarted("UNIMPLEMENTED", `no worker has offered ${JSON.stringify(pool.service)}`));
			this.#pools.prune(pool);
		}
	}

	async #close(): Promise<void> {
		clearInterval(this.#liveness);
		clearTimeout(this.#discovery);
		await Promise.all([this.#clientLink.close(), this.#workerLink.close(), this.#repLink.close()]);
		this.#book.stop();
	}
}

async function bindAll(link: Link, endpoints: string | readonly string[]): Promise<readonly string[]> {
	const bound: string[] = [];
	for (const endpoint of typeof endpoints === "string" ? [endpoints] : endpoints) bound.push(await link.bind(endpoint));
	return bound;
}
