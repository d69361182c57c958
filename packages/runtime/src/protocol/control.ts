/** Control messages between a worker and its queue: an empty envelope, a header of one kind, a body where it has one. */
import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { writeError } from "./error-body.js";
import { Kind } from "./header.js";
import { pack, unpack } from "./msgpack.js";

/** READY: what a worker offers. */
export interface WorkerOffer {
	readonly protocol: 1;
	/** Names the worker process in statistics; random. */
	readonly instance: string;
	/** Calls it takes at a time. */
	readonly concurrency: number;
	/** Schema hashes by service name. */
	readonly services: Readonly<Record<string, string>>;
	/** Of a queue: calls it takes at a time of each service, where that is less than `concurrency`: of all that serve it. */
	readonly credits?: Readonly<Record<string, number>>;
	/**
	 * Of a queue: of each service that its workers serve from several schemas, the calls it takes at a time by schema hash. Those who say
	 * nothing of theirs are not in it.
	 */
	readonly versions?: Readonly<Record<string, Readonly<Record<string, number>>>>;
	/** Of a queue: instances of the queues that its calls come through, its own first. Of a server: nothing. */
	readonly queues?: readonly string[];
}

/** WELCOME: what the queue expects of a worker. */
export interface WorkerTerms {
	/** A worker gives a sign of life this often, and hears one. Unit: ms. */
	readonly heartbeatMs: number;
	/** After this much silence either side gives the other up. Unit: ms. */
	readonly leaseMs: number;
}

export function sendReady(peer: LinkPeer, offer: WorkerOffer): void {
	send(peer, Kind.READY, pack(offer));
}

export function sendWelcome(peer: LinkPeer, terms: WorkerTerms): void {
	send(peer, Kind.WELCOME, pack(terms));
}

/** To a worker whose offer is not taken. */
export function sendRefusal(peer: LinkPeer, error: RpcError): void {
	const writer = peer.begin();
	writer.emptyFrame(true);
	writeError(writer, error, false);
	peer.commit();
}

/** From a worker: no new calls, please. From a queue to a worker: none will come. To a client: call somebody else. */
export function sendDrain(peer: LinkPeer): void {
	send(peer, Kind.DRAIN, undefined);
}

/** A sign of life. */
export function sendPulse(peer: LinkPeer): void {
	send(peer, Kind.PULSE, undefined);
}

/** Kind of a control message whose delimiter is its first frame. */
export function controlKind(message: IncomingMessage): number {
	return message.count < 2 || message.size(1) === 0 ? -1 : message.buffers[1]![message.starts[1]!]!;
}

/** Most services that one worker may offer. */
const maxServices = 1024;
/** Most that a queue may offer, of all its workers. */
const maxQueuedServices = 16_384;
/** Most queues that a call may have to go through; far more than any envelope has room for, as they may lie side by side. */
const maxQueues = 1024;
/** A worker that claims more than this is not believed. */
const maxConcurrency = 65_536;

/** Reads READY's body. `undefined` when it makes no sense. */
export function readOffer(message: IncomingMessage): WorkerOffer | undefined {
	const body = readBody(message);
	if (body === undefined) return undefined;
	const { instance, concurrency, services, credits, versions, queues } = body;
	if (!isInstance(instance)) return undefined;
	if (typeof concurrency !== "number" || !(concurrency >= 1)) return undefined;
	if (typeof services !== "object" || services === null) return undefined;
	const entries = Object.entries(services);
	const isQueue = queues !== undefined;
	if (
		entries.length > (isQueue ? maxQueuedServices : maxServices) ||
		entries.some(([name, hash]) => name === "" || typeof hash !== "string")
	)
		return undefined;
	const offer: WorkerOffer = {
		protocol: 1,
		instance,
		concurrency: Math.min(Math.floor(concurrency), maxConcurrency),
		services: Object.fromEntries(entries) as Record<string, string>,
	};
	if (!isQueue) return offer;
	if (!Array.isArray(queues) || queues.length > maxQueues || !queues.every(isInstance)) return undefined;
	if (!(credits === undefined || isCredits(credits)) || !(versions === undefined || isVersions(versions)))
		return undefined;
	return {
		...offer,
		queues,
		...(credits === undefined ? {} : { credits }),
		...(versions === undefined ? {} : { versions }),
	};
}

function isVersions(value: unknown): value is Record<string, Record<string, number>> {
	if (typeof value !== "object" || value === null) return false;
	const services = Object.values(value);
	if (services.length > maxQueuedServices || !services.every(isCredits)) return false;
	return services.reduce((sum, versions) => sum + Object.keys(versions).length, 0) <= maxQueuedServices;
}

function isCredits(value: unknown): value is Record<string, number> {
	if (typeof value !== "object" || value === null) return false;
	const numbers = Object.values(value);
	return numbers.length <= maxQueuedServices && numbers.every((each) => Number.isInteger(each) && each >= 1);
}

function isInstance(value: unknown): value is string {
	return typeof value === "string" && value.length <= 64;
}

/** Reads WELCOME's body. `undefined` when it makes no sense. */
export function readTerms(message: IncomingMessage): WorkerTerms | undefined {
	const body = readBody(message);
	if (body === undefined) return undefined;
	const { heartbeatMs, leaseMs } = body;
	if (typeof heartbeatMs !== "number" || typeof leaseMs !== "number") return undefined;
	return heartbeatMs >= 10 && leaseMs >= heartbeatMs && leaseMs < 2 ** 31 ? { heartbeatMs, leaseMs } : undefined;
}

function readBody(message: IncomingMessage): Readonly<Record<string, unknown>> | undefined {
	if (message.count !== 3) return undefined;
	try {
		const value = unpack(message.buffers[2]!, message.starts[2]!, message.ends[2]!);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

function send(peer: LinkPeer, kind: number, body: Uint8Array | undefined): void {
	const writer = peer.begin();
	writer.emptyFrame(true);
	writer.frame(Uint8Array.of(kind), body !== undefined);
	if (body !== undefined) writer.frame(body, false);
	peer.commit();
}
