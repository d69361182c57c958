import { expect } from "chai";
import fc from "fast-check";
import { type Connection, connect, Queue, RpcError, Server } from "../../../packages/runtime/src/index.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { until } from "../../support/runtime/until.js";
import { FaultProxy } from "../../support/zmtp/fault-proxy.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

/** What is to become of one call. */
interface Plan {
	readonly form: "list" | "sum" | "running";
	/** Items that its producer has. */
	readonly count: number;
	/** The producer throws in place of this item. */
	readonly throwsAt: number | undefined;
	/** Of a stream: its reader has had enough with this item. */
	readonly stopsAt: number | undefined;
	/** The caller's signal aborts when this item is made. */
	readonly abortsAt: number | undefined;
	/** The connection between client and server, or queue, is cut when this item is made. */
	readonly cutsAt: number | undefined;
	readonly timeoutMs: number | undefined;
}

const sometime = fc.option(fc.nat(700), { nil: undefined, freq: 3 });
const plan: fc.Arbitrary<Plan> = fc.record({
	form: fc.constantFrom("list" as const, "sum" as const, "running" as const),
	count: fc.nat(800),
	throwsAt: sometime,
	stopsAt: sometime,
	abortsAt: sometime,
	cutsAt: fc.option(fc.nat(700), { nil: undefined, freq: 8 }),
	timeoutMs: fc.option(fc.constantFrom(1, 5, 20), { nil: undefined, freq: 4 }),
});

const undisturbed = {
	throwsAt: undefined,
	stopsAt: undefined,
	abortsAt: undefined,
	cutsAt: undefined,
	timeoutMs: undefined,
};

/** What has to be met is not left to chance where it can be had. */
const expected: readonly Plan[] = [
	{ ...undisturbed, form: "running", count: 10 },
	{ ...undisturbed, form: "sum", count: 10 },
	{ ...undisturbed, form: "list", count: 10, stopsAt: 3 },
	{ ...undisturbed, form: "list", count: 10, throwsAt: 3 },
	{ ...undisturbed, form: "list", count: 10, abortsAt: 3 },
	// More than anybody sends in that time.
	{ ...undisturbed, form: "list", count: 1_000_000, timeoutMs: 5 },
];
const cut: readonly Plan[] = [{ ...undisturbed, form: "list", count: 100, cutsAt: 3 }];

/** What became of it. */
interface Ending {
	readonly plan: Plan;
	readonly items: number[];
	/** Its outcomes, in the order in which they came: there must be one. */
	readonly outcomes: string[];
}

class System {
	readonly server = new Server();
	/** In a row, each of which has joined the one before. */
	readonly queues: Queue[] = [];
	readonly #hops: number;
	proxy!: FaultProxy;
	connection!: Connection;
	/** Producers and handlers that have begun and not ended. */
	busy = 0;
	wasCut = false;
	/** By the count that a call of `list` asks for, which is its place. */
	readonly plans: Plan[];

	constructor(plans: readonly Plan[], hops: number) {
		this.plans = [...plans];
		this.#hops = hops;
		this.server.add(
			ledgerService({
				list: (place) => this.produce(this.plans[place]!, undefined),
				sum: (amounts) =>
					this.watch(async () => {
						let sum = 0;
						for await (const amount of amounts) sum += amount;
						return sum;
					}),
				running: (amounts) => this.relay(amounts),
			}),
		);
	}

	async start(): Promise<void> {
		let endpoint: string | undefined;
		let upstream: string[] = [];
		while (this.queues.length < this.#hops) {
			const queue = new Queue({ clients: anyPort, workers: anyPort, upstream });
			this.queues.push(queue);
			const { clients, workers } = await queue.start();
			endpoint ??= clients[0]!;
			upstream = [workers[0]!];
		}
		if (endpoint === undefined) endpoint = await this.server.bind(anyPort);
		else await this.server.join(upstream[0]!);
		this.proxy = await FaultProxy.to(endpoint);
		this.connection = connect(this.proxy.endpoint, { reconnectMs: 1, reconnectMaxMs: 2 });
	}

	/** The items of a call's producer, wherever that is. */
	async *produce({ count, throwsAt, abortsAt, cutsAt }: Plan, abort: AbortController | undefined) {
		this.busy++;
		try {
			for (let i = 0; i < count; i++) {
				if (i === throwsAt) throw new RpcError("ABORTED", `at ${i}`);
				if (i === abortsAt) abort?.abort();
				if (i === cutsAt) {
					this.wasCut = true;
					this.proxy.reset();
				}
				yield i;
			}
		} finally {
			this.busy--;
		}
	}

	async *relay(amounts: AsyncIterable<number>): AsyncGenerator<number> {
		this.busy++;
		try {
			yield* amounts;
		} finally {
			this.busy--;
		}
	}

	async watch<T>(work: () => Promise<T>): Promise<T> {
		this.busy++;
		try {
			return await work();
		} finally {
			this.busy--;
		}
	}

	async run(plan: Plan, place: number): Promise<Ending> {
		const ending: Ending = { plan, items: [], outcomes: [] };
		const abort = new AbortController();
		const options = { signal: abort.signal, ...(plan.timeoutMs === undefined ? {} : { timeoutMs: plan.timeoutMs }) };
		const read = async (items: AsyncIterable<number>) => {
			for await (const item of items) {
				ending.items.push(item);
				if (item === plan.abortsAt) abort.abort();
				if (item === plan.stopsAt) return "stopped";
			}
			return "ended";
		};
		const { connection } = this;
		const made = () => this.produce(plan, abort);
		const call = {
			list: () => read(connection.stream(ledger.list, [place], options)),
			sum: () => connection.call(ledger.sum, [], options, [made()]).then((sum) => `sum ${sum}`),
			running: () => read(connection.stream(ledger.running, [], options, [made()])),
		}[plan.form];
		await call().then(
			(outcome) => ending.outcomes.push(outcome),
			(error: unknown) => ending.outcomes.push(error instanceof RpcError ? error.status : `no RpcError: ${error}`),
		);
		return ending;
	}

	async stop(): Promise<void> {
		await this.connection.close();
		await this.proxy.close();
		await this.server.close();
		for (const queue of this.queues) await queue.close();
	}
}

/** Ways to end that a plan and what happened besides allow. */
function possible({ form, count, throwsAt, stopsAt, abortsAt, timeoutMs }: Plan, wasCut: boolean): Set<string> {
	const isMade = (at: number | undefined) => at !== undefined && at < count;
	const endings = new Set<string>();
	if (wasCut) endings.add("UNAVAILABLE");
	if (timeoutMs !== undefined) endings.add("DEADLINE_EXCEEDED");
	if (isMade(throwsAt)) endings.add("ABORTED");
	if (isMade(abortsAt)) endings.add("CANCELLED");
	if (form !== "sum" && isMade(stopsAt)) endings.add("stopped");
	if (!isMade(throwsAt)) endings.add(form === "sum" ? `sum ${(count * (count - 1)) / 2}` : "ended");
	return endings;
}

for (const [hops, way] of ["directly", "through a queue", "through two queues"].entries()) {
	describe(`one ending for each stream, ${way} (${printedSeed})`, () => {
		it("whatever producer, reader, clock and network do: it ends once, with what happened, and leaves nothing behind", async () => {
			const met = new Set<string>();
			await fc.assert(
				fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 12 }), async (plans) => {
					const system = new System(plans, hops);
					await system.start();
					try {
						const endings = await Promise.all(plans.map((plan, place) => system.run(plan, place)));
						for (const { plan, items, outcomes } of endings) {
							const [outcome, ...others] = outcomes;
							expect(others).deep.equal([]);
							expect([...possible(plan, system.wasCut)], JSON.stringify(plan)).include(outcome);
							expect(items, "in order, without a gap").deep.equal(items.map((_, index) => index));
							if (outcome === "ended") expect(items).length(plan.count);
							met.add(outcome!.replace(/ .*/, ""));
						}
						await until(() => system.busy === 0 && system.server.stats().running === 0, "everybody is done");
						expect(system.connection.stats()).include({ inFlight: 0, waiting: 0 });
						await until(() => system.queues.every((queue) => queue.stats().inFlight === 0), "queues are idle");
					} finally {
						await system.stop();
					}
				}),
				{ seed, numRuns: 60, examples: [[[...expected]], [[...cut]]] },
			);
			expect([...met]).include.members([
				"ended",
				"sum",
				"stopped",
				"ABORTED",
				"CANCELLED",
				"DEADLINE_EXCEEDED",
				"UNAVAILABLE",
			]);
		}).timeout(120_000);
	});
}
