/** The service that the cases call, by hand as generated code would have it. What it does the cases say. */
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import {
	type CallContext,
	type Connection,
	callback,
	defineService,
	input,
	messageCodec,
	RpcError,
	type Service,
	type Status,
	stream,
	unary,
	voidCodec,
} from "../../packages/runtime/src/index.js";

const bytes = z.instanceof(Uint8Array) as unknown as z.ZodType<Uint8Array>;
const failure = z.object({ status: z.string(), message: z.string() }).optional();

const simple = z.object({ payload: bytes, size: z.int(), fail: failure });
/** `size`: how many octets to answer with. */
export type Simple = z.infer<typeof simple>;
const reply = z.object({ payload: bytes, metadata: z.record(z.string(), z.unknown()) });
export type Reply = z.infer<typeof reply>;
const production = z.object({ sizes: z.array(z.int()), pauseMs: z.int().optional(), fail: failure });
export type Production = z.infer<typeof production>;

const delegated = z.object({ number: z.int(), fail: failure });
export type Delegated = z.infer<typeof delegated>;

const none = messageCodec(z.tuple([]));
const int = messageCodec(z.int());
const one = <T>(schema: z.ZodType<T>) => messageCodec(z.tuple([schema])) as never;

export const methods = {
	empty: unary<[], void>({ name: "Conformance.empty", arguments: none, result: voidCodec }),
	unary: unary<[Simple], Reply>({ name: "Conformance.unary", arguments: one(simple), result: messageCodec(reply) }),
	/** Answers after so many ms, unless it is told to stop. */
	sleep: unary<[ms: number], void>({ name: "Conformance.sleep", arguments: one(z.int()), result: voidCodec }),
	/** What is left of the deadline, at a server behind another. Unit: ms. */
	remaining: unary<[hops: number], number>({ name: "Conformance.remaining", arguments: one(z.int()), result: int }),
	collect: unary<[], number, [payloads: AsyncIterable<Uint8Array>]>({
		name: "Conformance.collect",
		arguments: none,
		result: int,
		channels: [input(messageCodec(bytes))],
	}),
	produce: stream<[Production], Uint8Array>({
		name: "Conformance.produce",
		arguments: one(production),
		result: messageCodec(bytes),
	}),
	exchange: stream<[], Uint8Array, [requests: AsyncIterable<Production>]>({
		name: "Conformance.exchange",
		arguments: none,
		result: messageCodec(bytes),
		channels: [input(messageCodec(production))],
	}),
	audit: unary<[steps: number], number, [onStep: (step: number) => void, approve: (step: number) => Promise<boolean>]>({
		name: "Conformance.audit",
		arguments: one(z.int()),
		result: int,
		channels: [callback(one(z.int())), callback(one(z.int()), messageCodec(z.boolean()))],
	}),
	/** Twice the number, by somebody else who has the right to answer. */
	delegated: unary<[Delegated], number>({ name: "Conformance.delegated", arguments: one(delegated), result: int }),
	/** The same, by a tail call of it. */
	forwarded: unary<[Delegated], number>({ name: "Conformance.forwarded", arguments: one(delegated), result: int }),
	/** Served by nobody. */
	missing: unary<[], void>({ name: "Conformance.missing", arguments: none, result: voidCodec }),
	missingService: unary<[], void>({ name: "Nowhere.missing", arguments: none, result: voidCodec }),
} as const;

const { missing: _, missingService: __, ...served } = methods;

function failAs(fail: Simple["fail"]): void {
	if (fail !== undefined) throw new RpcError(fail.status as Status, fail.message);
}

async function* produced({ sizes, pauseMs, fail }: Production, { signal }: CallContext): AsyncGenerator<Uint8Array> {
	for (const size of sizes) {
		if (pauseMs !== undefined) await pause(pauseMs, undefined, { signal });
		yield new Uint8Array(size).fill(7);
	}
	failAs(fail);
}

/** `itself`: a connection to where this service is served. */
export function conformanceService(itself: () => Connection): Service {
	return defineService(
		{ name: "Conformance", schemaHash: "c", methods: served },
		{
			empty: () => {},
			unary([{ size, fail }], { metadata }) {
				failAs(fail);
				return { payload: new Uint8Array(size).fill(7), metadata };
			},
			sleep: ([ms], { signal }) => pause(ms, undefined, { signal }),
			remaining: ([hops], context) =>
				hops === 0
					? Math.floor(context.remainingMs)
					: itself().call(methods.remaining, [hops - 1], { parent: context }),
			async collect(_, __, payloads) {
				let total = 0;
				for await (const { length } of payloads) total += length;
				return total;
			},
			produce: ([what], context) => produced(what, context),
			async *exchange(_, context, requests) {
				for await (const what of requests) yield* produced(what, context);
			},
			async audit([steps], _, onStep, approve) {
				let approved = 0;
				for (let step = 1; step <= steps; step++) {
					onStep(step);
					if (await approve(step)) approved++;
				}
				return approved;
			},
			async delegated([{ number, fail }], context) {
				const right = context.delegate<number>();
				const answering =
					fail === undefined
						? itself().answer(methods.delegated, right, 2 * number)
						: itself().answerError(methods.delegated, right, new RpcError(fail.status as Status, fail.message));
				await answering;
				// What the handler returns is of no account then.
				return -1;
			},
			forwarded: ([what], context) => context.forward(methods.delegated, [what]),
		},
	);
}
