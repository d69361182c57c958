/** One question to many: every server that is connected, and every worker of those that are queues. */
import { RpcError, statusOf } from "../errors.js";
import type { IncomingMessage } from "../link/link.js";
import { readBody } from "../protocol/body-reader.js";
import { readErrorBody } from "../protocol/error-body.js";
import { Reply } from "../protocol/header.js";
import { noRoute } from "../protocol/route.js";
import { readSurveyedHeader } from "../protocol/survey.js";
import type { AnyMethod, Method } from "../service.js";
import { Inflow } from "../stream/inflow.js";
import { Call, ended, type OpenChannel } from "./call.js";
import { assertWanted, type CallOptions, inContext, timeoutOf } from "./call-options.js";
import type { Exchange } from "./exchange.js";

/** What one worker says. `worker` names it: its instance behind a queue, its address where it is connected itself. */
export type SurveyAnswer<Result> =
	| { readonly worker: string; readonly value: Result; readonly error?: undefined }
	| { readonly worker: string; readonly error: RpcError; readonly value?: undefined };

/** A server's part of a survey, as its call is made. */
export interface SurveyPart {
	readonly channel: OpenChannel;
	readonly add: (call: Call) => void;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: RpcError) => void;
}

/** Answers are few, and each is one worker's: nobody has to be held up. */
const unbounded = { consumed: () => {} };

/** What a caller may say of one survey. */
export interface SurveyOptions extends Omit<CallOptions, "retry" | "hedge"> {
	/** So many values are enough. Unit: values, a whole number above 0. Default: everybody's are waited for, up to the deadline. */
	readonly quorum?: number;
}

/** Asks each server of the exchange, and through those that are queues each of their workers. */
export async function* askEverybody<Arguments extends readonly unknown[], Result>(
	exchange: Exchange,
	method: Method<Arguments, Result>,
	args: Arguments,
	{ quorum = Number.POSITIVE_INFINITY, ...given }: SurveyOptions = {},
	standardMs: number,
): AsyncGenerator<SurveyAnswer<Result>, void> {
	const survey = new Survey(method, quorum, (calls) => {
		for (const call of calls) exchange.calls.abandon(call, undefined);
	});
	const options = inContext(given);
	if (options !== undefined) assertWanted(method.name, options);
	const timeoutMs = timeoutOf(method.name, standardMs, options);
	const deadlineAt = performance.now() + timeoutMs;
	const { servers, readiness } = exchange;
	if (servers.isEmpty && given.waitForReady !== false) {
		await readiness.until(exchange.state, timeoutMs).catch(() => {});
	}
	try {
		for (const endpoint of servers.all) {
			const part = survey.part(endpoint.peer.address);
			const call = new Call(method, args, options, deadlineAt, part.resolve, part.reject, part.channel);
			part.add(call);
			exchange.send(endpoint, call, deadlineAt - performance.now());
			exchange.calls.listen(call);
		}
	} catch (error) {
		await survey.answers.return();
		throw error;
	}
	survey.complete();
	yield* survey.answers as Inflow<SurveyAnswer<Result>>;
}

/** All that was asked of one connection at one time. */
class Survey {
	readonly #method: AnyMethod;
	readonly #quorum: number;
	readonly #onEnough: (calls: Iterable<Call>) => void;
	readonly answers: Inflow<SurveyAnswer<unknown>>;
	readonly #calls = new Set<Call>();
	#isComplete = false;
	#values = 0;
	#isOver = false;

	/** `quorum`: so many values are enough. `onEnough`: the calls need not be answered any more. */
	constructor(method: AnyMethod, quorum: number, onEnough: (calls: Iterable<Call>) => void) {
		this.#method = method;
		this.#quorum = quorum;
		this.#onEnough = onEnough;
		this.answers = new Inflow<SurveyAnswer<unknown>>(unbounded, () => this.#stop());
	}

	/** What a server's part of it is settled with. */
	part(address: string): SurveyPart {
		let mine: Call | undefined;
		let isEnded = false;
		const done = () => {
			isEnded = true;
			if (mine !== undefined) this.#calls.delete(mine);
			this.#look();
		};
		return {
			channel: {
				route: noRoute,
				endsWithoutResult: true,
				// Each server is asked once.
				isUntouched: false,
				isOpenEnded: false,
				isSurvey: true,
				receive: (kind, message) => kind === Reply.SURVEYED && this.#hear(message),
				end: () => {},
			},
			add: (call) => {
				mine = call;
				if (!isEnded) this.#calls.add(call);
			},
			// A queue ends its part without a value: it has told of its workers one by one.
			resolve: (value) => {
				if (value !== ended) this.#tell({ worker: address, value });
				done();
			},
			reject: (error) => {
				// Those who say nothing in time are missing; the rest is their word, or that of who lost them.
				if (error.status !== "DEADLINE_EXCEEDED" || error.origin === "peer") this.#tell({ worker: address, error });
				done();
			},
		};
	}

	/** Everybody has been asked. */
	complete(): void {
		this.#isComplete = true;
		this.#look();
	}

	#hear(message: IncomingMessage): boolean {
		const { worker, status, flags } = readSurveyedHeader(message, 2);
		if (status !== 0) {
			this.#tell({ worker, error: readErrorBody(message, 3, statusOf(status), flags, this.#method.errors) });
			return true;
		}
		try {
			const value = readBody<unknown>(this.#method.result, message, 3);
			this.#tell({ worker, value });
		} catch (error) {
			const text = `${this.#method.name}: the result is not what the interface says: ${(error as Error).message}`;
			this.#tell({ worker, error: new RpcError("INTERNAL", text, { cause: error }) });
		}
		return true;
	}

	#tell(answer: SurveyAnswer<unknown>): void {
		if (this.#isOver) return;
		this.answers.push(answer, 0);
		if (answer.error !== undefined || ++this.#values < this.#quorum) return;
		this.answers.end();
		this.#stop();
	}

	#look(): void {
		if (this.#isOver || !this.#isComplete || this.#calls.size > 0) return;
		this.#isOver = true;
		if (this.#quorum === Number.POSITIVE_INFINITY) {
			this.answers.end();
			return;
		}
		const text = `${this.#method.name}: ${this.#values} answered of the ${this.#quorum} that were wanted`;
		this.answers.fail(new RpcError("UNAVAILABLE", text, { outcome: "unknown" }), false);
	}

	#stop(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#onEnough([...this.#calls]);
	}
}
