import { notStarted, RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { readBody, sizeOfBody } from "../protocol/body-reader.js";
import { type Codec, InvalidValue, surprises } from "../protocol/codec.js";
import { Kind, Reply } from "../protocol/header.js";
import { isRun, itemHeadBytes, readItemSize } from "../protocol/item-run.js";
import { noRoute, readNumber, readOpen } from "../protocol/route.js";
import type { AnyChannel, AnyMethod, Callback, Input } from "../service.js";
import { Inflow } from "../stream/inflow.js";
import { type Drain, pump } from "../stream/pump.js";
import { Intake, Outflow } from "../stream/window.js";
import type { Call, OpenChannel } from "./call.js";
import { writeAnswer, writeErrorAnswer, writeFollowUp, writeItem } from "./follow-up-writer.js";

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
export class ClientChannel implements OpenChannel, Drain<unknown> {
	readonly #host: ChannelHost;
	readonly #method: AnyMethod;
	/** Parameters that are no data, as the caller gave them. */
	readonly #parameters: readonly unknown[];
	/** Which of them is a stream; -1: none. */
	readonly #inputIndex: number;
	readonly #intake = new Intake((count) => this.#tell(Kind.CREDIT, count));
	/** What the server streams; `undefined` when it answers with one value. */
	readonly results: Inflow<unknown> | undefined;
	readonly outflow = new Outflow();
	#route: Uint8Array = noRoute;
	isUntouched = true;
	readonly isSurvey = false;
	/** Set by the connection. */
	isOpenEnded = false;
	isOver = false;
	onOver: (() => void) | undefined;
	/** Set by the connection. */
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
		if (method.form === "stream") this.results = new Inflow(this.#intake, () => host.abandon(this.call, undefined));
	}

	get route(): Uint8Array {
		return this.#route;
	}

	get endsWithoutResult(): boolean {
		return this.results !== undefined;
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
				return this.#receiveItem(message);
			case Reply.ITEMS:
				return this.#receiveRun(message);
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
				return this.#open(readOpen(buffer, start, end));
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
		const input = this.#method.channels[this.#inputIndex] as Input<unknown>;
		return writeItem(this.call, this.#route, input.item, item, this.#host.maxFrameBytes);
	}

	#open(route: Uint8Array | undefined): boolean {
		if (route === undefined || this.#route !== noRoute) return false;
		this.#route = route;
		this.#host.onOpened(this.call);
		if (this.#inputIndex !== -1) void this.#upload(this.#parameters[this.#inputIndex] as AsyncIterable<unknown>);
		return true;
	}

	async #upload(source: AsyncIterable<unknown>): Promise<void> {
		try {
			if (await pump(source, this)) this.#tell(Kind.END);
		} catch (error) {
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

	#receiveItem(message: IncomingMessage): boolean {
		if (this.results === undefined) return false;
		const size = sizeOfBody(message, 3);
		if (!this.#letIn(size)) return true;
		try {
			this.results.push(this.#read(this.#method.result, message), size);
		} catch (error) {
			this.#blameForItem(error);
		}
		return true;
	}

	/** Each item counts by itself, as if it had come alone. */
	#receiveRun(message: IncomingMessage): boolean {
		const { results } = this;
		if (results === undefined) return false;
		const buffer = message.buffers[3]!;
		const end = message.ends[3]!;
		if (message.count !== 4 || !isRun(buffer, message.starts[3]!, end)) {
			this.#blame("sent items together whose sizes do not add up");
			return true;
		}
		const { result } = this.#method;
		for (let at = message.starts[3]!; at < end && !this.isOver; ) {
			const start = at + itemHeadBytes;
			const size = readItemSize(buffer, at);
			at = start + size;
			if (!this.#letIn(size)) return true;
			try {
				const before = surprises.count;
				results.push(result.decode(buffer, start, at), size);
				if (surprises.count !== before) this.#host.onSurprise();
			} catch (error) {
				this.#blameForItem(error);
				return true;
			}
		}
		return true;
	}

	#letIn(size: number): boolean {
		if (this.#intake.arrived(size)) return true;
		this.#blame("sent more than it had credit for");
		return false;
	}

	#blameForItem(error: unknown): void {
		this.#blame(`sent an item that is not what the interface says: ${(error as Error).message}`, error);
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
		if (!this.#letIn(size)) return true;
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
			writeAnswer(this.call, this.#route, id, channel.result, value, this.#host.maxFrameBytes);
		} catch (error) {
			if (this.isOver) return;
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
