import { expect } from "chai";
import { type Connection, connect, Queue, Server, type SurveyAnswer } from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type EchoHandlers, echo, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { InsufficientFunds, vault, vaultService } from "../../support/runtime/ledger.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

type Own = ReturnType<typeof closeAfterEach>;

/** A connection to so many servers, which it asks itself or by way of a queue. */
const ways: readonly { readonly name: string; reach(own: Own, servers: readonly Server[]): Promise<Connection> }[] = [
	{
		name: "of several endpoints",
		async reach(own, servers) {
			const connection = own(connect(await Promise.all(servers.map((server) => server.bind(anyPort)))));
			let ready = 0;
			connection.on("peer", ({ isReady }) => (ready += isReady ? 1 : -1));
			await until(() => ready === servers.length);
			return connection;
		},
	},
	{
		name: "through a queue",
		async reach(own, servers) {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
			const { clients, workers } = await queue.start();
			for (const server of servers) await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === servers.length);
			return own(connect(clients[0]!));
		},
	},
];

async function all<T>(answers: AsyncIterable<SurveyAnswer<T>>): Promise<SurveyAnswer<T>[]> {
	const got: SurveyAnswer<T>[] = [];
	for await (const answer of answers) got.push(answer);
	return got;
}

for (const { name, reach } of ways) {
	describe(`surveys ${name}`, () => {
		const own = closeAfterEach();
		const crew = (...handlers: EchoHandlers[]) => handlers.map((own_) => own(new Server()).add(echoService(own_)));
		const idle = (servers: readonly Server[]) => until(() => servers.every((server) => server.stats().running === 0));

		it("bring everybody's answer, each with a name of its own", async () => {
			const servers = crew({ say: () => "a" }, { say: () => "b" }, { say: () => "c" });
			const connection = await reach(own, servers);
			for (let i = 0; i < 3; i++) {
				const answers = await all(connection.survey(echo.say, ["?"]));
				expect(answers.map(({ value }) => value).sort()).deep.equal(["a", "b", "c"]);
				expect(new Set(answers.map(({ worker }) => worker)).size).equal(3);
			}
			expect(connection.stats()).include({ inFlight: 0, droppedReplies: 0 });
		});

		it("bring errors beside values, declared ones as themselves", async () => {
			const servers = [own(new Server()), own(new Server())];
			servers[0]!.add(vaultService(() => new InsufficientFunds(1)));
			servers[1]!.add(vaultService(() => new Error("unheard of"))).on("failure", () => {});
			const connection = await reach(own, servers);
			const answers = await all(connection.survey(vault.withdraw, [1]));
			expect(answers.map(({ error }) => error?.status).sort()).deep.equal(["FAILED_PRECONDITION", "INTERNAL"]);
			expect(answers.some(({ error }) => error instanceof InsufficientFunds)).equal(true);
		});

		it("end with a quorum, and tell the others to stop", async () => {
			const aborted = deferred();
			const slow: EchoHandlers = {
				say: (_, { signal }) =>
					new Promise((resolve) =>
						signal.addEventListener("abort", () => {
							aborted.resolve();
							resolve("too late");
						}),
					),
			};
			const servers = crew({ say: () => "a" }, slow, { say: () => "b" });
			const connection = await reach(own, servers);
			const answers = await all(connection.survey(echo.say, ["?"], { quorum: 2 }));
			expect(answers.map(({ value }) => value).sort()).deep.equal(["a", "b"]);
			await aborted.promise;
			await idle(servers);
			expect(connection.stats().inFlight).equal(0);
		});

		it("end with their deadline, with what was there; a quorum that was missed is thrown", async () => {
			const servers = crew({ say: () => "a" }, { say: () => new Promise(() => {}) });
			const connection = await reach(own, servers);
			const answers = await all(connection.survey(echo.say, ["?"], { timeoutMs: 50 }));
			expect(answers.map(({ value }) => value)).deep.equal(["a"]);
			const error = await failureOf(all(connection.survey(echo.say, ["?"], { timeoutMs: 50, quorum: 2 })));
			expect(error).include({ status: "UNAVAILABLE", message: "Echo.say: 1 answered of the 2 that were wanted" });
		});

		it("tell of whoever dies in the middle", async () => {
			const asked = deferred();
			const servers = crew(
				{ say: () => "a" },
				{
					say: () => {
						asked.resolve();
						return new Promise(() => {});
					},
				},
			);
			const connection = await reach(own, servers);
			const answers = all(connection.survey(echo.say, ["?"]));
			await asked.promise;
			await servers[1]!.close();
			expect((await answers).map(({ value, error }) => value ?? error?.status).sort()).deep.equal(["UNAVAILABLE", "a"]);
		});

		it("that are left stop everybody", async () => {
			let aborted = 0;
			const slow: EchoHandlers = {
				say: (_, { signal }) =>
					new Promise((resolve) => signal.addEventListener("abort", () => resolve(`${aborted++}`))),
			};
			const servers = crew({ say: () => "a" }, slow, slow);
			const connection = await reach(own, servers);
			for await (const { value } of connection.survey(echo.say, ["?"])) {
				expect(value).equal("a");
				break;
			}
			await until(() => aborted === 2);
			await idle(servers);
		});

		it("end with CANCELLED when their caller aborts, and tell everybody to stop", async () => {
			let aborted = 0;
			const asked = deferred();
			const slow: EchoHandlers = {
				say(_, { signal }) {
					asked.resolve();
					return new Promise((resolve) => signal.addEventListener("abort", () => resolve(`${aborted++}`)));
				},
			};
			const servers = crew({ say: () => "a" }, slow, slow);
			const connection = await reach(own, servers);
			const leave = new AbortController();
			const answers = connection.survey(echo.say, ["?"], { signal: leave.signal });
			expect((await answers.next()).value).include({ value: "a" });
			await asked.promise;
			leave.abort();
			expect(await verdict(answers.next())).equal("CANCELLED unknown local");
			expect(await answers.next()).include({ done: true });
			await until(() => servers.every((server) => server.stats().running === 0));
			expect(connection.stats().inFlight).equal(0);
			expect(await verdict(all(connection.survey(echo.say, ["?"], { signal: leave.signal })))).equal(
				"CANCELLED not-started local",
			);
		});

		it("begin at once, and are read once", async () => {
			const asked = deferred();
			const servers = crew({
				say() {
					asked.resolve();
					return "a";
				},
			});
			const connection = await reach(own, servers);
			const answers = connection.survey(echo.say, ["?"]);
			await asked.promise;
			expect(await all(answers)).length(1);
			const error = await failureOf(all(answers));
			expect(error).include({ status: "FAILED_PRECONDITION" });
			expect(error.message).include("Echo.say: a stream is read once");
		});

		it("are refused before anything is sent when an argument is not what the interface says", async () => {
			const connection = await reach(own, crew({}, {}));
			expect(await verdict(all(connection.survey(echo.say, [7 as never])))).equal("INVALID_ARGUMENT not-started local");
			expect(connection.stats().inFlight).equal(0);
		});
	});
}

describe("a survey that nobody can answer", () => {
	const own = closeAfterEach();

	it("is refused on a closed connection, and with a quorum that is none", async () => {
		const connection = own(connect("inproc://nobody-is-here"));
		for (const quorum of [0, -1, 1.5, Number.NaN]) {
			const error = await failureOf(all(connection.survey(echo.say, ["?"], { quorum })));
			expect(error).include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
			expect(error.message).equal(`Echo.say: quorum must be a whole number above 0, not ${quorum}`);
		}
		await connection.close();
		expect(await verdict(all(connection.survey(echo.say, ["?"])))).equal("FAILED_PRECONDITION not-started local");
	});

	it("ends with CANCELLED when it is aborted, or its connection closed, while it waits for a first server", async () => {
		const connection = own(connect("inproc://nobody-ever-comes-either"));
		const leave = new AbortController();
		const aborted = verdict(all(connection.survey(echo.say, ["?"], { signal: leave.signal })));
		leave.abort();
		expect(await aborted).equal("CANCELLED not-started local");
		const closed = verdict(all(connection.survey(echo.say, ["?"])));
		await connection.close();
		expect(await closed).equal("FAILED_PRECONDITION not-started local");
	});

	it("waits for a first server, up to its time", async () => {
		const server = own(new Server()).add(echoService({ say: () => "a" }));
		const endpoint = await server.bind("inproc://somebody-comes-later");
		const connection = own(connect(endpoint));
		expect(await all(connection.survey(echo.say, ["?"]))).length(1);
		const nowhere = own(connect("inproc://nobody-ever-comes"));
		expect(await all(nowhere.survey(echo.say, ["?"], { timeoutMs: 20 }))).deep.equal([]);
	});
});
