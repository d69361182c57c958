/** What servers and queues say of themselves: plain data, as it travels and as tools print it. */
import type { Codec } from "../protocol/codec.js";
import type { DeclaredError } from "../protocol/declared-error.js";
import type { AnyChannel, AnyMethod, MethodForm, ServiceDescriptor } from "../service.js";

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Description {
	readonly role: "server" | "queue";
	readonly protocol: 1;
	/** Names the process in statistics; random. */
	readonly instance: string;
	readonly services: readonly ServiceDescription[];
}

export interface ServiceDescription {
	readonly name: string;
	/** Of a queue's workers there may be several: they need not be of one version. */
	readonly schemaHashes: readonly string[];
	/** Of a queue: who offers it now. */
	readonly workers?: number;
	/** Of a queue whose workers serve it from several schemas: how many from each, by schema hash. */
	readonly versions?: Readonly<Record<string, number>>;
	/** By their short names. A queue leaves them to its workers: ask it for one service. */
	readonly methods?: Readonly<Record<string, MethodDescription>>;
}

export interface MethodDescription {
	readonly form: MethodForm;
	readonly isIdempotent: boolean;
	/** Unit: ms. */
	readonly timeoutMs?: number;
	/** Of the list of arguments; each is titled with its parameter's name. */
	readonly arguments: JsonSchema;
	/** Of a stream: each of its items. */
	readonly result: JsonSchema;
	/** Parameters that are no data, in their order. */
	readonly channels: readonly ChannelDescription[];
	/** Declared errors by name. */
	readonly errors: Readonly<Record<string, ErrorDescription>>;
}

export type ChannelDescription =
	| { readonly kind: "input"; readonly item: JsonSchema }
	| { readonly kind: "callback"; readonly arguments: JsonSchema; readonly result?: JsonSchema };

export interface ErrorDescription {
	readonly status: string;
	readonly data: JsonSchema;
}

/** Made once: whoever asks a thousand times a second is answered beyond the concurrency, and must not cost a schema each time. */
const described = new WeakMap<ServiceDescriptor, ServiceDescription>();

export function describeService(descriptor: ServiceDescriptor): ServiceDescription {
	let description = described.get(descriptor);
	if (description === undefined) {
		const { name, schemaHash } = descriptor;
		const methods = Object.entries(descriptor.methods).map(([key, method]) => [key, describeMethod(method)] as const);
		description = { name, schemaHashes: [schemaHash], methods: Object.fromEntries(methods) };
		described.set(descriptor, description);
	}
	return description;
}

function describeMethod(method: AnyMethod): MethodDescription {
	const errors = Object.entries(method.errors).map(([name, error]) => [name, describeError(error)] as const);
	return {
		form: method.form,
		isIdempotent: method.isIdempotent,
		...(method.timeoutMs === undefined ? {} : { timeoutMs: method.timeoutMs }),
		arguments: schemaOf(method.arguments),
		result: schemaOf(method.result),
		channels: (method.channels as readonly AnyChannel[]).map(describeChannel),
		errors: Object.fromEntries(errors),
	};
}

function describeChannel(channel: AnyChannel): ChannelDescription {
	if (channel.kind === "input") return { kind: "input", item: schemaOf(channel.item) };
	const args = { kind: "callback", arguments: schemaOf(channel.arguments) } as const;
	return channel.result === undefined ? args : { ...args, result: schemaOf(channel.result) };
}

function describeError({ type, data }: DeclaredError): ErrorDescription {
	return { status: (type as unknown as { readonly status: string }).status, data: schemaOf(data) };
}

/** A codec that does not know its schema takes anything, as far as one can say. */
function schemaOf(codec: Codec<unknown>): JsonSchema {
	return codec.jsonSchema?.() ?? {};
}
