import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type GenerateResult, generate } from "@homing/codegen";
import type { RpcError } from "@homing/runtime";
import { callsOf } from "@homing/runtime/testing";
import { expect } from "chai";
import { compile, fixtures, moduleSettings, strictest } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";
import { homingCodegen, Workspace } from "./support/terminal.js";

type Fakes = typeof import("./fixtures/expected/channels.fake.js");
type Channels = typeof import("./fixtures/channels.js");

const sources = ["bank.ts", "channels.ts", "names.ts", "rest.ts"].map((name) => join(fixtures, name));

async function failureOf(call: Promise<unknown>): Promise<RpcError> {
	return call.then(
		() => expect.fail("it did not fail"),
		(error) => error,
	);
}

describe("generated fakes", () => {
	let result: GenerateResult;

	before(function () {
		this.timeout(60_000);
		result = generate({ files: sources, out: join(fixtures, "expected"), fakes: true });
	});

	for (const source of sources) {
		it(`are as expected for ${basename(source)}`, () => {
			const path = join(fixtures, "expected", basename(source).replace(".ts", ".fake.ts"));
			expectGolden(result.files.find((file) => file.path === path)?.text ?? "", path);
		});
	}

	it("leave the stubs as they are without them", () => {
		const paths = (all: GenerateResult) => all.files.map(({ path }) => path);
		const stubs = generate({ files: sources, out: join(fixtures, "expected") });
		expect(paths(result)).to.have.length(2 * sources.length);
		expect(result.files.filter(({ path }) => !path.endsWith(".fake.ts"))).to.deep.equal(stubs.files);
	});

	it("do not compile with a handler of another type, or of another name", function () {
		this.timeout(60_000);
		const said = compile([join(fixtures, "wrong/fakes.ts")], { ...strictest, ...moduleSettings["NodeNext"] });
		expect(said.map((line) => line.split(/[:(]/)[1]?.replace(/,.*/, "")).map(Number)).to.deep.equal([4, 5, 6, 7, 11]);
	});

	it("are written, checked and missed by the command line", async () => {
		const workspace = new Workspace({ "src/bank.ts": "export interface Bank { balance(): Promise<number> }" });
		const words = ["generate", "src/bank.ts", "--out", "generated", "--fakes"];
		try {
			const first = await homingCodegen(workspace.path, ...words);
			expect(first).to.deep.equal({
				status: 0,
				out: "",
				error: "Wrote generated/bank.ts\nWrote generated/bank.fake.ts\n",
			});
			workspace.write("generated/bank.fake.ts", "");
			const check = await homingCodegen(workspace.path, ...words, "--check");
			expect(check.status).to.equal(3);
			expect(check.error).to.contain("generated/bank.fake.ts is stale.");
			expect(check.error).to.contain("`homing-codegen generate src/bank.ts --out generated --fakes`");
			const python = await homingCodegen(workspace.path, ...words, "--lang", "python");
			expect(python.status).to.equal(2);
		} finally {
			workspace.remove();
		}
	});
});

describe("a generated fake", () => {
	let createBankFake: Fakes["createBankFake"];
	let InsufficientFunds: Channels["InsufficientFunds"];

	before(async () => {
		const load = (path: string) => import(pathToFileURL(join(fixtures, path)).href);
		({ createBankFake } = (await load("expected/channels.fake.ts")) as Fakes);
		({ InsufficientFunds } = (await load("channels.ts")) as Channels);
	});

	const order = { from: "DE123456", to: "DE123457", cents: 1 };

	it("answers by the handlers it is given, with their own this", async () => {
		const handlers = {
			balances: new Map([["DE123456", 5]]),
			balance(account: string) {
				return this.balances.get(account) ?? 0;
			},
		};
		const bank = createBankFake(handlers);
		expect(await bank.balance("DE123456")).to.equal(5);
		handlers.balance = () => 7;
		expect(await bank.balance("DE123456")).to.equal(7);
	});

	it("refuses arguments as the real client does, and answers as the real server does", async () => {
		const bank = createBankFake({
			balance: () => "much" as never,
			transfer: (given) => ({ id: 1n, order: { ...given, extra: true } as never }),
		});
		const refused = await failureOf(bank.transfer({ ...order, cents: 0.5 }));
		expect(refused).to.include({ status: "INVALID_ARGUMENT", origin: "local", outcome: "not-started" });
		expect(refused.message).to.contain("order.cents: expected an integer >= 1, got 0.5");
		expect(await bank.transfer(order)).to.deep.equal({ id: 1n, order });
	});

	it("fails where there is no handler, naming the method and what to pass", async () => {
		const bank = createBankFake({});
		const failure = await failureOf(bank.balance("DE123456"));
		expect(failure).to.include({ status: "UNIMPLEMENTED" });
		expect(failure.message).to.equal("Bank.balance is not faked: pass createBankFake({ balance: (...) => ... })");
		const items = bank.statement("DE123456", new Date())[Symbol.asyncIterator]();
		expect(await failureOf(items.next())).to.include({ status: "UNIMPLEMENTED" });
		bank.log("nobody hears it");
	});

	it("throws the errors that the service declares, as instances of their class", async () => {
		const bank = createBankFake({
			transfer() {
				throw new InsufficientFunds("no", { balance: 3 });
			},
		});
		const failure = await failureOf(bank.transfer(order));
		expect(failure).to.be.instanceOf(InsufficientFunds);
		expect(failure).to.deep.include({ data: { balance: 3 }, status: "FAILED_PRECONDITION" });
	});

	it("streams in both directions, and hears of a reader that leaves", async () => {
		const entry = { at: new Date(5), cents: 1n, tags: new Set(["a"]) };
		let left: () => void;
		const hasLeft = new Promise<void>((resolve) => {
			left = resolve;
		});
		const bank = createBankFake({
			*statement() {
				try {
					for (;;) yield entry;
				} finally {
					left();
				}
			},
			async deposit(coins) {
				let sum = 0;
				for await (const coin of coins) sum += coin;
				return sum;
			},
			async *exchange(offers) {
				for await (const { give } of offers) yield { parts: new Map([["DE123456", BigInt(give)]]) };
			},
		});
		for await (const found of bank.statement("DE123456", new Date())) {
			expect(found).to.deep.equal(entry);
			break;
		}
		await hasLeft;
		async function* coins() {
			for (let count = 0; count < 1000; count++) yield 50 as const;
		}
		expect(await bank.deposit(coins())).to.equal(50_000);
		async function* offers() {
			yield { give: 1, want: 2 } as const;
			yield { give: 5, want: 2 } as const;
		}
		const trades: bigint[] = [];
		for await (const { parts } of bank.exchange(offers())) trades.push(...parts.values());
		expect(trades).to.deep.equal([1n, 5n]);
	});

	it("calls callbacks", async () => {
		const bank = createBankFake({
			audit(year, onProgress) {
				for (const done of [0, 0.5, 1]) onProgress(done);
				return { year, findings: [] };
			},
		});
		const seen: number[] = [];
		expect(await bank.audit(2024, (done) => void seen.push(done))).to.deep.equal({ year: 2024, findings: [] });
		expect(seen).to.deep.equal([0, 0.5, 1]);
	});

	it("gives handlers the call's context: metadata, deadline and cancellation", async () => {
		const stop = new AbortController();
		const bank = createBankFake({
			balance: (_, { metadata, remainingMs }) => Number(metadata["tenant"]) + Number(remainingMs <= 5000),
			transfer: (_, { signal }) => {
				stop.abort();
				return new Promise((_resolve, reject) => {
					signal.addEventListener("abort", () => reject(signal.reason));
				});
			},
		});
		expect(await bank.balance("DE123456", { metadata: { tenant: 6 }, timeoutMs: 5000 })).to.equal(7);
		expect(await failureOf(bank.transfer(order, { signal: stop.signal }))).to.include({ status: "CANCELLED" });
	});

	it("records the calls, at once and without their options, those that failed too", async () => {
		let heard: (line: string) => void;
		const line = new Promise<string>((resolve) => {
			heard = resolve;
		});
		const bank = createBankFake({ balance: () => 1, log: (text) => heard(text) });
		bank.log("first");
		expect(callsOf(bank)).to.deep.equal([{ method: "log", args: ["first"] }]);
		expect(await line).to.equal("first");
		await bank.balance("DE123456", { timeoutMs: 5000 });
		await failureOf(bank.balance("no account"));
		await failureOf(bank.transfer(order));
		expect(callsOf(bank).slice(1)).to.deep.equal([
			{ method: "balance", args: ["DE123456"] },
			{ method: "balance", args: ["no account"] },
			{ method: "transfer", args: [order] },
		]);
		const [first] = callsOf(bank);
		if (first?.method === "log") expect(first.args[0].length).to.equal(5);
	});

	it("records any number of arguments as they were given, whichever options the client was given", async () => {
		const { createSumsFake } = (await import(
			pathToFileURL(join(fixtures, "expected/rest.fake.ts")).href
		)) as typeof import("./fixtures/expected/rest.fake.js");
		const sums = createSumsFake({ sum: (_label, ...values) => values.length });
		const other = sums.with({ signal: AbortSignal.abort() });
		expect([await sums.sum("a", 1, 2), await sums.sum("b")]).to.deep.equal([2, 0]);
		expect(await failureOf(other.sum("c", 3))).to.include({ status: "CANCELLED" });
		const calls = [["a", 1, 2], ["b"], ["c", 3]].map((args) => ({ method: "sum", args }));
		expect(callsOf(sums)).to.deep.equal(calls);
		expect(callsOf(other as typeof sums)).to.deep.equal(calls);
	});

	it("is asked as everybody is", async () => {
		const answers: unknown[] = [];
		for await (const { value } of createBankFake({ balance: () => 4 }).everyone.balance("DE123456"))
			answers.push(value);
		expect(answers).to.deep.equal([4]);
	});

	it("keeps no process from ending, and needs no clock but that of promises", async () => {
		const program = `
			for (const name of ["setTimeout", "setImmediate", "queueMicrotask"]) globalThis[name] = () => ({ unref() {} });
			process.nextTick = () => {};
			const { createBankFake } = await import("./expected/channels.fake.ts");
			const bank = createBankFake({ balance: () => 5 });
			console.log(await bank.balance("DE123456"));`;
		const words = ["--conditions=homing-source", "--import=tsx", "--input-type=module", "--eval", program];
		const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: fixtures, timeout: 20_000 });
		expect(stdout).to.equal("5\n");
	}).timeout(30_000);
});

describe("callsOf", () => {
	it("says what it takes", () => {
		expect(() => callsOf({} as never)).to.throw(TypeError, "createXxxFake()");
	});
});
