import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Connection, connect, Queue, Server, type SurveyAnswer } from "@homing/runtime";
import { expect } from "chai";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { anyPort } from "../support/runtime/endpoints.js";
import { deferred, failureOf, until } from "../support/runtime/until.js";
import { fixtures } from "./support/compile.js";

type Bank = typeof import("./fixtures/expected/bank.js");
type Own = ReturnType<typeof closeAfterEach>;

const ways: readonly { readonly name: string; reach(own: Own, servers: readonly Server[]): Promise<Connection> }[] = [
	{
		name: "of several endpoints",
		async reach(own, servers) {
			const connection = own(connect(await Promise.all(servers.map((server) => server.bind(anyPort)))));
			const isReady = () => connection.stats().endpoints.every(({ state }) => state === "ready");
			await until(isReady);
			return connection;
		},
	},
	{
		name: "behind a queue",
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
	const found: SurveyAnswer<T>[] = [];
	for await (const answer of answers) found.push(answer);
	return found;
}

describe("a generated client's everyone", () => {
	const own = closeAfterEach();
	let bank: Bank;

	before(async () => {
		// By a path that the compiler does not follow: fixtures are compiled with settings of their own.
		bank = await import(pathToFileURL(join(fixtures, "expected/bank.ts")).href);
	});

	/** Servers of the bank that know so many accounts, each by its balance. */
	function servers(...balances: (number | (() => number | Promise<number>))[]): Server[] {
		return balances.map((balance) =>
			own(new Server()).add(
				bank.bankService({
					balance: () => (typeof balance === "number" ? balance : balance()),
					transfer: (order) => ({ id: BigInt(order.cents), at: new Date(0), order }),
					forget() {},
					log() {},
				}),
			),
		);
	}

	for (const { name, reach } of ways) {
		describe(name, () => {
			it("brings a value of each, converted as the answer of one is", async () => {
				const client = new bank.BankClient(await reach(own, servers(1, 2, 3)));
				const balances = await all(client.everyone.balance("DE123456"));
				expect(balances.map(({ value }) => value).sort()).to.deep.equal([1, 2, 3]);
				expect(new Set(balances.map(({ worker }) => worker)).size).to.equal(3);
				const order = { from: "DE123456", to: "DE123457", cents: 7 };
				const receipts = await all(client.everyone.transfer(order, "a note"));
				expect(receipts.map(({ value }) => value)).to.deep.equal(Array(3).fill({ id: 7n, at: new Date(0), order }));
				const forgotten = await all(client.everyone.forget("DE123456"));
				expect(forgotten.map(({ value, error }) => [value, error])).to.deep.equal(
					Array(3).fill([undefined, undefined]),
				);
			});

			it("ends with a quorum, and brings errors beside values", async () => {
				const never = deferred<number>();
				const fails = () => Promise.reject(new Error("unheard of"));
				const crew = servers(1, fails, 2, () => never.promise);
				for (const server of crew) server.on("failure", () => {});
				const client = new bank.BankClient(await reach(own, crew));
				const answers = await all(client.everyone.balance("DE123456", { quorum: 2, timeoutMs: 20_000 }));
				expect(answers.flatMap(({ value }) => value ?? []).sort()).to.deep.equal([1, 2]);
				expect(answers.flatMap(({ error }) => error?.status ?? [])).to.satisfy((statuses: string[]) =>
					statuses.every((status) => status === "INTERNAL"),
				);
				never.resolve(0);
			});

			it("refuses an argument before anybody is asked", async () => {
				const crew = servers(1, 2);
				const client = new bank.BankClient(await reach(own, crew));
				const error = await failureOf(all(client.everyone.balance("nonsense")));
				expect(error).to.include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
				expect(error.message).to.match(/account: expected a string that matches/);
			});
		});
	}
});
