import { expect } from "chai";
import {
	type CallContext,
	type Connection,
	connect,
	Queue,
	type ReplyTo,
	RpcError,
	Server,
} from "../../../packages/runtime/src/index.js";
import { maxDelegatedCalls } from "../../../packages/runtime/src/limits.js";
import { encodeReplyTo } from "../../../packages/runtime/src/protocol/hand-over.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type EchoHandlers, echo, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { AccountClosed, InsufficientFunds, vault, vaultService } from "../../support/runtime/ledger.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";
import { kinds, offer, pack } from "../../support/runtime/wire.js";

for (const { name, serve } of ways) {
	describe(`delegation, ${name}`, () => {
		const own = closeAfterEach();

		/** A service whose calls of `say` wait for somebody else; what they left is in `rights`. */
		async function delegating(options?: { expiresMs?: number }) {
			const rights: ReplyTo<string>[] = [];
			const [connection, server] = await serve(
				own,
				echoService({
					say: (_, context) => {
						rights.push(context.delegate<string>(options));
						return "of no account";
					},
				}),
			);
			return { connection, server, rights };
		}

		it("leaves the answer to whoever has the right, once; the caller cannot tell", async () => {
			const { connection, server, rights } = await delegating();
			const call = connection.call(echo.say, ["hi"]);
			await until(() => rights.length === 1 && server.stats().running === 0);
			// As text through a file, a queue of messages, another process.
			const right = JSON.parse(JSON.stringify(rights[0])) as ReplyTo<string>;
			await connection.answer(echo.say, right, "from elsewhere");
			expect(await call).equal("from elsewhere");
			const second = await failureOf(connection.answer(echo.say, right, "again"));
			expect(second).include({ status: "NOT_FOUND", outcome: "not-started" });
			expect(second.message).match(/nobody waits for this answer: it was given/);
			expect(server.stats().delegated).equal(0);
		});

		it("hands on failures, declared ones too", async () => {
			const rights: ReplyTo<number>[] = [];
			const [connection] = await serve(own, {
				...vaultService(() => undefined),
				handlers: {
					withdraw: (_: unknown, context: CallContext) => void rights.push(context.delegate()),
					drip: () => [],
				},
			});
			for (const error of [new InsufficientFunds(3), new AccountClosed("gone"), new RpcError("ABORTED", "no")]) {
				const call = failureOf(connection.call(vault.withdraw, [1]));
				await until(() => rights.length === 1);
				const right = rights.pop()!;
				await connection.answerError(vault.withdraw, right, error);
				expect(await call).include({ status: error.status, message: error.message, origin: "peer" });
				expect(await call).instanceof(error.constructor);
			}
		});

		it("checks what is answered on the far side, and for which method", async () => {
			const { connection, rights } = await delegating();
			const call = connection.call(echo.say, ["hi"]);
			await until(() => rights.length === 1);
			const wrongType = await failureOf(connection.answer(echo.say, rights[0]!, 7 as never));
			expect(wrongType).include({ status: "INVALID_ARGUMENT" });
			const wrongMethod = await failureOf(connection.answer(echo.risky, rights[0]!, "x"));
			expect(wrongMethod.message).equal("this ReplyTo is for an answer of Echo.say, not of Echo.risky");
			for (const text of ["", "x", "AAAA", `${rights[0]}x`.slice(3)]) {
				expect(await failureOf(connection.answer(echo.say, text, "x"))).include({ message: "this is no ReplyTo" });
			}
			await connection.answer(echo.say, rights[0]!, "right");
			expect(await call).equal("right");
		});

		it("ends with its caller's cancellation and deadline, and with its own time", async () => {
			const { connection, server, rights } = await delegating();
			const abort = new AbortController();
			const cancelled = verdict(connection.call(echo.say, ["a"], { signal: abort.signal }));
			await until(() => rights.length === 1 && server.stats().running === 0);
			abort.abort();
			expect(await cancelled).equal("CANCELLED unknown local");
			await until(async () => (await verdict(connection.answer(echo.say, rights[0]!, "late"))).startsWith("NOT_FOUND"));
			expect(await verdict(connection.call(echo.say, ["b"], { timeoutMs: 30 }))).match(/^DEADLINE_EXCEEDED unknown/);
			await until(() => server.stats().delegated === 0);
			const brief = await delegating({ expiresMs: 30 });
			expect(await verdict(brief.connection.call(echo.say, ["c"]))).equal("DEADLINE_EXCEEDED unknown peer");
		});

		it("is refused the second time, and where nobody waits for one answer", async () => {
			const said = deferred<string[]>();
			const [connection] = await serve(
				own,
				echoService({
					work: (_, context) => {
						context.delegate();
						try {
							context.delegate();
						} catch (error) {
							said.resolve([(error as Error).message]);
						}
					},
					note: (_, context) => {
						try {
							context.delegate();
						} catch (error) {
							said.resolve([(error as Error).message]);
						}
					},
				}),
			);
			const call = connection.call(echo.work, [1], { timeoutMs: 200 }).catch(() => {});
			expect(await said.promise).deep.equal(["Echo.work has been handed over already"]);
			await call;
		});
	});
}

for (const { name, serve } of ways.filter(({ name }) => /inproc|a queue/.test(name))) {
	describe(`more delegated calls than are kept, ${name}`, () => {
		const own = closeAfterEach();

		it("are refused, and those that are kept stay", async () => {
			const rights: ReplyTo<string>[] = [];
			const [connection] = await serve(
				own,
				echoService({
					say: (_, context) => {
						rights.push(context.delegate<string>());
						return "of no account";
					},
				}),
			);
			const first = connection.call(echo.say, ["first"]);
			await until(() => rights.length === 1);
			const others: Promise<string>[] = [];
			for (let i = 1; i < maxDelegatedCalls; i++) {
				others.push(connection.call(echo.say, ["more"]));
				// No more in line than one client may have there.
				if (i % 10_000 === 0) await until(() => rights.length > i);
			}
			for (const other of others) other.catch(() => {});
			await until(() => rights.length === maxDelegatedCalls);
			expect(await verdict(connection.call(echo.say, ["too many"], { retry: false }))).equal(
				"RESOURCE_EXHAUSTED failed peer",
			);
			await connection.answer(echo.say, rights[0]!, "kept");
			expect(await first).equal("kept");
		}).timeout(60_000);
	});
}

for (const queues of [1, 2]) {
	describe(`an answer that overtakes the word of its delegation, through ${queues} queues`, () => {
		const own = closeAfterEach();

		it("waits for it at the queue, and is taken once", async () => {
			const row: Queue[] = [];
			let above: string[] = [];
			let entrance = "";
			for (let i = 0; i < queues; i++) {
				const queue = own(new Queue({ clients: anyPort, workers: anyPort, upstream: above }));
				const { clients, workers } = await queue.start();
				entrance ||= clients[0]!;
				above = [workers[0]!];
				row.push(queue);
			}
			const worker = await own(new RawClient(above[0]!)).ready();
			worker.send("", Buffer.of(kinds.READY), offer({ Echo: "" }));
			await until(() => row.every((queue) => queue.stats().workers.some(({ services }) => services.includes("Echo"))));

			const connection = own(connect(entrance));
			const call = connection.call(echo.say, ["hi"]);
			let request = await worker.receive();
			while (request[0]!.length === 0) request = await worker.receive();
			const envelope = request.slice(0, -3);
			const way = Buffer.concat(envelope.flatMap((address) => [Buffer.of(address.length), address]));
			const key = Buffer.alloc(16, 7);
			const right = encodeReplyTo<string>({ method: echo.say.name, key, isJson: false, way });
			const answer = own(connect(entrance)).answer(echo.say, right, "early");
			await until(() => row[0]!.stats().earlyAnswers === 1);
			worker.send(...envelope, "", Buffer.of(kinds.DELEGATE, 0), pack({ key, expiresMs: 10_000 }));
			await answer;
			expect(await call).equal("early");
			expect(await verdict(connection.answer(echo.say, right, "again"))).equal("NOT_FOUND not-started peer");
			expect(row[0]!.stats()).include({ earlyAnswers: 0, delegated: 0, inFlight: 0 });
		});
	});
}

for (const queues of [1, 2]) {
	describe(`delegation of what a survey asks, through ${queues} queues`, () => {
		const own = closeAfterEach();

		it("is answered over the queue that the server has joined, and nowhere else", async () => {
			const entrances: string[] = [];
			let above: string[] = [];
			const row: Queue[] = [];
			for (let i = 0; i < queues; i++) {
				const queue = own(new Queue({ clients: anyPort, workers: anyPort, upstream: above }));
				const { clients, workers } = await queue.start();
				entrances.push(clients[0]!);
				above = [workers[0]!];
				row.push(queue);
			}
			const right = deferred<ReplyTo<string>>();
			const server = own(new Server()).add(
				echoService({
					say(_, context) {
						right.resolve(context.delegate<string>());
						return undefined as never;
					},
				}),
			);
			await server.join(above[0]!);
			await until(() => row.every((queue) => queue.stats().workers.some(({ services }) => services.includes("Echo"))));
			const connections = entrances.map((entrance) => own(connect(entrance)));
			const answers = connections[0]!.survey(echo.say, ["?"], { timeoutMs: 60_000 });
			const first = answers.next();
			const to = await right.promise;
			for (const elsewhere of connections.slice(0, -1)) {
				let end: string | undefined;
				void verdict(elsewhere.answer(echo.say, to, "elsewhere")).then((told) => {
					end = told;
				});
				await until(() => end !== undefined || row[0]!.stats().earlyAnswers > 0);
				expect(end, "at once, and not when nothing more can come").equal("NOT_FOUND not-started peer");
			}
			await connections.at(-1)!.answer(echo.say, to, "later");
			expect((await first).value).include({ value: "later" });
			expect((await answers.next()).done).equal(true);
		});
	});
}

describe("tail calls", () => {
	const own = closeAfterEach();

	interface Chain {
		readonly connection: Connection;
		readonly queue: Queue;
		readonly front: Server;
	}

	/** A queue with two services' workers: Echo, which forwards, and Vault behind it. */
	async function chain(handlers: EchoHandlers, fail: () => unknown): Promise<Chain> {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
		const { clients, workers } = await queue.start();
		const front = own(new Server()).add(echoService(handlers));
		const back = own(new Server()).add(vaultService(fail));
		for (const server of [front, back]) {
			server.on("failure", () => {});
			await server.join(workers[0]!);
		}
		await until(() => queue.stats().workers.length === 2);
		return { connection: own(connect(clients[0]!)), queue, front };
	}

	const forwarding: EchoHandlers = { work: (_, context) => context.forward(vault.withdraw, [5]) };

	it("are answered by the other method straight to the caller, and the first handler is done", async () => {
		const { connection, queue, front } = await chain(forwarding, () => new InsufficientFunds(1));
		const error = await failureOf(connection.call({ ...echo.work, errors: vault.withdraw.errors }, [0]));
		expect(error).instanceof(InsufficientFunds);
		expect(front.stats()).include({ running: 0, served: 1 });
		await until(() => queue.stats().inFlight === 0);
		expect(queue.stats().workers.every(({ inFlight }) => inFlight === 0)).equal(true);
	});

	it("have the caller's deadline and metadata, and are cancelled with it", async () => {
		const seen = deferred<CallContext>();
		const { connection } = await chain(
			{
				work: (_, context) => context.forward(echo.risky, ["on"]) as Promise<unknown>,
				risky: async (_, context) => {
					seen.resolve(context);
					await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
					return "cancelled";
				},
			},
			() => undefined,
		);
		const abort = new AbortController();
		const options = { timeoutMs: 5000, metadata: { tenant: "a" }, signal: abort.signal };
		const call = verdict(connection.call(echo.work, [0], options));
		const context = await seen.promise;
		expect(context.metadata).deep.equal({ tenant: "a" });
		expect(context.remainingMs).most(5000).above(0);
		abort.abort();
		expect(await call).equal("CANCELLED unknown local");
		await until(() => context.signal.aborted);
	});

	it("to nobody, and round in circles, end with an error", async () => {
		const nobody = { ...vault.withdraw, name: "Nobody.home" };
		const { connection } = await chain(
			{
				work: (what, context) =>
					what === "circle" ? context.forward(echo.work, ["circle"]) : context.forward(nobody, [1]),
			},
			() => undefined,
		);
		expect(await verdict(connection.call(echo.work, ["nobody"]))).equal("UNIMPLEMENTED failed peer");
		const error = await failureOf(connection.call(echo.work, ["circle"]));
		expect(error).include({ status: "ABORTED" });
		expect(error.message).match(/forwarded more than 16 times/);
	});

	it("without a queue in between say what to do instead", async () => {
		const server = own(new Server()).add(echoService(forwarding));
		const connection = own(connect(await server.bind(anyPort)));
		const error = await failureOf(connection.call(echo.work, [0]));
		expect(error).include({ status: "FAILED_PRECONDITION" });
		expect(error.message).match(/no queue is in between\. Call Vault\.withdraw with \{ parent: context \}/);
	});
});
