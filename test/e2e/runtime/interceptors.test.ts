import { expect } from "chai";
import {
	type Answer,
	type ClientCall,
	type ClientInterceptor,
	ContextValues,
	connect,
	createContextKey,
	type InterceptedCall,
	type Interceptor,
	type ReplyTo,
	RpcError,
	Server,
	type ServerCall,
	type ServerInterceptor,
	type SurveyAnswer,
} from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type EchoHandlers, echo, echoService } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { AccountClosed, ledger, ledgerService, upwards, vault, vaultService } from "../../support/runtime/ledger.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const got: T[] = [];
	for await (const item of items) got.push(item);
	return got;
}

async function* upTo(count: number): AsyncGenerator<number> {
	yield* upwards(count);
}

const passing: Interceptor = (call, next) => next(call);
const waiting: Interceptor = async (call, next) => {
	await Promise.resolve();
	return next(call);
};

/** Adds one to each number that comes back, in whatever form. */
const adding: Interceptor = (call, next) => {
	const answer = next(call);
	if (call.form !== "stream") return (answer as Promise<unknown>).then((sum) => Number(sum) + 1);
	return (async function* () {
		for await (const item of answer as AsyncIterable<unknown>) yield Number(item) + 1;
	})();
};

for (const { name, serve } of ways) {
	describe(`interceptors, ${name}`, () => {
		const own = closeAfterEach();
		const both = async (...interceptors: Interceptor[]) => {
			const ends = { client: { interceptors }, server: { interceptors } };
			return (await serve(own, ledgerService(), {}, ends))[0];
		};

		for (const [what, interceptor] of [
			["hands on", passing],
			["waits first", waiting],
		] as const) {
			for (const times of [1, 2]) {
				it(`one that ${what} changes nothing, at either side, whatever the form of the call, ${times} times`, async () => {
					const connection = await both(...Array<Interceptor>(times).fill(interceptor));
					expect(await all(connection.stream(ledger.list, [2000]))).deep.equal([...upwards(2000)]);
					expect(await connection.call(ledger.sum, [], {}, [upTo(4)])).equal(6);
					expect(await all(connection.stream(ledger.running, [], {}, [upTo(4)]))).deep.equal([0, 1, 3, 6]);
					const done: number[] = [];
					await connection.call(ledger.audit, [3], {}, [(count) => void done.push(count), async () => true]);
					expect(done).not.deep.equal([]);
					expect(connection.stats()).include({ inFlight: 0, droppedReplies: 0 });
				});
			}
		}

		it("one sees every result and every item, and may put others in their place", async () => {
			const connection = await both(adding);
			expect(await connection.call(ledger.sum, [], {}, [upTo(4)])).equal(8);
			expect(await all(connection.stream(ledger.list, [3]))).deep.equal([2, 3, 4]);
		});

		it("a caller that leaves a wrapped stream cancels the call", async () => {
			const ended = deferred();
			async function* list() {
				try {
					for (let i = 0; ; i++) yield i;
				} finally {
					ended.resolve();
				}
			}
			const ends = { client: { interceptors: [adding, waiting] }, server: { interceptors: [adding, waiting] } };
			const [connection, server] = await serve(own, ledgerService({ list }), {}, ends);
			for await (const item of connection.stream(ledger.list, [1])) {
				expect(item).equal(2);
				break;
			}
			await ended.promise;
			await until(() => server.stats().running === 0 && connection.stats().inFlight === 0);
		});

		it("a declared error passes through, and is seen on the way", async () => {
			const seen: unknown[] = [];
			const watching: Interceptor = async (call, next) => {
				try {
					return await next(call);
				} catch (error) {
					seen.push(`${call.side} ${call.explain(error).status}`);
					throw error;
				}
			};
			const ends = { client: { interceptors: [watching] }, server: { interceptors: [watching] } };
			const [connection] = await serve(
				own,
				vaultService(() => new AccountClosed("gone")),
				{},
				ends,
			);
			expect(await failureOf(connection.call(vault.withdraw, [1]))).instanceOf(AccountClosed);
			expect(seen).deep.equal(["server NOT_FOUND", "client NOT_FOUND"]);
		});
	});
}

describe("interceptors of a connection", () => {
	const rig = new EchoRig(() => anyPort);
	const pair = (...interceptors: ClientInterceptor[]) => rig.pair({}, {}, { interceptors });

	it("are asked in their order, the first is the outermost", async () => {
		const heard: string[] = [];
		const named =
			(name: string): ClientInterceptor =>
			async (call, next) => {
				heard.push(name);
				const answer = await next(call);
				heard.push(`${name} again`);
				return answer;
			};
		const [connection] = await pair(named("first"), named("second"));
		expect(await connection.call(echo.say, ["a"])).equal("a");
		expect(heard).deep.equal(["first", "second", "second again", "first again"]);
	});

	it("are told what the call is", async () => {
		const calls: ClientCall[] = [];
		const [connection] = await pair((call, next) => {
			calls.push(call);
			return next(call);
		});
		const signal = new AbortController().signal;
		await connection.call(echo.say, ["a"], { timeoutMs: 60_000, metadata: { tenant: "a" }, signal });
		connection.notify(echo.note, ["b"]);
		expect(calls[0]).include({ side: "client", method: "Echo.say", form: "unary", isIdempotent: true, signal });
		expect(calls[0]!.hasChannels).equal(false);
		expect(calls[0]!.args).deep.equal(["a"]);
		expect(calls[0]!.metadata).deep.equal({ tenant: "a" });
		expect(calls[0]!.remainingMs).above(0).and.most(60_000);
		expect(calls[0]!.deadline).above(Date.now());
		expect(calls[1]).include({ method: "Echo.note", form: "one-way", isIdempotent: false, peer: undefined });
	});

	it("may change arguments, metadata and options of the call that they hand on", async () => {
		const [connection] = await rig.pair(
			{ say: (text, { metadata }) => `${text} ${JSON.stringify(metadata)}` },
			{},
			{
				interceptors: [
					(call, next) => next(call.with({ args: ["changed"], metadata: { added: 1 } })),
					(call, next) => next(call.with({ options: { timeoutMs: 50_000 } })),
				],
			},
		);
		expect(await connection.call(echo.say, ["a"], { metadata: { tenant: "a" } })).equal(
			'changed {"tenant":"a","added":1}',
		);
	});

	it("share typed values for each call, which the caller may give, and a key that is not set has its default", async () => {
		const attempt = createContextKey(0);
		const user = createContextKey<string | undefined>(undefined);
		const got: unknown[] = [];
		const [connection] = await pair(
			(call, next) => next(call.with({ args: call.args, metadata: {} })),
			(call, next) => {
				got.push([call.values.get(attempt), call.values.get(user)]);
				call.values.set(attempt, call.values.get(attempt) + 1);
				return next(call);
			},
		);
		const values = new ContextValues().set(user, "pigeon");
		await connection.call(echo.say, ["a"], { values });
		await connection.call(echo.say, ["a"]);
		expect(got).deep.equal([
			[0, "pigeon"],
			[0, undefined],
		]);
		expect(values.get(attempt)).equal(1);
	});

	it("may make a call again; all attempts share its time", async () => {
		let served = 0;
		const left: number[] = [];
		const retrying: ClientInterceptor = async (call, next) => {
			for (;;) {
				left.push(call.deadline);
				try {
					return await next(call);
				} catch (error) {
					if (!call.isIdempotent || call.explain(error).status !== "UNAVAILABLE") throw error;
				}
			}
		};
		const say = (text: string) => {
			if (++served < 3) throw new RpcError("UNAVAILABLE", "not now");
			return text;
		};
		const [connection] = await rig.pair({ say }, {}, { interceptors: [retrying] });
		expect(await connection.call(echo.say, ["a"])).equal("a");
		expect(served).equal(3);
		expect(Math.max(...left) - Math.min(...left)).below(5);
	});

	it("cannot make a call with channels twice", async () => {
		const twice: ClientInterceptor = async (call, next) => {
			await next(call);
			return next(call);
		};
		const server = rig.own(new Server()).add(ledgerService());
		const connection = rig.connect(await server.bind(anyPort), { interceptors: [twice] });
		expect(await verdict(connection.call(ledger.sum, [], {}, [upTo(3)]))).equal(
			"FAILED_PRECONDITION not-started local",
		);
		expect(await all(connection.stream(ledger.list, [2]))).deep.equal([0, 1]);
	});

	it("that fail end the call: an RpcError is what it is, anything else INTERNAL with the cause", async () => {
		const broken = new Error("broken");
		const failing: readonly ClientInterceptor[] = [
			() => {
				throw broken;
			},
			async () => {
				throw broken;
			},
			async (call, next) => {
				await next(call);
				throw broken;
			},
		];
		const outcomes: string[] = [];
		for (const interceptor of failing) {
			const [connection] = await pair(interceptor);
			const error = await failureOf(connection.call(echo.say, ["a"]));
			expect(error).include({ status: "INTERNAL", origin: "local", cause: broken });
			outcomes.push(error.outcome);
		}
		expect(outcomes).deep.equal(["not-started", "not-started", "unknown"]);
		const refusal = new RpcError("PERMISSION_DENIED", "no");
		const [connection] = await pair(() => Promise.reject(refusal));
		expect(await failureOf(connection.call(echo.say, ["a"]))).equal(refusal);
	});

	it("that fail end a stream where it is read, and one that returns no stream is at fault", async () => {
		const broken = new Error("broken");
		const list = async (interceptor: ClientInterceptor) =>
			failureOf(all(rig.connect("inproc://nobody", { interceptors: [interceptor] }).stream(ledger.list, [3])));
		expect(await list(() => Promise.reject(broken))).include({ status: "INTERNAL", cause: broken });
		expect((await list(() => Promise.resolve("no stream"))).message).include("returned none");
		const reading: ClientInterceptor = (call, next) => {
			const items = next(call) as AsyncIterable<unknown>;
			void items[Symbol.asyncIterator]().return?.();
			return { [Symbol.asyncIterator]: () => items[Symbol.asyncIterator]() };
		};
		expect((await list(reading)).message).include("read once");
	});

	it("that fail a one-way call at once throw it, and later have it counted", async () => {
		const [sudden] = await pair(() => {
			throw new RpcError("PERMISSION_DENIED", "no");
		});
		expect(() => sudden.notify(echo.note, ["a"])).throw(RpcError, "no");
		const [late] = await pair(async () => {
			throw new Error("later");
		});
		late.notify(echo.note, ["a"]);
		await until(() => late.stats().droppedOneWays === 1);
	});

	it("a one-way call that cannot be sent throws through them", async () => {
		const [connection] = await pair(passing);
		await connection.close();
		expect(() => connection.notify(echo.note, ["a"])).throw("closed");
		expect(await verdict(connection.call(echo.say, ["a"]))).equal("FAILED_PRECONDITION not-started local");
		expect(await verdict(all(connection.stream(ledger.list, [1])))).equal("FAILED_PRECONDITION not-started local");
	});

	const hanging: ClientInterceptor = () => new Promise(() => {});
	const clinging: ClientInterceptor = async (call, next) => {
		await next(call);
		return new Promise(() => {});
	};

	it("that never come back do not keep a call beyond its deadline", async () => {
		const [before] = await pair(hanging);
		expect(await verdict(before.call(echo.say, ["a"], { timeoutMs: 20 }))).equal("DEADLINE_EXCEEDED not-started local");
		const stream = before.stream(ledger.list, [1], { timeoutMs: 20 });
		expect(await verdict(all(stream))).equal("DEADLINE_EXCEEDED not-started local");
		const [behind] = await pair(clinging);
		await behind.ready();
		expect(await verdict(behind.call(echo.say, ["a"], { timeoutMs: 20 }))).equal("DEADLINE_EXCEEDED unknown local");
	});

	it("that never come back let a call be cancelled, and end with the connection", async () => {
		const [connection] = await pair(hanging);
		const controller = new AbortController();
		const cancelled = failureOf(connection.call(echo.say, ["a"], { signal: controller.signal }));
		const closed = verdict(connection.call(echo.say, ["a"]));
		controller.abort("enough");
		expect(await cancelled).include({ status: "CANCELLED", outcome: "not-started", cause: "enough" });
		expect(await verdict(connection.call(echo.say, ["a"], { signal: controller.signal }))).equal(
			"CANCELLED not-started local",
		);
		await connection.close();
		expect(await closed).equal("CANCELLED not-started local");
	});

	describe("see a survey as one call, whose answers are a stream:", () => {
		/** Servers of one word each, and a connection to all of them. */
		async function crew(words: readonly string[], ...interceptors: ClientInterceptor[]) {
			const endpoints = await Promise.all(
				words.map((word) =>
					rig
						.own(new Server())
						.add(echoService({ say: (text, { metadata }) => `${word} ${text} ${metadata["tenant"] ?? "nobody"}` }))
						.bind(anyPort),
				),
			);
			const connection = rig.own(connect(endpoints, { interceptors }));
			await until(() => connection.stats().endpoints.every(({ state }) => state === "ready"));
			return connection;
		}
		const values = (answers: readonly SurveyAnswer<string>[]) => answers.map(({ value }) => value).sort();

		it("they are told so, and may change what is asked", async () => {
			const calls: ClientCall[] = [];
			const asking: ClientInterceptor = (call, next) => {
				calls.push(call);
				return next(call.with({ args: ["changed"], metadata: { tenant: "ada" } }));
			};
			const connection = await crew(["a", "b", "c"], asking, waiting);
			const answers = await all(connection.survey(echo.say, ["?"], { timeoutMs: 60_000, quorum: 3 }));
			expect(values(answers)).deep.equal(["a changed ada", "b changed ada", "c changed ada"]);
			expect(calls).length(1);
			expect(calls[0]).include({ side: "client", method: "Echo.say", form: "stream", quorum: 3, hasChannels: false });
			expect(calls[0]!.remainingMs).above(0).and.most(60_000);
			await all(connection.survey(echo.say, ["?"]));
			await connection.call(echo.say, ["?"]);
			expect(calls.map(({ quorum }) => quorum)).deep.equal([3, Number.POSITIVE_INFINITY, undefined]);
		});

		it("they see each answer, and may put others in their place", async () => {
			const naming: ClientInterceptor = (call, next) => {
				const answer = next(call);
				if (call.quorum === undefined) return answer;
				return (async function* () {
					for await (const { value } of answer as AsyncIterable<SurveyAnswer<string>>) yield { worker: "w", value };
				})();
			};
			const connection = await crew(["a", "b"], naming);
			const answers = await all(connection.survey(echo.say, ["?"]));
			expect(answers.map(({ worker }) => worker)).deep.equal(["w", "w"]);
			expect(values(answers)).deep.equal(["a ? nobody", "b ? nobody"]);
		});

		it("they may refuse it, make it again, or keep it: it ends by its deadline, and with its connection", async () => {
			const refusing = await crew(["a"], () => Promise.reject(new RpcError("PERMISSION_DENIED", "no")));
			expect((await failureOf(all(refusing.survey(echo.say, ["?"])))).status).equal("PERMISSION_DENIED");
			const twice = await crew(["a", "b"], async (call, next) => {
				await all(next(call) as AsyncIterable<unknown>);
				return next(call);
			});
			expect(values(await all(twice.survey(echo.say, ["?"])))).deep.equal(["a ? nobody", "b ? nobody"]);
			const keeping = await crew(["a"], hanging);
			expect(await verdict(all(keeping.survey(echo.say, ["?"], { timeoutMs: 20 })))).equal(
				"DEADLINE_EXCEEDED not-started local",
			);
			const closed = verdict(all(keeping.survey(echo.say, ["?"])));
			await keeping.close();
			expect(await closed).equal("CANCELLED not-started local");
			expect(await verdict(all(keeping.survey(echo.say, ["?"])))).equal("FAILED_PRECONDITION not-started local");
		});

		it("one that is left behind a wrapper tells everybody to stop", async () => {
			const aborted = deferred();
			const server = rig.own(new Server()).add(
				echoService({
					say: (_, { signal }) => {
						signal.addEventListener("abort", () => aborted.resolve());
						return new Promise(() => {});
					},
				}),
			);
			const quick = rig.own(new Server()).add(echoService({ say: () => "a" }));
			const endpoints = [await server.bind(anyPort), await quick.bind(anyPort)];
			const wrapping: ClientInterceptor = (call, next) => {
				const answer = next(call) as AsyncIterable<unknown>;
				return (async function* () {
					yield* answer;
				})();
			};
			const connection = rig.own(connect(endpoints, { interceptors: [wrapping] }));
			await until(() => connection.stats().endpoints.every(({ state }) => state === "ready"));
			for await (const { value } of connection.survey(echo.say, ["?"])) {
				expect(value).equal("a");
				break;
			}
			await aborted.promise;
			expect(connection.stats().inFlight).equal(0);
		});
	});

	it("do not see an answer to a delegated call", async () => {
		const seen: string[] = [];
		const to = deferred<ReplyTo<string>>();
		const say: NonNullable<EchoHandlers["say"]> = (_, context) => {
			to.resolve(context.delegate<string>());
			return undefined as never;
		};
		const [connection] = await rig.pair(
			{ say },
			{},
			{
				interceptors: [
					(call, next) => {
						seen.push(call.method);
						return next(call);
					},
				],
			},
		);
		const call = connection.call(echo.say, ["?"]);
		await connection.answer(echo.say, await to.promise, "later");
		expect(await call).equal("later");
		expect(seen).deep.equal(["Echo.say"]);
	});

	it("see a call end by its deadline before the caller does", async () => {
		const seen: string[] = [];
		const connection = connect(await rig.deserted(), {
			interceptors: [
				(call, next) =>
					(next(call) as Promise<unknown>).catch((error) => {
						seen.push(call.explain(error).status);
						throw error;
					}),
			],
		});
		rig.own(connection);
		expect(await verdict(connection.call(echo.say, ["a"], { timeoutMs: 20 }))).equal(
			"DEADLINE_EXCEEDED not-started local",
		);
		expect(seen).deep.equal(["DEADLINE_EXCEEDED"]);
	});
});

describe("interceptors of a server", () => {
	const rig = new EchoRig(() => anyPort);
	const text = createContextKey("");
	const pair = (handlers: Parameters<EchoRig["pair"]>[0], ...interceptors: ServerInterceptor[]) =>
		rig.pair(handlers, { interceptors });

	it("are told what the call is, and from whom, in their order", async () => {
		const calls: ServerCall[] = [];
		const order: number[] = [];
		const [connection] = await pair(
			{},
			(call, next) => {
				order.push(1);
				calls.push(call);
				return next(call);
			},
			(call, next) => {
				order.push(2);
				return next(call);
			},
		);
		await connection.call(echo.say, ["a"], { metadata: { tenant: "a" }, timeoutMs: 60_000 });
		const [call] = calls as [ServerCall];
		expect(order).deep.equal([1, 2]);
		expect(call).include({ side: "server", method: "Echo.say", form: "unary", isIdempotent: true });
		expect([call.args, call.metadata]).deep.equal([["a"], { tenant: "a" }]);
		expect(call.remainingMs).above(0).and.most(60_000);
		expect(call.peer.address).match(/^tcp:/);
		expect(call.signal.aborted).equal(false);
		expect(call.context.method).equal("Echo.say");
	});

	it("tell the handler by typed values", async () => {
		const [connection] = await pair({ say: (_, { values }) => values.get(text) }, (call, next) => {
			call.values.set(text, "from the interceptor");
			return next(call);
		});
		expect(await connection.call(echo.say, ["a"])).equal("from the interceptor");
	});

	it("may give the handler other arguments, and answer in its place", async () => {
		const [connection] = await pair({}, (call, next) =>
			call.args[0] === "secret" ? Promise.resolve("hidden") : next(call.with({ args: [`${call.args[0]}!`] })),
		);
		expect(await connection.call(echo.say, ["a"])).equal("a!");
		expect(await connection.call(echo.say, ["secret"])).equal("hidden");
	});

	it("that refuse a call have it not started, whatever the handler would have done", async () => {
		const refusal = () => new RpcError("PERMISSION_DENIED", "no", { outcome: "not-started" });
		let served = 0;
		const [before] = await pair({ say: () => String(++served) }, () => Promise.reject(refusal()));
		expect(await verdict(before.call(echo.say, ["a"]))).equal("PERMISSION_DENIED not-started peer");
		expect(served).equal(0);
		const [behind] = await pair({ say: () => String(++served) }, async (call, next) => {
			await next(call);
			throw refusal();
		});
		expect(await verdict(behind.call(echo.say, ["a"]))).equal("PERMISSION_DENIED failed peer");
		expect(served).equal(1);
	});

	it("that fail with anything else are INTERNAL to the caller, with the id that they and the log are told", async () => {
		const told: unknown[] = [];
		const outer: ServerInterceptor = async (call, next) => {
			try {
				return await next(call);
			} catch (error) {
				told.push((call.explain(error).details as { errorId: string }).errorId);
				throw error;
			}
		};
		const broken = new Error("a secret");
		const [connection] = await pair({}, outer, () => {
			throw broken;
		});
		const error = await failureOf(connection.call(echo.say, ["a"]));
		expect(error).include({ status: "INTERNAL", origin: "peer" });
		expect(error.message).not.include("secret");
		expect(rig.failures.map(({ errorId, error }) => [errorId, error])).deep.equal([[told[0], broken]]);
		expect(error.details).deep.equal({ errorId: told[0] });
	});

	it("stand around one-way calls", async () => {
		const seen: string[] = [];
		const noted = deferred<string>();
		const [connection] = await pair({ note: (text) => noted.resolve(text) }, (call, next) => {
			seen.push(call.form);
			return next(call);
		});
		connection.notify(echo.note, ["hello"]);
		expect(await noted.promise).equal("hello");
		expect(seen).deep.equal(["one-way"]);
	});

	it("may run a handler again, but not one that has channels", async () => {
		let served = 0;
		const say = (said: string) => {
			if (++served === 1) throw new RpcError("ABORTED", "a conflict");
			return said;
		};
		const retrying = (call: InterceptedCall, next: (call: never) => Answer) =>
			(next(call as never) as Promise<unknown>).catch(() => next(call as never));
		const [connection] = await pair({ say }, retrying);
		expect(await connection.call(echo.say, ["a"])).equal("a");
		expect(served).equal(2);
	});

	it("abort with the call that they hold", async () => {
		const aborted = deferred<unknown>();
		const [connection, server] = await pair({}, ({ signal }) => {
			return new Promise((_, reject) =>
				signal?.addEventListener("abort", () => {
					aborted.resolve(signal.reason);
					reject(signal.reason);
				}),
			);
		});
		const controller = new AbortController();
		const call = verdict(connection.call(echo.say, ["a"], { signal: controller.signal }));
		await until(() => server.stats().running === 1);
		controller.abort();
		expect(await call).equal("CANCELLED unknown local");
		expect(await aborted.promise).include({ status: "CANCELLED" });
		await until(() => server.stats().running === 0);
	});
});
