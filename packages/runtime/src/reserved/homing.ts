/** The reserved service: what every server and every queue answers of itself, whatever else it serves. */

import * as z from "zod";
import { platform } from "#platform";
import { anyCodec, type Codec, messageCodec } from "../protocol/codec.js";
import { type ServiceDescriptor, unary } from "../service.js";
import type { Description } from "./description.js";

export const reservedName = "homing";

/** `NOT_SERVING`: a queue knows the service, and nobody offers it now. */
export type ServingStatus = "SERVING" | "DRAINING" | "NOT_SERVING";

export interface Health {
	/** `DRAINING`: new calls should go elsewhere. */
	readonly status: ServingStatus;
	readonly services: Readonly<Record<string, ServingStatus>>;
}

/** What `stats()` of the server or queue says, and whose it is. */
export interface Stats extends Pong {
	/** Since its start. Unit: ms. */
	readonly uptimeMs: number;
	readonly [name: string]: unknown;
}

/** Who answered. */
export interface Pong {
	readonly role: "server" | "queue";
	readonly instance: string;
}

export function statsOf(
	role: Pong["role"],
	host: { readonly instance: string; readonly startedAt: number; stats(): object },
): Stats {
	const { instance, startedAt } = host;
	return { role, instance, uptimeMs: Math.round(performance.now() - startedAt), ...host.stats() };
}

const none = messageCodec(z.tuple([]));
const maybeService: Codec<readonly [] | readonly [service: string]> = messageCodec(
	z.union([z.tuple([]), z.tuple([z.string()])]),
	{ parameters: ["service"] },
);

const methods = {
	/** With a service's name: that service alone, at a queue as one of its workers describes it. */
	describe: unary({
		name: "homing.describe",
		isIdempotent: true,
		arguments: maybeService,
		result: anyCodec as Codec<Description>,
	}),
	health: unary({ name: "homing.health", isIdempotent: true, arguments: none, result: anyCodec as Codec<Health> }),
	stats: unary({ name: "homing.stats", isIdempotent: true, arguments: none, result: anyCodec as Codec<Stats> }),
	ping: unary({ name: "homing.ping", isIdempotent: true, arguments: none, result: anyCodec as Codec<Pong> }),
};

export const homingDescriptor: ServiceDescriptor<typeof methods> = { name: reservedName, schemaHash: "1", methods };

const prefix = platform.encodeText(`${reservedName}.`);

/** Whether a method's name, as it lies in a received header, is one of the reserved service's. */
export function isReserved(buffer: Uint8Array, start: number, end: number): boolean {
	if (end - start < prefix.length) return false;
	for (let i = 0; i < prefix.length; i++) if (buffer[start + i] !== prefix[i]) return false;
	return true;
}
