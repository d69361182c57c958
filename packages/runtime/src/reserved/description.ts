/** What servers and queues say of themselves: plain data, as it travels and as tools print it. */
import type { Codec } from "../protocol/codec.js";
import type { DeclaredError } from "../protocol/declared-error.js";
import { type Doc, docIn, type MethodDocs, partsOf, textOf, type ValueDocs } from "../protocol/docs.js";
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
	/** What the interface's comment says. */
	readonly description?: string;
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
	readonly description?: string;
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
	| { readonly kind: "input"; readonly description?: string; readonly item: JsonSchema }
	| {
			readonly kind: "callback";
			readonly description?: string;
			readonly arguments: JsonSchema;
			readonly result?: JsonSchema;
	  };

export interface ErrorDescription {
	readonly status: string;
	readonly description?: string;
	readonly data: JsonSchema;
}

/** Made once: whoever asks a thousand times a second is answered beyond the concurrency, and must not cost a schema each time. */
const described = new WeakMap<ServiceDescriptor, ServiceDescription>();

export function describeService(descriptor: ServiceDescriptor): ServiceDescription {
	let description = described.get(descriptor);
	if (description === undefined) {
		const { name, schemaHash } = descriptor;
		const docs = descriptor.docs?.() ?? {};
		const types = new Map(docs.types);
		const methods = Object.entries(descriptor.methods).map(([key, method]) => {
			const own = docs.methods !== undefined && Object.hasOwn(docs.methods, key) ? docs.methods[key] : undefined;
			return [key, describeMethod(method, own ?? {}, types)] as const;
		});
		description = { name, ...text(docs.text), schemaHashes: [schemaHash], methods: Object.fromEntries(methods) };
		described.set(descriptor, description);
	}
	return description;
}

type TypeDocs = ReadonlyMap<object, Doc>;

function describeMethod(method: AnyMethod, docs: MethodDocs, types: TypeDocs): MethodDescription {
	const errors = Object.entries(method.errors).map(
		([name, error]) => [name, describeError(error, docIn(docs.errors, name), types)] as const,
	);
	return {
		form: method.form,
		...text(docs.text),
		isIdempotent: method.isIdempotent,
		...(method.timeoutMs === undefined ? {} : { timeoutMs: method.timeoutMs }),
		arguments: schemaOf(method.arguments, { types, of: docs.arguments }),
		result: schemaOf(method.result, { types, of: docs.result }),
		channels: (method.channels as readonly AnyChannel[]).map((channel, index) =>
			describeChannel(channel, docs.channels?.[index], types),
		),
		errors: Object.fromEntries(errors),
	};
}

function describeChannel(channel: AnyChannel, doc: Doc | undefined, types: TypeDocs): ChannelDescription {
	const of = partsOf(doc);
	if (channel.kind === "input") {
		return { kind: "input", ...text(textOf(doc)), item: schemaOf(channel.item, { types, of }) };
	}
	const args = {
		kind: "callback",
		...text(textOf(doc)),
		arguments: schemaOf(channel.arguments, { types, of }),
	} as const;
	if (channel.result === undefined) return args;
	return { ...args, result: schemaOf(channel.result, { types, of: undefined }) };
}

function describeError({ type, data }: DeclaredError, doc: Doc | undefined, types: TypeDocs): ErrorDescription {
	const { status } = type as unknown as { readonly status: string };
	return { status, ...text(textOf(doc)), data: schemaOf(data, { types, of: partsOf(doc) }) };
}

function text(description: string | undefined): { readonly description?: string } {
	return description === undefined ? {} : { description };
}

/** A codec that does not know its schema takes anything, as far as one can say. */
function schemaOf(codec: Codec<unknown>, docs: ValueDocs): JsonSchema {
	return codec.jsonSchema?.(docs) ?? {};
}
