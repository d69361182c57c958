/** One question to many: every server that is connected, and every worker of those that are queues. */
import { notStarted, RpcError, statusOf } from "../errors.js";
import { maxUnreadAnswerBytes, maxUnreadAnswers } from "../limits.js";
import type { IncomingMessage } from "../link/link.js";
import { readBody, sizeOfBody } from "../protocol/body-reader.js";
import { readErrorBody } from "../protocol/error-body.js";
import { Reply } from "../protocol/header.js";
import { noRoute } from "../protocol/route.js";
import { readSurveyedHeader } from "../protocol/survey.js";
import type { AnyMethod } from "../service.js";
import { Inflow } from "../stream/inflow.js";
import { Call, ended, type OpenChannel } from "./call.js";
import { isGivenUp } from "./call-failures.js";
import { assertWanted, type CallOptions, signalsOf } from "./call-options.js";
import type { Exchange } from "./exchange.js";
import { ResultStream } from "./result-stream.js";

/** What one worker says. `worker` names it: its instance behind a queue, its address where it is connected itself. */
export type SurveyAnswer<Result> =
	| { readonly worker: string; readonly value: Result; readonly error?: undefined }
	| { readonly worker: string; readonly error: RpcError; readonly value?: undefined };

/** A server's part of a survey, as its call is made. */
interface SurveyPart {
	readonly channel: OpenChannel;
	readonly add: (call: Call) => void;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: RpcError) => void;
}

/** What a caller may say of one survey. */
export interface SurveyOptions extends Omit<CallOptions, "retry" | "hedge"> {
	/** So many values are enough. Unit: values, a whole number above 0. Default: everybody's are waited for, up to the deadline. */
	readonly quorum?: number;
}

/** What is asked, of whoever is there. */
export interface Question {
	readonly method: AnyMethod;
	readonly args: readonly unknown[];
	readonly options: CallOptions | undefined;
	/** So many values are enough; `Infinity`: everybody's. */
	readonly quorum: number;
	/** By `performance.now()`. */
	readonly deadlineAt: number;
}

/** How many values are enough. Throws INVALID_ARGUMENT on what is no number of them. */
export function quorumOf({ name }: AnyMethod, { quorum = Number.POSITIVE_INFINITY }: SurveyOptions): number {
	if (quorum === Number.POSITIVE_INFINITY || (Number.isInteger(quorum) && quorum > 0)) return quorum;
	throw notStarted("INVALID_ARGUMENT", `${name}: quorum must be a whole number above 0, not ${String(quorum)}`);
}

/** Asks each server of the exchange, and through those that are queues each of their workers. */
export function askEverybody(exchange: Exchange, question: Question): ResultStream<SurveyAnswer<unknown>> {
	const survey = new Survey(question, (calls) => {
		for (const call of calls) exchange.calls.abandon(call, undefined);
	});
	void survey.ask(exchange);
	return new ResultStream(question.method.name, survey.answers);
}

/** All that is asked at one time. */
class Survey {
	readonly #question: Question;
	readonly #onEnough: (calls: Iterable<Call>) => void;
	readonly answers: Inflow<SurveyAnswer<unknown>>;
	readonly #calls = new Set<Call>();
	#unread = 0;
	#unreadBytes = 0;
	#isComplete = false;
	#values = 0;
	#isOver = false;

	/** `onEnough`: the calls need not be answered any more. */
	constructor(question: Question, onEnough: (calls: Iterable<Call>) => void) {
		this.#question = question;
		this.#onEnough = onEnough;
		const consumed = (size: number) => {
			this.#unread--;
			this.#unreadBytes -= size;
		};
		this.answers = new Inflow<SurveyAnswer<unknown>>({ consumed }, () => this.#stop());
	}

	/** Never rejects: what goes wrong is told behind the answers. */
	async ask(exchange: Exchange): Promise<void> {
		const { method, args, options, deadlineAt } = this.#question;
		try {
			exchange.assertOpen(method);
			if (options !== undefined) assertWanted(method.name, options);
			if (exchange.servers.isEmpty && options?.waitForReady !== false) await this.#untilReady(exchange);
			for (const endpoint of exchange.servers.all) {
				if (this.#isOver) return;
				const part = this.#part(endpoint.peer.address);
				const call = new Call(method, args, options, part.resolve, part.reject, part.channel);
				part.add(call);
				exchange.send(endpoint, call, deadlineAt - performance.now());
				exchange.calls.listen(call);
			}
			this.#isComplete = true;
			this.#look();
		} catch (error) {
			this.#fail(error as RpcError);
		}
	}

	/** That nobody came in time is no failure of a survey: it has no answers. */
	async #untilReady({ readiness, state }: Exchange): Promise<void> {
		const { options, deadlineAt } = this.#question;
		const signals = options === undefined ? [] : signalsOf(options);
		const signal = signals.length === 0 ? undefined : AbortSignal.any([...signals]);
		try {
			await readiness.until(state, deadlineAt - performance.now(), signal);
		} catch (error) {
			if ((error as RpcError).status !== "DEADLINE_EXCEEDED") throw error;
		}
	}

	/** What a server's part of it is settled with. */
	#part(address: string): SurveyPart {
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
				// The caller's own word, not a server's: all of it is over.
				if (error.status === "CANCELLED" && error.origin === "local") this.#fail(error);
				// Those who say nothing in time are missing; the rest is their word, or that of who lost them.
				if (error.status !== "DEADLINE_EXCEEDED" || error.origin === "peer") this.#tell({ worker: address, error });
				done();
			},
		};
	}

	#hear(message: IncomingMessage): boolean {
		const { method } = this.#question;
		const { worker, status, flags } = readSurveyedHeader(message, 2);
		const size = sizeOfBody(message, 3);
		if (status !== 0) {
			this.#tell({ worker, error: readErrorBody(message, 3, statusOf(status), flags, method.errors) }, size);
			return true;
		}
		try {
			this.#tell({ worker, value: readBody<unknown>(method.result, message, 3) }, size);
		} catch (error) {
			const text = `${method.name}: the result is not what the interface says: ${(error as Error).message}`;
			this.#tell({ worker, error: new RpcError("INTERNAL", text, { cause: error }) });
		}
		return true;
	}

	/** `size`: of what is kept until it is read. Unit: bytes. */
	#tell(answer: SurveyAnswer<unknown>, size = 0): void {
		if (this.#isOver) return;
		// A queue says how many workers it has, and nobody checks.
		this.#unread++;
		this.#unreadBytes += size;
		if (this.#unread > maxUnreadAnswers || this.#unreadBytes > maxUnreadAnswerBytes) {
			const { name } = this.#question.method;
			this.#fail(new RpcError("RESOURCE_EXHAUSTED", `${name}: more answers than are kept for a reader that is slower`));
			return;
		}
		this.answers.push(answer, size);
		if (answer.error !== undefined || ++this.#values < this.#question.quorum) return;
		this.answers.end();
		this.#stop();
	}

	#look(): void {
		if (this.#isOver || !this.#isComplete || this.#calls.size > 0) return;
		this.#isOver = true;
		const { method, quorum } = this.#question;
		if (quorum === Number.POSITIVE_INFINITY) {
			this.answers.end();
			return;
		}
		const text = `${method.name}: ${this.#values} answered of the ${quorum} that were wanted`;
		this.answers.fail(new RpcError("UNAVAILABLE", text, { outcome: "unknown" }), false);
	}

	#fail(error: RpcError): void {
		this.answers.fail(error, isGivenUp(error));
		this.#stop();
	}

	#stop(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#onEnough([...this.#calls]);
	}
}
