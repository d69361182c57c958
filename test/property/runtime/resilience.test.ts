import { expect } from "chai";
import fc from "fast-check";
import { type ConnectionOptions, connect, RpcError } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { type Request, ScriptedServer } from "../../support/runtime/scripted-server.js";
import { until } from "../../support/runtime/until.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

/** What a server does with a request. */
const fates = ["succeed", "fail", "not found", "refuse", "lose", "cut", "late", "nothing"] as const;
type Fate = (typeof fates)[number];

/** Those by which a handler may have run. */
const mayRun: ReadonlySet<Fate> = new Set(["succeed", "fail", "not found", "lose", "cut", "late", "nothing"]);

const options = fc.record(
	{
		retry: fc.constantFrom<NonNullable<ConnectionOptions["retry"]>>(
			false,
			{ attempts: 2, initialBackoffMs: 0 },
			{ attempts: 6, initialBackoffMs: 1, maxBackoffMs: 2, statuses: ["UNAVAILABLE", "NOT_FOUND"] },
		),
		hedge: fc.constantFrom({ delayMs: 0 }, { delayMs: 1, maxAttempts: 4 }),
		breaker: fc.constantFrom({ failures: 1, openMs: 1 }, { failures: 3, openMs: 5 }),
		balance: fc.constantFrom("round-robin" as const, "least-in-flight" as const),
		retryBudget: fc.constantFrom({ maxTokens: 3, tokenRatio: 0.5 }),
	},
	{ requiredKeys: [] },
);

const call = fc.record({
	isIdempotent: fc.boolean(),
	isCancelled: fc.boolean(),
	waitForReady: fc.boolean(),
	timeoutMs: fc.constantFrom(15, 40),
});

/** Plays the fates, one a request, on all servers. */
class Play {
	readonly servers = [new ScriptedServer(), new ScriptedServer()];
	/** How often each call may have run, by its argument. */
	readonly runs = new Map<unknown, number>();
	readonly #fates: Fate[];

	constructor(list: readonly Fate[]) {
		this.#fates = [...list];
		for (const server of this.servers) server.onRequest = (request) => this.#meet(server, request);
	}

	#meet(server: ScriptedServer, request: Request): void {
		const fate = this.#fates.shift() ?? "succeed";
		const [text] = request.args;
		if (mayRun.has(fate)) this.runs.set(text, (this.runs.get(text) ?? 0) + 1);
		if (fate === "succeed") server.succeed(request, text);
		else if (fate === "fail") server.fail(request);
		else if (fate === "not found") server.fail(request, undefined, 5);
		else if (fate === "refuse") server.fail(request, "not-started");
		else if (fate === "lose") server.fail(request, "unknown");
		else if (fate === "late") setTimeout(() => server.succeed(request, text), 5);
		else if (fate !== "nothing") server.cut();
	}

	async close(): Promise<void> {
		await Promise.all(this.servers.map((server) => server.close()));
	}
}

describe(`retries, hedges and breakers together (${printedSeed})`, () => {
	it("whatever fails, a call has one outcome; one that may run once only is never sent again after it may have run", async () => {
		const met = new Set<string>();
		await fc.assert(
			fc.asyncProperty(
				options,
				fc.array(fc.constantFrom(...fates), { maxLength: 30 }),
				fc.array(call, { minLength: 1, maxLength: 10 }),
				async (given, list, calls) => {
					const play = new Play(list);
					const places = await Promise.all(play.servers.map((server) => server.bind(anyPort)));
					const connection = connect(places, { reconnectMs: 1, reconnectMaxMs: 2, ...(given as ConnectionOptions) });
					const outcomes = calls.map(() => [] as string[]);
					try {
						await connection.ready();
						for (const [at, { isIdempotent, isCancelled, ...how }] of calls.entries()) {
							const controller = new AbortController();
							const text = `call ${at}`;
							const method = isIdempotent ? echo.say : echo.risky;
							connection.call(method, [text], { ...how, signal: controller.signal }).then(
								(value) => outcomes[at]!.push(`ok ${value}`),
								(error: unknown) => {
									const isKnown = error instanceof RpcError;
									outcomes[at]!.push(isKnown ? `${error.status} ${error.outcome}` : `no RpcError: ${String(error)}`);
								},
							);
							if (isCancelled) setImmediate(() => controller.abort());
						}
						await until(() => outcomes.every((ends) => ends.length > 0));
					} finally {
						await connection.close();
						await play.close();
					}
					for (const [at, ends] of outcomes.entries()) {
						const text = `call ${at}`;
						expect(ends, text).to.have.length(1);
						if (ends[0]!.startsWith("ok")) expect(ends[0]).to.equal(`ok ${text}`);
						expect(ends[0]).to.not.contain("no RpcError");
						const runs = play.runs.get(text) ?? 0;
						if (!calls[at]!.isIdempotent) expect(runs, `${text}: ${ends[0]}`).to.be.at.most(1);
						if (ends[0]!.endsWith("not-started")) expect(runs, `${text}: ${ends[0]}`).to.equal(0);
						met.add(ends[0]!.replace(/ok .*/, "ok"));
					}
					expect(connection.stats()).to.include({ inFlight: 0, waiting: 0 });
					expect(connection.stats().endpoints.map(({ inFlight }) => inFlight)).to.deep.equal([0, 0]);
				},
			),
			{ seed, numRuns: 120 },
		);
		expect([...met]).to.include.members([
			"ok",
			"UNAVAILABLE unknown",
			"UNAVAILABLE not-started",
			"DEADLINE_EXCEEDED unknown",
		]);
	}).timeout(60_000);
});
