import { notStarted, RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { readBody, sizeOfBody } from "../protocol/body-reader.js";
import { type Codec, InvalidValue, surprises } from "../protocol/codec.js";
import { Flag, Kind, Reply } from "../protocol/header.js";
import { noRoute, readNumber, readOpen } from "../protocol/route.js";
import type { AnyChannel, AnyMethod, Callback, Input } from "../service.js";
import { Arrivals, beyondCredit, type Fault } from "../stream/arrivals.js";
import { Inflow } from "../stream/inflow.js";
import { ItemRun, type RunSender } from "../stream/item-run.js";
import { type Drain, pump } from "../stream/pump.js";
import { Intake, Outflow } from "../stream/window.js";
import type { Call, OpenChannel } from "./call.js";
import { hasTime } from "./call-options.js";
import { writeAnswer, writeErrorAnswer, writeFollowUp, writeItem, writeRun } from "./follow-up-writer.js";

/** What a call that stays open needs of its connection. */
export interface ChannelHost {
	readonly maxFrameBytes: number;
	/** The server has taken the call and says how to reach it. */
	onOpened(call: Call): void;
	/** `undefined`: the peer takes more now; else a promise of the moment when to look again. */
	hold(peer: LinkPeer): Promise<void> | undefined;
	/** Ends the call for a reason of this side: its server is told. */
	abandon(call: Call, error: RpcError | undefined): void;
	/** An item, or arguments of a callback, were good, and other than their compiled codec expects them. */
	onSurprise(): void;
}

/** What a call has beside its request and its answer: items in either direction, and functions that the server calls. */
export class ClientChannel implements OpenChannel, Drain<unknown>, RunSender {
	readonly #host: ChannelHost;
	readonly #method: AnyMethod;
	/** Parameters that are no data, as the caller gave them. */
	readonly #parameters: readonly unknown[];
	/** Which of them is a stream; -1: none. */
	readonly #inputIndex: number;
	/** `undefined`: its items go one by one. */
	#run: ItemRun | undefined;
	readonly #intake = new Intake((count) => this.#tell(Kind.CREDIT, count));
	/** What the server streams; `undefined` when it answers with one value. */
	readonly results: Inflow<unknown> | undefined;
	readonly #arrivals: Arrivals | undefined;
	readonly outflow = new Outflow();
	#route: Uint8Array = noRoute;
	isUntouched = true;
	readonly isSurvey = false;
	isOpenEnded = false;
	isOver = false;
	onOver: (() => void) | undefined;
	call!: Call;

	/** Throws an `RpcError` when a parameter is not of its kind. */
	constructor(host: ChannelHost, method: AnyMethod, parameters: readonly unknown[]) {
		this.#host = host;
		this.#method = method;
		this.#parameters = parameters;
		this.#inputIndex = method.channels.findIndex(({ kind }: AnyChannel) => kind === "input");
		for (const [index, { kind }] of (method.channels as readonly AnyChannel[]).entries()) {
			assertKind(method, kind, parameters[index]);
		}
		if (method.form !== "stream") return;
		this.results = new Inflow(this.#intake, () => host.abandon(this.call, undefined));
		this.#arrivals = new Arrivals(method.result, this.#intake, this.results, () => host.onSurprise());
	}

	get route(): Uint8Array {
		return this.#route;
	}

	get endsWithoutResult(): boolean {
		return this.results !== undefined;
	}

	/** Made before its call. */
	joinTo(call: Call): void {
		this.call = call;
		this.isOpenEnded = this.isStreaming && this.#method.timeoutMs === undefined && !hasTime(call.options);
	}

	/** Whether values stream in either direction, for as long as it takes. */
	get isStreaming(): boolean {
		return this.results !== undefined || this.#inputIndex !== -1;
	}

	receive(kind: number, message: IncomingMessage): boolean {
		this.isUntouched = false;
		const buffer = message.buffers[2]!;
		const start = message.starts[2]!;
		const end = message.ends[2]!;
		switch (kind) {
			case Reply.ITEM:
			case Reply.ITEMS:
				return this.#receiveItems(kind, message);
			case Reply.CALLBACK:
				return this.#receiveCallback(
					message,
					readNumber(buffer, start, end),
					end - start > 6 ? buffer[start + 6]! : -1,
				);
			case Reply.CREDIT:
				if (this.outflow.consumed(readNumber(buffer, start, end))) return true;
				this.#blame("gave credit for what had not been sent");
				return true;
			case Reply.OPEN:
				return this.#open(readOpen(buffer, start, end), (buffer[start + 1]! & Flag.TAKES_ITEMS) !== 0);
			default:
				return false;
		}
	}

	end(): void {
		this.isOver = true;
		this.onOver?.();
	}

	hold(): Promise<void> | undefined {
		return this.#host.hold(this.call.peer!);
	}

	send(item: unknown): number {
		return this.#run === undefined ? this.sendItem(item) : this.#run.add(item);
	}

	sendItem(item: unknown): number {
		return writeItem(this.call, this.#route, this.#inputCodec, item, this.#host.maxFrameBytes);
	}

	sendRun(run: Uint8Array, end: number, count: number): void {
		// Nobody hears what waited when the call ended.
		if (!this.isOver) writeRun(this.call, this.#route, run, end, count);
	}

	get #inputCodec(): Codec<unknown> {
		return (this.#method.channels[this.#inputIndex] as Input<unknown>).item;
	}

	/** `takesRuns`: the server, and whoever is on the way to it. */
	#open(route: Uint8Array | undefined, takesRuns: boolean): boolean {
		if (route === undefined || this.#route !== noRoute) return false;
		this.#route = route;
		this.#host.onOpened(this.call);
		if (this.#inputIndex === -1) return true;
		if (takesRuns) this.#run = new ItemRun(this, this.#inputCodec, this.#host.maxFrameBytes);
		void this.#upload(this.#parameters[this.#inputIndex] as AsyncIterable<unknown>);
		return true;
	}

	async #upload(source: AsyncIterable<unknown>): Promise<void> {
		try {
			if (!(await pump(source, this))) return;
			this.#run?.flush();
			this.#tell(Kind.END);
		} catch (error) {
			this.#run?.flush();
			// The caller's own stream broke: nobody can say what the answer would have been.
			this.#abandon(this.#inputError(error));
		}
	}

	#inputError(error: unknown): RpcError {
		if (error instanceof RpcError) return error;
		const { name } = this.#method;
		if (!(error instanceof InvalidValue)) {
			return new RpcError("CANCELLED", `${name}: the stream that the caller sends failed`, { cause: error });
		}
		const details = { violations: error.violations };
		return new RpcError("INVALID_ARGUMENT", `${name}: an item to send: ${error.message}`, { details, cause: error });
	}

	#receiveItems(kind: number, message: IncomingMessage): boolean {
		const arrivals = this.#arrivals;
		if (arrivals === undefined) return false;
		this.#judge(kind === Reply.ITEM ? arrivals.takeItem(message, 3) : arrivals.takeItems(message, 3));
		return true;
	}

	#judge(fault: Fault | undefined): void {
		if (fault === undefined) return;
		if (typeof fault === "string") this.#blame(fault);
		else this.#blame(`sent an item that is not what the interface says: ${fault.message}`, fault);
	}

	#receiveCallback(message: IncomingMessage, id: number, index: number): boolean {
		const channel = this.#method.channels[index] as Callback<readonly unknown[], unknown> | undefined;
		const callback = this.#parameters[index];
		if (channel?.kind !== "callback") return false;
		if (typeof callback !== "function") {
			// No handler is given one that may be left out and was.
			const text = `${this.#method.name}: a callback is a function, not ${typeof callback}, and the server has called it`;
			this.#abandon(new RpcError("INVALID_ARGUMENT", text));
			return true;
		}
		const size = sizeOfBody(message, 3);
		if (!this.#intake.arrived(size)) {
			this.#blame(beyondCredit);
			return true;
		}
		let args: readonly unknown[];
		try {
			args = this.#read(channel.arguments, message);
		} catch (error) {
			this.#blame(`called a callback with what is not what the interface says: ${(error as Error).message}`, error);
			return true;
		}
		void this.#callBack(callback as (...args: readonly unknown[]) => unknown, channel, args, id).finally(() =>
			this.#intake.consumed(size),
		);
		return true;
	}

	/** Throws an `InvalidValue`. */
	#read<T>(codec: Codec<T>, message: IncomingMessage): T {
		const before = surprises.count;
		const value = readBody(codec, message, 3);
		if (surprises.count !== before) this.#host.onSurprise();
		return value;
	}

	async #callBack(
		callback: (...args: readonly unknown[]) => unknown,
		channel: Callback<readonly unknown[], unknown>,
		args: readonly unknown[],
		id: number,
	): Promise<void> {
		try {
			const value = await callback(...args);
			if (id === 0 || channel.result === undefined || this.isOver) return;
			// Who hears what a function returned has had what was streamed before.
			this.#run?.flush();
			writeAnswer(this.call, this.#route, id, channel.result, value, this.#host.maxFrameBytes);
		} catch (error) {
			if (this.isOver) return;
			this.#run?.flush();
			if (id === 0) this.#abandon(callbackError(this.#method.name, error));
			else writeErrorAnswer(this.call, this.#route, id, callbackError(this.#method.name, error));
		}
	}

	#tell(kind: number, number = 0): void {
		if (this.#route !== noRoute && !this.isOver) writeFollowUp(this.call, this.#route, kind, number);
	}

	/** The server broke a rule of the stream. */
	#blame(what: string, cause?: unknown): void {
		this.#abandon(new RpcError("INTERNAL", `${this.#method.name}: the server ${what}`, { cause }));
	}

	#abandon(error: RpcError): void {
		if (!this.isOver) this.#host.abandon(this.call, error);
	}
}

function callbackError(name: string, error: unknown): RpcError {
	if (error instanceof RpcError) return error;
	return new RpcError("CANCELLED", `${name}: a callback of the caller's failed`, { cause: error });
}

function assertKind(method: AnyMethod, kind: string, value: unknown): void {
	if (kind === "callback") {
		if (value === undefined || typeof value === "function") return;
		throw notStarted("INVALID_ARGUMENT", `${method.name}: a callback is a function, not ${typeof value}`);
	}
	const isIterable =
		typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
	if (!isIterable)
		throw notStarted("INVALID_ARGUMENT", `${method.name}: a stream is an async iterable, not ${typeof value}`);
}
