/** A queue's answers of itself. What its workers know better is left to one of them. */
import { notStarted, RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer, MessageWriter } from "../link/link.js";
import { readBody } from "../protocol/body-reader.js";
import { writeBody, writeTextBody } from "../protocol/body-writer.js";
import { type Codec, framesBesideText } from "../protocol/codec.js";
import { echoEnvelope } from "../protocol/envelope.js";
import { writeError } from "../protocol/error-body.js";
import { isJsonRequest } from "../protocol/header.js";
import { MethodTable } from "../protocol/method-table.js";
import type { Description, ServiceDescription } from "../reserved/description.js";
import { type Health, homingDescriptor, type ServingStatus, statsOf } from "../reserved/homing.js";
import type { AnyMethod } from "../service.js";
import type { Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";

export interface ReservedHost {
	readonly instance: string;
	/** By `performance.now()`. */
	readonly startedAt: number;
	readonly isDescribed: boolean;
	readonly isDraining: boolean;
	readonly maxFrameBytes: number;
	/** Those of services that workers have offered. */
	readonly pools: readonly Pool<QueuedCall>[];
	stats(): object;
}

type Answer = (args: readonly unknown[]) => unknown;

/** Where clients ask the queue itself. */
export class ReservedDesk {
	readonly #host: ReservedHost;
	readonly #methods = new MethodTable<readonly [AnyMethod, Answer]>();

	constructor(host: ReservedHost) {
		this.#host = host;
		const { describe, health, stats, ping } = homingDescriptor.methods;
		const answers: readonly (readonly [AnyMethod, Answer])[] = [
			[describe, ([service]) => this.#describe(service as string | undefined)],
			[health, () => this.#health()],
			[stats, () => statsOf("queue", host)],
			[ping, () => ({ role: "queue", instance: host.instance })],
		];
		for (const row of answers) this.#methods.add(Buffer.from(row[0].name), row);
	}

	/** Answers a call whose method is named from `start` to `end`. Returns the pool whose worker should answer instead. */
	receive(
		client: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		start: number,
		end: number,
		isOneWay: boolean,
	): Pool<QueuedCall> | undefined {
		const isJson = isJsonRequest(message, delimiter + 1);
		try {
			const found = this.#methods.find(message.buffers[delimiter + 1]!, start, end);
			if (found === undefined) throw notStarted("UNIMPLEMENTED", "the queue itself has no such method");
			const [method, answer] = found;
			const value = answer(decode(method.arguments, message, delimiter + 2, isJson));
			if (value instanceof PoolOf) return value.pool;
			if (!isOneWay) this.#reply(client, message, delimiter, method.result, value, isJson);
		} catch (error) {
			if (!isOneWay) fail(client, message, delimiter, error, isJson);
		}
		return undefined;
	}

	#reply(
		client: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		codec: Codec<unknown>,
		value: unknown,
		isJson: boolean,
	): void {
		const writer: MessageWriter = client.begin();
		const { maxFrameBytes } = this.#host;
		try {
			echoEnvelope(writer, message, 0, delimiter);
			if (isJson) writeTextBody(writer, codec.encodeJson(value), maxFrameBytes);
			else writeBody(writer, codec, value, maxFrameBytes, undefined);
		} catch (error) {
			client.rollback();
			throw error;
		}
		client.commit();
	}

	#describe(service: string | undefined): Description | PoolOf {
		const { isDescribed, instance, pools } = this.#host;
		if (!isDescribed) throw notStarted("PERMISSION_DENIED", "this queue does not describe itself");
		if (service === undefined) {
			return { role: "queue", protocol: 1, instance, services: pools.map(describePool) };
		}
		const pool = pools.find(({ service: name }) => name === service);
		// A plain worker has no description to give.
		if (pool?.workers.some(({ isPlain }) => !isPlain) === true) return new PoolOf(pool);
		throw notStarted("NOT_FOUND", `no worker describes a service ${JSON.stringify(service.slice(0, 255))} here`);
	}

	#health(): Health {
		const { isDraining, pools } = this.#host;
		const of = (pool: Pool<QueuedCall>): ServingStatus =>
			isDraining ? "DRAINING" : pool.ready.length > 0 ? "SERVING" : "NOT_SERVING";
		return {
			status: isDraining ? "DRAINING" : "SERVING",
			services: Object.fromEntries(pools.map((pool) => [pool.service, of(pool)])),
		};
	}
}

/** One of its workers should answer. */
class PoolOf {
	readonly pool: Pool<QueuedCall>;

	constructor(pool: Pool<QueuedCall>) {
		this.pool = pool;
	}
}

function describePool({ service, workers, schemaHashes }: Pool<QueuedCall>): ServiceDescription {
	const description = { name: service, schemaHashes, workers: workers.length };
	if (schemaHashes.length < 2) return description;
	const servedBy = (hash: string) => workers.filter((worker) => worker.hashesOf(service).includes(hash)).length;
	return { ...description, versions: Object.fromEntries(schemaHashes.map((hash) => [hash, servedBy(hash)])) };
}

function decode(
	codec: Codec<readonly unknown[]>,
	message: IncomingMessage,
	body: number,
	isJson: boolean,
): readonly unknown[] {
	try {
		if (isJson && message.count > body + 1) throw framesBesideText();
		if (isJson) return codec.decodeJson(Buffer.from(message.frame(body)).toString());
		return readBody(codec, message, body);
	} catch (error) {
		throw notStarted("INVALID_ARGUMENT", (error as Error).message);
	}
}

function fail(client: LinkPeer, message: IncomingMessage, delimiter: number, error: unknown, isJson: boolean): void {
	const failure =
		error instanceof RpcError ? error : new RpcError("INTERNAL", "the queue cannot say: the answer cannot be sent");
	const writer = client.begin();
	echoEnvelope(writer, message, 0, delimiter);
	writeError(writer, failure, isJson);
	client.commit();
}
