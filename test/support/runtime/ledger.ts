import * as z from "zod";
import {
	type CallContext,
	callback,
	defineService,
	input,
	messageCodec,
	type Service,
	ServiceError,
	stream,
	unary,
	voidCodec,
} from "../../../packages/runtime/src/index.js";

const none = messageCodec(z.tuple([]));
const int = messageCodec(z.int());
const count = messageCodec(z.tuple([z.int()]), { parameters: ["count"] });

/** A service of all forms that stay open, written by hand, as generated code would write it. */
export const ledger = {
	list: stream<[count: number], number>({ name: "Ledger.list", arguments: count, result: int }),
	sum: unary<[], number, [amounts: AsyncIterable<number>]>({
		name: "Ledger.sum",
		arguments: none,
		result: int,
		channels: [input(int)],
	}),
	running: stream<[], number, [amounts: AsyncIterable<number>]>({
		name: "Ledger.running",
		arguments: none,
		result: int,
		channels: [input(int)],
	}),
	audit: unary<
		[count: number],
		string,
		[onProgress: (done: number) => void, approve: (amount: number) => Promise<boolean>]
	>({
		name: "Ledger.audit",
		arguments: count,
		result: messageCodec(z.string()),
		channels: [callback(count), callback(count, messageCodec(z.boolean()))],
	}),
	bytes: stream<[count: number], Uint8Array>({
		name: "Ledger.bytes",
		arguments: count,
		result: messageCodec(z.instanceof(Uint8Array) as unknown as z.ZodType<Uint8Array>),
	}),
} as const;

/** Its constructor takes something else than what an error that arrives has: it must not be run for that. */
export class InsufficientFunds extends ServiceError<{ balance: number }> {
	constructor(balance: number) {
		super(`only ${balance} left`, { balance });
	}
}

export class AccountClosed extends ServiceError {
	static override readonly status = "NOT_FOUND";
}

/** Declared nowhere. */
export class Robbed extends ServiceError<string> {}

const errors = {
	InsufficientFunds: { type: InsufficientFunds, data: messageCodec(z.object({ balance: z.int() })) },
	AccountClosed: { type: AccountClosed, data: voidCodec },
};

export const vault = {
	withdraw: unary<[amount: number], number>({
		name: "Vault.withdraw",
		arguments: messageCodec(z.tuple([z.int()]), { parameters: ["amount"] }),
		result: int,
		errors,
	}),
	drip: stream<[], number>({ name: "Vault.drip", arguments: none, result: int, errors }),
} as const;

export function vaultService(fail: () => unknown): Service {
	const thrown = () => {
		throw fail();
	};
	return defineService(
		{ name: "Vault", schemaHash: "v", methods: vault },
		{
			withdraw: thrown,
			*drip() {
				yield 1;
				thrown();
			},
		},
	);
}

export const ledgerDescriptor = { name: "Ledger", schemaHash: "l", methods: ledger };

export interface LedgerHandlers {
	list?: (count: number, context: CallContext) => AsyncIterable<number> | Iterable<number>;
	sum?: (amounts: AsyncIterable<number>, context: CallContext) => Promise<number> | number;
	running?: (amounts: AsyncIterable<number>, context: CallContext) => AsyncIterable<number>;
	audit?: (
		count: number,
		onProgress: (done: number) => void,
		approve: (amount: number) => Promise<boolean>,
		context: CallContext,
	) => Promise<string> | string;
	bytes?: (count: number, context: CallContext) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Handlers that the test does not give do what their names say. */
export function ledgerService(handlers: LedgerHandlers = {}): Service {
	return defineService(ledgerDescriptor, {
		list: ([upTo], context) => (handlers.list ?? upwards)(upTo, context),
		sum: (_, context, amounts) => (handlers.sum ?? total)(amounts, context),
		running: (_, context, amounts) => (handlers.running ?? totals)(amounts, context),
		audit: ([upTo], context, onProgress, approve) => (handlers.audit ?? audited)(upTo, onProgress, approve, context),
		bytes: ([size], context) => (handlers.bytes ?? blocks)(size, context),
	});
}

export function* upwards(count: number): Generator<number> {
	for (let i = 0; i < count; i++) yield i;
}

async function total(amounts: AsyncIterable<number>): Promise<number> {
	let sum = 0;
	for await (const amount of amounts) sum += amount;
	return sum;
}

async function* totals(amounts: AsyncIterable<number>): AsyncGenerator<number> {
	let sum = 0;
	for await (const amount of amounts) {
		sum += amount;
		yield sum;
	}
}

async function audited(
	count: number,
	onProgress: (done: number) => void,
	approve: (amount: number) => Promise<boolean>,
): Promise<string> {
	let approved = 0;
	for (let i = 1; i <= count; i++) {
		if (await approve(i)) approved++;
		onProgress(i);
	}
	return `${approved} of ${count}`;
}

function* blocks(count: number): Generator<Uint8Array> {
	for (let i = 0; i < count; i++) yield new Uint8Array(100_000).fill(i);
}
