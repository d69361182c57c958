import { expect } from "chai";
import type { QueueFigures, ServerFigures } from "../../../../packages/runtime/src/cli/top/figures.js";
import { boundless, fit } from "../../../../packages/runtime/src/cli/top/lines.js";
import { type SortKey, sortKeys } from "../../../../packages/runtime/src/cli/top/order.js";
import { compare, isContinued } from "../../../../packages/runtime/src/cli/top/rates.js";
import { viewOf } from "../../../../packages/runtime/src/cli/top/view.js";

const method = (served: number, surprises = 0) => ({ running: 0, served, failed: 0, refused: 0, surprises });

function server(changes: Partial<ServerFigures> = {}): ServerFigures {
	return {
		role: "server",
		instance: "a",
		uptimeMs: 1000,
		malformed: 0,
		refused: 0,
		failed: 0,
		waiting: 0,
		running: 0,
		delegated: 0,
		served: 0,
		peers: 0,
		droppedFollowUps: 0,
		droppedCallbacks: 0,
		surprises: 0,
		surprisingPeers: [],
		methods: {},
		...changes,
	};
}

function queue(changes: Partial<QueueFigures> = {}): QueueFigures {
	const none = Object.fromEntries(
		["dispatched", "answered", "redelivered", "returned", "lost", "poisoned", "expired", "cancelled"].map((name) => [
			name,
			0,
		]),
	);
	return {
		...server(),
		...none,
		role: "queue",
		droppedReplies: 0,
		clients: 0,
		waitingBytes: 0,
		inFlight: 0,
		upstream: [],
		workers: [],
		services: {},
		...changes,
	} as QueueFigures;
}

const worker = (instance: string, served: number) => ({
	address: "tcp://10.0.0.1:1",
	instance,
	state: "ready",
	services: ["Echo"],
	concurrency: 8,
	inFlight: 0,
	served,
	failed: 0,
});

describe("what homing top makes of two answers", () => {
	it("is by the clock of whoever gave them, each method, worker and peer with its own", () => {
		const surprising = { address: "tcp://10.0.0.1:1", method: "Echo.a" };
		const { seconds, perSecond } = compare(
			server({ methods: { "Echo.a": method(10) }, served: 10 }),
			server({
				uptimeMs: 3000,
				served: 50,
				methods: { "Echo.a": method(40), "Echo.b": method(10, 4) },
				surprisingPeers: [{ ...surprising, surprises: 4 }],
			}),
		);
		expect(seconds).equal(2);
		expect(perSecond).deep.include({ served: 20, surprisingPeers: [{ surprises: 2 }] });
		expect(perSecond)
			.nested.property("methods.Echo\\.a")
			.deep.equal({ served: 15, failed: 0, refused: 0, surprises: 0 });
		expect(perSecond).nested.property("methods.Echo\\.b").deep.include({ served: 5, surprises: 2 });
		const ofQueue = compare(
			queue({ workers: [worker("x", 100)] }),
			queue({ uptimeMs: 2000, workers: [worker("y", 7), worker("x", 130)] }),
		);
		expect(ofQueue.perSecond).deep.include({
			workers: [
				{ served: 7, failed: 0 },
				{ served: 30, failed: 0 },
			],
		});
	});

	it("is nothing when they are of two processes, or of one that counts from zero again", () => {
		expect(isContinued(server(), server({ uptimeMs: 2000 }))).equal(true);
		expect(isContinued(server(), server({ uptimeMs: 2000, instance: "b" }))).equal(false);
		expect(isContinued(server({ uptimeMs: 5000 }), server({ uptimeMs: 100 }))).equal(false);
		expect(isContinued(server(), queue({ uptimeMs: 2000 }))).equal(false);
	});

	it("never moves the cursor, whatever services, workers and users are called", () => {
		const nasty = "a\x1b[2J\n\u009b1m\u202eb\0";
		const views = [
			compare(
				server(),
				server({
					uptimeMs: 2000,
					methods: { [nasty]: method(1) },
					surprisingPeers: [{ address: nasty, userId: nasty, method: nasty, surprises: 1 }],
				}),
			),
			compare(
				queue(),
				queue({
					uptimeMs: 2000,
					workers: [{ ...worker(nasty, 1), address: nasty, state: nasty, services: [nasty] }],
					upstream: [{ address: nasty, state: nasty }],
					services: {
						[nasty]: {
							...{ workers: 1, places: 1, inFlight: 0, waiting: 0 },
							...{ setAside: 0, dispatched: 0, answered: 0, failed: 0 },
						},
					},
				}),
			),
		].map((reading) => viewOf(reading, "calls"));
		const lines = views.flatMap((view) => fit([], view, boundless)).map(({ text }) => text);
		expect(lines.filter((line) => line.includes("a·[2J··1m·b·"))).length(5);
		expect(lines.filter((line) => /\p{C}/u.test(line))).deep.equal([]);
	});
});

describe("the rows of homing top", () => {
	const firstWords = (table: readonly string[]) => table.slice(1).map((row) => row.split(" ")[0]);
	const tablesBy = (sort: SortKey, stats: "server" | "queue") =>
		viewOf(stats === "server" ? ofServer : ofQueue, sort).tables.map(firstWords);
	const methods = {
		"B.often": { running: 1, served: 90, failed: 1, refused: 0, surprises: 5 },
		"A.fails": { running: 3, served: 50, failed: 40, refused: 0, surprises: 0 },
		"C.refused": { running: 2, served: 10, failed: 0, refused: 7, surprises: 9 },
		"D.idle": { running: 0, served: 0, failed: 0, refused: 0, surprises: 0 },
	};
	const ofServer = compare(server(), server({ uptimeMs: 2000, methods }));
	const service = { workers: 1, places: 1, setAside: 0, dispatched: 0 };
	const ofQueue = compare(
		queue(),
		queue({
			uptimeMs: 2000,
			services: {
				Slow: { ...service, inFlight: 9, waiting: 1, answered: 10, failed: 0 },
				Quick: { ...service, inFlight: 1, waiting: 4, answered: 99, failed: 2 },
			},
			workers: [
				{ ...worker("x", 1), address: "tcp:x", inFlight: 5 },
				{ ...worker("y", 7), address: "tcp:y", inFlight: 0 },
			],
		}),
	);

	it("stand by what was asked for, the most first, and by calls where that is equal", () => {
		const server: Record<SortKey, string> = {
			calls: "BACD",
			errors: "ABCD",
			refused: "CBAD",
			running: "ACBD",
			surprises: "CBAD",
			name: "ABCD",
			waiting: "BACD",
		};
		for (const sort of sortKeys) {
			expect(
				tablesBy(sort, "server")[0]!
					.map((name) => name![0])
					.join(""),
				sort,
			).equal(server[sort]);
		}
	});

	it("of a queue do too, and a table without that column stands by calls", () => {
		const byCalls = [
			["Quick", "Slow"],
			["tcp:y", "tcp:x"],
		];
		for (const sort of ["calls", "refused", "surprises"] as const) expect(tablesBy(sort, "queue")).deep.equal(byCalls);
		expect(tablesBy("running", "queue")).deep.equal([
			["Slow", "Quick"],
			["tcp:x", "tcp:y"],
		]);
		expect(tablesBy("waiting", "queue")).deep.equal(byCalls);
		expect(tablesBy("name", "queue")[1]).deep.equal(["tcp:x", "tcp:y"]);
	});
});

describe("lines of homing top", () => {
	const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`Echo.m${i}`, method(i)]));
	const reading = compare(server(), server({ uptimeMs: 2000, methods: many }));
	const textsOf = (width: number, height: number) =>
		fit([["homing top", "here", "now"]], viewOf(reading, "calls"), { width, height }).map(({ text }) => text);

	it("are as many as fit: the busiest methods stay, and it is said how many do not", () => {
		const lines = textsOf(200, 20);
		expect(lines).length(20);
		expect(lines[4]).match(/^METHOD/);
		expect(lines[5]).match(/^Echo\.m39 /);
		expect(lines.at(-1)).equal("... and 26 more");
	});

	it("are all of them where there is room", () => {
		expect(textsOf(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)).length(45);
	});

	it("of the summary are broken between figures, not within", () => {
		for (const line of textsOf(40, 100).slice(0, 8)) expect(line.length, line).most(60);
		expect(textsOf(40, 100).slice(0, 3)).deep.equal([
			"homing top   here   now",
			"calls 0.0/s   errors 0.0/s",
			"refused 0.0/s   running 0   waiting 0",
		]);
	});
});
