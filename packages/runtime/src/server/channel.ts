import { RpcError, statusOf } from "../errors.js";
import { maxRunBytes } from "../limits.js";
import type { IncomingMessage } from "../link/link.js";
import { type Body, bodySize } from "../protocol/body.js";
import { readBody } from "../protocol/body-reader.js";
import { encodeBody } from "../protocol/body-writer.js";
import { type Codec, InvalidValue, surprises } from "../protocol/codec.js";
import { readErrorBody } from "../protocol/error-body.js";
import { Kind } from "../protocol/header.js";
import { readNumber } from "../protocol/route.js";
import type { Slotted } from "../reply-channel/slots.js";
import type { AnyMethod, Callback, Input } from "../service.js";
import { Arrivals, type Fault } from "../stream/arrivals.js";
import { Inflow } from "../stream/inflow.js";
import { ItemRun, type RunSender } from "../stream/item-run.js";
import type { Drain } from "../stream/pump.js";
import { Intake, Outflow } from "../stream/window.js";
import { answerCallback, answerCredit, answerItem, answerRun } from "./answers.js";
import type { ServedCall } from "./context.js";
import { resultError } from "./failures.js";
import type { Route } from "./routes.js";

/** What the dispatcher does for open calls. */
export interface ChannelHost {
	readonly maxFrameBytes: number;
	hold(call: ServedCall): Promise<void> | undefined;
	/** A callback was called after its call had ended. */
	onDroppedCallback(): void;
	/** An item of the caller's, or what a callback returned, was good, and other than its compiled codec expects it. */
	onSurprise(call: ServedCall, route: Route): void;
}

/** Callbacks that wait for credit: more means that the handler never waits for any. */
const maxWaitingCallbacks = 1024;

interface Awaited {
	readonly codec: Codec<unknown>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: RpcError) => void;
}

/** The answering side of a call that stays open: items in either direction, and functions of the caller's. */
export class ServedChannel implements Slotted, Drain<unknown>, RunSender {
	slot = -1;
	generation = 0;
	readonly call: ServedCall;
	readonly #route: Route;
	readonly #method: AnyMethod;
	readonly #host: ChannelHost;
	readonly outflow: Outflow;
	/** What the caller streams; `undefined`: nothing. */
	readonly #input: Inflow<unknown> | undefined;
	readonly #arrivals: Arrivals | undefined;
	/** The caller has been told that its items may come together. */
	readonly takesRuns: boolean;
	/** `undefined`: items go one by one. */
	readonly #run: ItemRun | undefined;
	/** What the handler is given beside the arguments, in the order of its parameters. */
	readonly parameters: readonly unknown[];
	readonly #awaited = new Map<number, Awaited>();
	#lastId = 0;
	/** Callbacks without credit, in order. */
	#line: (() => void)[] = [];
	isOver = false;
	onOver: (() => void) | undefined;

	/** `refusal`: why the caller can say nothing more, where that is so. */
	constructor(host: ChannelHost, call: ServedCall, route: Route, refusal: RpcError | undefined) {
		const { method } = route;
		this.outflow = new Outflow(refusal);
		this.#host = host;
		this.call = call;
		this.#route = route;
		this.#method = method;
		if (method.form === "stream" && call.takesRuns) this.#run = new ItemRun(this, method.result, host.maxFrameBytes);
		const input = method.channels.find(({ kind }: { kind: string }) => kind === "input") as Input<unknown> | undefined;
		if (input !== undefined) {
			const intake = new Intake((count) => answerCredit(call, count));
			this.#input = new Inflow(intake, () => {});
			this.#arrivals = new Arrivals(input.item, intake, this.#input, () => host.onSurprise(call, route));
		}
		this.takesRuns = input !== undefined && host.maxFrameBytes >= maxRunBytes;
		this.parameters = method.channels.map(
			(channel: Input<unknown> | Callback<readonly unknown[], unknown>, index: number) =>
				channel.kind === "input" ? onceIterable(method.name, this.#input!) : this.#makeCallback(channel, index),
		);
	}

	/** Takes what follows the call up. Returns why the call has to end for it, if it has. */
	receive(kind: number, message: IncomingMessage, header: number): RpcError | undefined {
		const start = message.starts[header]!;
		const end = message.ends[header]!;
		const buffer = message.buffers[header]!;
		switch (kind) {
			case Kind.ITEM:
			case Kind.ITEMS:
				return this.#receiveItems(kind, message, header + 1);
			case Kind.END:
				this.#input?.end();
				return undefined;
			case Kind.CREDIT:
				if (!this.outflow.consumed(readNumber(buffer, start, end))) return broken("gave credit for what was not sent");
				this.#proceed();
				return undefined;
			default:
				this.#settle(message, header, readNumber(buffer, start, end), end - start > 6 ? buffer[start + 6]! : 0);
				return undefined;
		}
	}

	/** Nobody waits for the call any more. */
	abort(reason: RpcError): void {
		this.#end(reason);
	}

	/** The handler is done, and what it returned has been sent. */
	end(): void {
		this.#end(new RpcError("CANCELLED", `${this.#method.name}: the call has ended`));
	}

	hold(): Promise<void> | undefined {
		return this.#host.hold(this.call);
	}

	send(item: unknown): number {
		try {
			return this.#run === undefined ? this.sendItem(item) : this.#run.add(item);
		} catch (error) {
			throw resultError(error);
		}
	}

	sendItem(item: unknown): number {
		return answerItem(this.call, this.#method.result, item, this.#host.maxFrameBytes);
	}

	sendRun(run: Uint8Array, end: number, count: number): void {
		answerRun(this.call, run, end, count);
	}

	#end(reason: RpcError): void {
		if (this.isOver) return;
		this.isOver = true;
		// What comes now is the last that the caller hears.
		this.#run?.flush();
		this.onOver?.();
		this.outflow.stop();
		this.#input?.fail(reason, true);
		for (const { reject } of this.#awaited.values()) reject(reason);
		this.#awaited.clear();
		for (const drop of this.#line.splice(0)) drop();
	}

	#receiveItems(kind: number, message: IncomingMessage, body: number): RpcError | undefined {
		const arrivals = this.#arrivals;
		if (arrivals === undefined || body >= message.count) return broken("sent an item where none belongs");
		if (kind === Kind.ITEM) return this.#errorOf(arrivals.takeItem(message, body));
		if (!this.takesRuns) return broken("sent items together that must come one by one");
		return this.#errorOf(arrivals.takeItems(message, body));
	}

	#errorOf(fault: Fault | undefined): RpcError | undefined {
		if (fault === undefined) return undefined;
		if (typeof fault === "string") return broken(fault);
		if (!(fault instanceof InvalidValue)) throw fault;
		return new RpcError("INVALID_ARGUMENT", `${this.#method.name}: an item: ${fault.message}`, {
			details: { violations: fault.violations },
		});
	}

	/** Throws an `InvalidValue`. */
	#read<T>(codec: Codec<T>, message: IncomingMessage, body: number): T {
		const before = surprises.count;
		const value = readBody(codec, message, body);
		if (surprises.count !== before) this.#host.onSurprise(this.call, this.#route);
		return value;
	}

	#makeCallback(channel: Callback<readonly unknown[], unknown>, index: number) {
		return (...args: readonly unknown[]): Promise<unknown> => {
			if (this.isOver) {
				this.#host.onDroppedCallback();
				if (channel.result === undefined) return Promise.resolve();
				const text = `${this.#method.name}: the call whose callback this is has ended`;
				return handled(Promise.reject(new RpcError("FAILED_PRECONDITION", text)));
			}
			const body = encodeArguments(channel, args, this.#host.maxFrameBytes);
			if (channel.result === undefined) return this.#sent(() => this.#callBack(index, 0, body));
			const id = ++this.#lastId;
			const answer = new Promise((resolve, reject) => {
				this.#awaited.set(id, { codec: channel.result!, resolve, reject });
			});
			void this.#sent(() => this.#callBack(index, id, body));
			return handled(answer);
		};
	}

	/** Resolves when it has been sent, which may be never. Throws when too much waits already. */
	#sent(send: () => void): Promise<void> {
		if (this.outflow.isOpen && this.#line.length === 0) {
			send();
			return Promise.resolve();
		}
		if (this.#line.length >= maxWaitingCallbacks) {
			throw new RpcError(
				"RESOURCE_EXHAUSTED",
				`${this.#method.name}: ${maxWaitingCallbacks} callbacks wait for a caller that is slower; await them`,
			);
		}
		return new Promise((resolve) => {
			this.#line.push(() => {
				if (this.isOver) this.#host.onDroppedCallback();
				else send();
				resolve();
			});
		});
	}

	#proceed(): void {
		while (this.outflow.isOpen) {
			const next = this.#line.shift();
			if (next === undefined) return;
			next();
		}
	}

	#callBack(index: number, id: number, body: Body): void {
		this.outflow.sent(bodySize(body));
		// Callbacks and items are in order.
		this.#run?.flush();
		answerCallback(this.call, id, index, body);
	}

	/** What a callback returned. */
	#settle(message: IncomingMessage, header: number, id: number, status: number): void {
		const awaited = this.#awaited.get(id);
		const body = header + 1;
		if (awaited === undefined || body >= message.count) return;
		this.#awaited.delete(id);
		if (status !== 0) {
			awaited.reject(readErrorBody(message, body, statusOf(status), 0, {}));
			return;
		}
		try {
			awaited.resolve(this.#read(awaited.codec, message, body));
		} catch (error) {
			const text = `${this.#method.name}: a callback returned what is not what the interface says`;
			awaited.reject(new RpcError("INVALID_ARGUMENT", `${text}: ${(error as Error).message}`, { cause: error }));
		}
	}
}

function encodeArguments(
	channel: Callback<readonly unknown[], unknown>,
	args: readonly unknown[],
	maxBytes: number,
): Body {
	return encodeBody(channel.arguments, args, maxBytes);
}

/** A handler may look at it later, or never: a caller that leaves must not end the process by a rejection that nobody handles. */
function handled<T>(answer: Promise<T>): Promise<T> {
	answer.catch(() => {});
	return answer;
}

function broken(what: string): RpcError {
	return new RpcError("ABORTED", `the caller ${what}`);
}

/** A stream is read once. */
function onceIterable<T>(name: string, items: Inflow<T>): AsyncIterable<T> {
	let isTaken = false;
	return {
		[Symbol.asyncIterator]() {
			if (isTaken) throw new RpcError("FAILED_PRECONDITION", `${name}: a stream is read once`);
			isTaken = true;
			return items;
		},
	};
}
