import { expect } from "chai";
import {
	type Connection,
	connect,
	homingDescriptor,
	type RefusedCall,
	Server,
	statusNumbers,
} from "../../../packages/runtime/src/index.js";
import { Reply as ReplySocket } from "../../../packages/zmtp/src/index.js";
import {
	WorkshopClient,
	type WorkshopHandlers,
	workshopDescriptor,
	workshopService,
} from "../../browser/generated/workshop.js";
import { ChainRig, type Running } from "../../support/runtime/chain-rig.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type EchoHandlers, echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { upwards } from "../../support/runtime/ledger.js";
import { partly } from "../../support/runtime/partly.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { echoVersion, ledgerVersion, servedFrom } from "../../support/runtime/versions.js";
import { ways } from "../../support/runtime/ways.js";
import { callHeader, failureIn, flags, pack } from "../../support/runtime/wire.js";

const one = echoVersion("11111111");
const two = echoVersion("22222222");
const strict = { schemaCheck: "strict" } as const;
const mismatch = "FAILED_PRECONDITION not-started peer";

async function* amounts() {
	yield* upwards(10);
}

for (const way of ways) {
	describe(`a strict caller, ${way.name}`, () => {
		const own = closeAfterEach();
		const reach = (service: Parameters<typeof way.serve>[1]) => way.serve(own, service, {}, { client: strict });

		it("calls whoever is of its stub's schema, and its metadata alone arrives", async () => {
			const [connection] = await reach(one.service({ work: (_, { metadata }) => metadata }));
			expect(await connection.call(one.echo.say, ["a"])).equal("a");
			expect(await connection.call(one.echo.work, [0])).deep.equal({});
			for (const size of [1, 14, 15, 16, 100]) {
				const metadata = Object.fromEntries(Array.from({ length: size }, (_, i) => [`name ${i}`, i]));
				expect(await connection.call(one.echo.work, [0], { metadata })).deep.equal(metadata);
			}
		});

		it("is refused where another schema is served, and told both, what to do, and that nothing ran", async () => {
			const ran: unknown[] = [];
			const [connection] = await reach(one.service({ say: (text) => ran.push(text) }));
			const error = await failureOf(connection.call(two.echo.say, ["a"]));
			expect(error).include({ status: "FAILED_PRECONDITION", outcome: "not-started", origin: "peer" });
			expect(error.message).match(/^Echo: .*22222222.*11111111.*schemaCheck/);
			expect(error.details).deep.equal({ schemaHash: "22222222", servedHashes: ["11111111"] });
			expect(await verdict(connection.call(two.echo.say, ["a"], { metadata: { a: 1 } }))).equal(mismatch);
			expect(connection.stats()).include({ retries: 0, inFlight: 0 });
			expect(ran).deep.equal([]);
		});

		it("uses streams, callbacks and surveys of its schema, and of no other", async () => {
			const [mine, other] = [ledgerVersion("a"), ledgerVersion("b").ledger];
			const [connection] = await reach(mine.service());
			const { ledger } = mine;
			const items = async (method: typeof ledger.list) => {
				const got: number[] = [];
				for await (const item of connection.stream(method, [3])) got.push(item);
				return got;
			};
			expect(await items(ledger.list)).deep.equal([0, 1, 2]);
			expect(await verdict(items(other.list))).equal(mismatch);
			expect(await connection.call(ledger.sum, [], {}, [amounts()])).equal(45);
			expect(await verdict(connection.call(other.sum, [], {}, [amounts()]))).equal(mismatch);
			expect(await connection.call(ledger.audit, [10], {}, [() => {}, async () => true])).match(/of 10$/);
			expect(await verdict(connection.call(other.audit, [1], {}, [() => {}, async () => true]))).equal(mismatch);
		});

		it("sends one-way calls of its schema, and those of another are dropped", async () => {
			const noted: string[] = [];
			const [connection] = await reach(one.service({ note: (text) => void noted.push(text) }));
			connection.notify(two.echo.note, ["other"]);
			connection.notify(one.echo.note, ["mine"]);
			await until(() => noted.length > 0);
			expect(await connection.call(one.echo.say, ["behind them"])).equal("behind them");
			expect(noted).deep.equal(["mine"]);
		});

		it("is not held to methods of which no schema is known", async () => {
			const [connection] = await reach(one.service());
			expect(await connection.call(echo.say, ["a"])).equal("a");
			expect((await connection.call(homingDescriptor.methods.describe, [])).services).length(1);
		});
	});

	describe(`a caller that is not strict, ${way.name}`, () => {
		const own = closeAfterEach();

		it("calls whoever serves the service, of whatever schema", async () => {
			const [connection] = await way.serve(own, one.service());
			expect(await connection.call(two.echo.say, ["a"])).equal("a");
		});
	});
}

describe("the check of schemas", () => {
	const own = closeAfterEach();
	const serve = async (server: Server) => own(server).bind(anyPort);

	it("is none or strict", () => {
		expect(() => connect("tcp://127.0.0.1:1", { schemaCheck: "loose" as "strict" })).throw(RangeError, /schemaCheck/);
	});

	it("goes by the hash that generated stubs have, in each of their methods", async () => {
		const { methods, schemaHash } = workshopDescriptor;
		expect(Object.values(methods).map((method) => method.schemaHash)).deep.equal(
			Object.keys(methods).map(() => schemaHash),
		);
		const handlers = partly<WorkshopHandlers>({ caller: () => "served" });
		for (const [hash, end] of [
			[schemaHash, "served"],
			["0".repeat(32), mismatch],
		] as const) {
			const server = new Server().add(servedFrom(hash, workshopService(handlers)));
			const workshop = new WorkshopClient(own(connect(await serve(server), strict)));
			const answer = workshop.caller();
			expect(end === mismatch ? await verdict(answer) : await answer).equal(end);
		}
	});

	it("is told of by a server that drops a one-way call for it", async () => {
		const server = new Server().add(one.service());
		const connection = own(connect(await serve(server), strict));
		const refused = new Promise<RefusedCall>((resolve) => void server.on("refused", resolve));
		connection.notify(two.echo.note, ["a"]);
		expect(await refused).include({ method: "Echo.note", status: "FAILED_PRECONDITION" });
	});

	it("counts the hash as metadata, which has the same bound", async () => {
		const connection = own(connect(await serve(new Server().add(one.service())), strict));
		const metadata = { a: "x".repeat(8192 - 16) };
		expect(await verdict(connection.call(one.echo.say, ["a"], { metadata }))).equal(
			"INVALID_ARGUMENT not-started local",
		);
		expect(await connection.call(echo.say, ["a"], { metadata })).equal("a");
	});

	it("holds for calls that wait for a server to come", async () => {
		const connection = own(connect("inproc://schema-check", { ...strict, ...fast }));
		const metadata = { a: 1 };
		const [mine, other] = [
			connection.call(one.echo.work, [0], { metadata }),
			verdict(connection.call(two.echo.say, ["a"])),
		];
		await own(new Server().add(one.service({ work: (_, context) => context.metadata }))).bind("inproc://schema-check");
		expect(await mine).deep.equal(metadata);
		expect(await other).equal(mismatch);
	});

	it("refuses headers that say there is a hash where there is none", async () => {
		const client = await own(new RawClient(await serve(new Server().add(one.service())))).ready();
		const entry = (key: string, length: number, hash: string) =>
			Buffer.concat([
				Buffer.of(0xde, 0, 1, 0xa0 | key.length),
				Buffer.from(key),
				Buffer.of(0xd9, length),
				Buffer.from(hash),
			]);
		const hostile = {
			nothing: Buffer.alloc(0),
			"other metadata": pack({ a: 1 }),
			"another key": entry("homing.schemA", 8, "11111111"),
			"a hash that is cut off": entry("homing.schema", 255, "11111111"),
			"an empty hash": entry("homing.schema", 0, "11111111"),
			"a long hash": entry("homing.schema", 65, "1".repeat(65)),
			"no entries": Buffer.concat([Buffer.of(0xde, 0, 0), entry("homing.schema", 8, "11111111").subarray(3)]),
			"a head alone": Buffer.of(0xde, 0, 1),
		};
		for (const [what, metadata] of Object.entries(hostile)) {
			client.send("token", "", callHeader("Echo.say", { flags: flags.SCHEMA_HASH, metadata }), pack(["a"]));
			expect(failureIn(await client.answer()).status, what).equal(statusNumbers.INVALID_ARGUMENT);
		}
		const header = callHeader("Echo.say", {
			flags: flags.SCHEMA_HASH,
			metadata: entry("homing.schema", 8, "11111111"),
		});
		client.send("token", "", header, pack(["a"]));
		expect(await client.answer()).deep.equal([pack("a")]);
	});
});

describe("a queue whose workers are of two versions", () => {
	const rig = new ChainRig();
	let at: Running;
	let held: (() => void)[];

	/** Long enough that it is not over by chance. */
	const patient = { discoveryMs: 60_000 };
	const start = async (options: Parameters<ChainRig["queue"]>[1] = {}) => {
		held = [];
		at = await rig.queue([], options);
	};
	afterEach(() => release());

	const hold = () => new Promise<unknown>((resolve) => held.push(() => resolve("held")));
	const release = () => {
		for (const each of held.splice(0)) each();
	};
	const client = (): Connection => rig.own(connect(at.clients, { ...strict, ...fast }));
	const worker = ({ service }: typeof one, handlers: EchoHandlers = {}, concurrency = 16) =>
		rig.serve(at, service(handlers), { concurrency });
	const says = (word: string): EchoHandlers => ({ say: () => word });

	it("gives each strict caller workers of its own version, and the others any", async () => {
		await start();
		await worker(one, says("one"));
		await worker(two, says("two"));
		const connection = client();
		const answers = async (methods: typeof echo) =>
			new Set(await Promise.all(Array.from({ length: 40 }, () => connection.call(methods.say, [""]))));
		expect([...(await answers(one.echo))]).deep.equal(["one"]);
		expect([...(await answers(two.echo))]).deep.equal(["two"]);
		expect([...(await answers(echo))].sort()).deep.equal(["one", "two"]);
		expect(at.stats().workers.map(({ schemaHashes }) => schemaHashes["Echo"])).deep.equal([["11111111"], ["22222222"]]);
	});

	it("refuses a version that nobody serves at once, and names those that there are", async () => {
		await start();
		const first = await worker(one);
		await worker(two);
		const error = await failureOf(client().call(echoVersion("33333333").echo.say, ["a"]));
		expect(error).include({ status: "FAILED_PRECONDITION", outcome: "not-started" });
		expect(error.message).match(/33333333.*11111111, 22222222/);
		await first.close();
		await until(() => at.stats().workers.length === 1);
		expect(at.stats()).include({ waiting: 0, inFlight: 0, refused: 1 });
	});

	it("has nobody for a strict caller among plain workers, who do not say what they serve", async () => {
		const repWorkers = `inproc://schema-check-rep`;
		await start({ repWorkers });
		const plain = rig.own(new ReplySocket({ linger: 0 }));
		plain.connect(repWorkers);
		await until(() => at.stats().workers.length === 1);
		const error = await failureOf(client().call(one.echo.say, ["a"]));
		expect(`${error.status}: ${error.message}`).match(/^FAILED_PRECONDITION: .*11111111.*nobody/);
	});

	it("lets calls wait for a version while it is young, and while nobody serves the service", async () => {
		await start(patient);
		await worker(two);
		const early = client().call(one.echo.say, ["early"]);
		await until(() => at.stats().waiting === 1);
		const first = await worker(one);
		expect(await early).equal("early");
		await first.close();
		await at.queue.drain();
		await start();
		const only = await worker(one);
		await only.close();
		await until(() => at.stats().workers.length === 0);
		const late = client().call(one.echo.say, ["late"]);
		await until(() => at.stats().waiting === 1);
		await worker(one);
		expect(await late).equal("late");
	});

	it("lets calls wait a while for a version that has lost its last worker, then refuses them", async () => {
		await start({ discoveryMs: 300 });
		await worker(two);
		const [first, connection] = [await worker(one), client()];
		expect(await connection.call(one.echo.say, ["served"])).equal("served");
		await first.close();
		await until(() => at.stats().workers.length === 1);
		const waits = connection.call(one.echo.say, ["waits"]);
		await until(() => at.stats().waiting === 1);
		const again = await worker(one);
		expect(await waits).equal("waits");
		await again.close();
		await until(() => at.stats().workers.length === 1);
		const inVain = verdict(connection.call(one.echo.say, ["in vain"]));
		expect(await inVain).equal(mismatch);
		expect(await verdict(connection.call(one.echo.say, ["too late"]))).equal(mismatch);
		await worker(one);
		expect(await connection.call(one.echo.say, ["back"])).equal("back");
	});

	it("gives a call whose worker is lost to another of its version only", async () => {
		await start(patient);
		const doomed = await worker(one, { say: hold });
		await worker(two, says("two"));
		const call = client().call(one.echo.say, ["a"]);
		await until(() => held.length === 1);
		await doomed.close();
		await until(() => at.stats().waiting === 1);
		await worker(one, says("one"));
		expect(await call).equal("one");
		expect(at.stats()).include({ redelivered: 1, inFlight: 0, waiting: 0 });
	});

	it("counts a strict call against the credit of its worker, and the most urgent of all goes first", async () => {
		await start();
		const order: unknown[] = [];
		const work = (what: unknown) => {
			order.push(what);
			return hold();
		};
		await worker(one, { work }, 1);
		const [connection, loose] = [client(), rig.client(at)];
		const urgent = { ...one.echo.work, priority: 1 };
		const calls = [connection.call(one.echo.work, ["first"])];
		await until(() => order.length === 1);
		for (const [make, priority] of [
			[(what: string) => loose.call(echo.work, [what]), "loose"],
			[(what: string) => connection.call(one.echo.work, [what]), "strict"],
			[(what: string) => connection.call(urgent, [what]), "urgent"],
		] as const) {
			const { waiting } = at.stats();
			calls.push(make(priority));
			await until(() => at.stats().waiting === waiting + 1);
		}
		for (let done = 1; done <= 4; done++) {
			await until(() => order.length === done);
			release();
		}
		await Promise.all(calls);
		expect(order).deep.equal(["first", "urgent", "loose", "strict"]);
	});

	it("leaves one client no more than its share of a version, and of all, whatever it asks for", async () => {
		await start();
		await worker(one, { work: hold }, 8);
		await worker(two, { work: hold }, 8);
		const [greedy, modest] = [client(), client()];
		const calls: Promise<unknown>[] = [];
		const make = (connection: Connection, { work }: typeof echo, count: number) => {
			for (let i = 0; i < count; i++) calls.push(connection.call(work, [i]));
		};
		make(greedy, one.echo, 8);
		await until(() => at.stats().inFlight === 6 && at.stats().waiting === 2);
		make(greedy, two.echo, 8);
		make(greedy, echo, 4);
		await until(() => at.stats().inFlight === 12 && at.stats().waiting === 8);
		make(modest, one.echo, 2);
		make(modest, two.echo, 2);
		await until(() => at.stats().inFlight === 16 && at.stats().waiting === 8);
		const serving = setInterval(release, 1);
		try {
			expect(await Promise.all(calls)).length(24);
		} finally {
			clearInterval(serving);
		}
		expect(at.stats()).include({ inFlight: 0, waiting: 0 });
	});

	it("gives a client's call of one version a place when one of another leaves", async () => {
		await start();
		const ran: unknown[] = [];
		const work = (what: unknown) => {
			ran.push(what);
			return hold();
		};
		await worker(one, { work }, 3);
		await worker(two, { work }, 3);
		const connection = client();
		const calls = [0, 1, 2].map((i) => connection.call(one.echo.work, [i]));
		await until(() => ran.length === 3);
		calls.push(...[3, 4].map((i) => connection.call(two.echo.work, [i])));
		await until(() => ran.length === 5);
		// Five of six are its part: another waits, though a worker of its version is free.
		calls.push(connection.call(two.echo.work, [5]));
		await until(() => at.stats().waiting === 1);
		held.shift()!();
		await until(() => ran.length === 6);
		expect(at.stats()).include({ waiting: 0, inFlight: 5 });
		release();
		await Promise.all(calls);
	});

	it("asks those of the version that a survey is for", async () => {
		await start();
		for (const [version, word] of [
			[one, "a"],
			[one, "b"],
			[two, "c"],
		] as const) {
			await worker(version, says(word));
		}
		const connection = client();
		const answers = async (methods: typeof echo) => {
			const got: unknown[] = [];
			for await (const { value, error } of connection.survey(methods.say, ["?"])) got.push(value ?? error.status);
			return got.sort();
		};
		expect(await answers(one.echo)).deep.equal(["a", "b"]);
		expect(await answers(echo)).deep.equal(["a", "b", "c"]);
		expect(await answers(echoVersion("33333333").echo)).deep.equal(["FAILED_PRECONDITION"]);
	});

	it("loses no call when all workers are replaced, one after the other, and callers change over in between", async () => {
		await start(patient);
		const old = [await worker(one), await worker(one)];
		const connection = client();
		const [ends, failures] = [new Map<string, number>(), [] as unknown[]];
		const caller = (methods: typeof echo, name: string) => {
			let isOver = false;
			const run = (async () => {
				while (!isOver) {
					const calls = Array.from({ length: 16 }, () => connection.call(methods.risky, [name]));
					for (const { status, ...end } of await Promise.allSettled(calls)) {
						if (status === "rejected") failures.push(end);
						else ends.set(name, (ends.get(name) ?? 0) + 1);
					}
				}
			})();
			const stop = () => {
				isOver = true;
				return run;
			};
			return { more: () => more(name), stop };
		};
		const more = async (name: string) => {
			const before = ends.get(name) ?? 0;
			await until(() => failures.length > 0 || (ends.get(name) ?? 0) >= before + 100);
		};
		const first = caller(one.echo, "one");
		await first.more();
		await worker(two);
		await old[0]!.drain();
		const second = caller(two.echo, "two");
		await Promise.all([first.more(), second.more()]);
		await worker(two);
		await Promise.all([first.more(), second.more()]);
		await first.stop();
		await old[1]!.drain();
		await second.more();
		await second.stop();
		expect(failures).deep.equal([]);
		expect(at.stats()).include({ inFlight: 0, waiting: 0, lost: 0, refused: 0 });
	});
});

describe("two queues of which one has joined the other, with workers of two versions", () => {
	const rig = new ChainRig();
	let upper: Running;
	let lower: Running;

	beforeEach(async () => {
		upper = await rig.queue();
		lower = await rig.queue([upper]);
	});

	const client = () => rig.own(connect(upper.clients, { ...strict, ...fast }));
	const hashes = (at: Running) => at.stats().workers.map(({ schemaHashes }) => schemaHashes["Echo"] ?? []);
	const says = (word: string): EchoHandlers => ({ say: () => word });

	it("find each strict caller a worker of its version, and say what there is where there is none", async () => {
		await rig.serve(lower, one.service(says("one")));
		await rig.serve(lower, two.service(says("two")));
		await until(() => hashes(upper)[0]?.length === 2);
		const connection = client();
		for (const [{ echo: methods }, word] of [
			[one, "one"],
			[two, "two"],
		] as const) {
			const answers = await Promise.all(Array.from({ length: 40 }, () => connection.call(methods.say, [""])));
			expect(new Set(answers)).deep.equal(new Set([word]));
		}
		const error = await failureOf(connection.call(echoVersion("33333333").echo.say, ["a"]));
		expect(error.message).match(/33333333.*11111111, 22222222/);
		await until(() => [upper, lower].every(({ stats }) => stats().inFlight + stats().waiting === 0));
	});

	it("give the lower one no more calls of a version than its workers of it take", async () => {
		const held = deferred<string>();
		const hold = { work: () => held.promise };
		await rig.serve(lower, one.service(hold), { concurrency: 4 });
		await rig.serve(lower, two.service(hold), { concurrency: 16 });
		const beside = await rig.queue([upper]);
		await rig.serve(beside, one.service(hold), { concurrency: 16 });
		await until(() => hashes(upper).flat().length === 3);
		const calls = [client(), client()].flatMap((connection) =>
			Array.from({ length: 10 }, () => connection.call(one.echo.work, [0])),
		);
		await until(() => lower.stats().inFlight + beside.stats().inFlight === 20);
		expect([lower, beside].map(({ stats }) => [stats().inFlight, stats().waiting])).deep.equal([
			[4, 0],
			[16, 0],
		]);
		held.resolve("done");
		expect(new Set(await Promise.all(calls))).deep.equal(new Set(["done"]));
	});

	it("give a call back of whose version nobody is left below, and another worker serves it", async () => {
		const second = await rig.queue();
		const shared = await rig.queue([upper, second]);
		const last = await rig.serve(shared, one.service({ work: () => new Promise(() => {}) }), { concurrency: 1 });
		await rig.serve(shared, two.service());
		await until(() => [upper, second].every((each) => hashes(each).flat().length === 2));
		const running = verdict(client().call({ ...one.echo.work, isIdempotent: false }, [0]));
		await until(() => shared.stats().inFlight === 1);
		const waiting = rig.own(connect(second.clients, { ...strict, ...fast })).call(one.echo.say, ["a"]);
		await until(() => shared.stats().waiting === 1);
		await rig.serve(second, one.service(says("above")));
		await last.close();
		expect(await waiting).equal("above");
		expect(await running).equal("UNAVAILABLE unknown peer");
		expect(shared.stats()).include({ returned: 1, waiting: 0, inFlight: 0 });
	});

	it("wait for a version whose last worker has left, and refuse it then", async () => {
		const last = await rig.serve(lower, one.service());
		await rig.serve(lower, two.service());
		await until(() => hashes(upper)[0]?.length === 2);
		const connection = client();
		expect(await connection.call(one.echo.say, ["a"])).equal("a");
		await last.close();
		await until(() => hashes(upper)[0]?.length === 1);
		expect(await verdict(connection.call(one.echo.say, ["a"]))).equal(mismatch);
		await until(() => [upper, lower].every(({ stats }) => stats().inFlight + stats().waiting === 0));
	});
});
