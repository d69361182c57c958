import { expect } from "chai";
import * as z from "zod";
import {
	type Connection,
	type MethodStats,
	messageCodec,
	RpcError,
	type ServiceStats,
	unary,
} from "../../../packages/runtime/src/index.js";
import { Reply } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { QueueRig } from "../../support/runtime/queue-rig.js";
import { type Deferred, deferred, until, verdict } from "../../support/runtime/until.js";

/** The same method, by somebody who sends what he likes. */
const lawless = unary({
	name: "Echo.order",
	arguments: messageCodec(z.array(z.unknown())),
	result: messageCodec(z.unknown()),
});

const failing = () => {
	throw new RpcError("NOT_FOUND", "there is none");
};

describe("what a server counts of each method", () => {
	const rig = new EchoRig(() => anyPort);

	it("is what was served, what failed of it, and what runs; other methods' is their own", async () => {
		const gate = deferred();
		const [connection, server] = await rig.pair({ work: () => gate.promise, risky: failing });
		const of = (name: string): MethodStats => server.stats().methods[`Echo.${name}`]!;
		await connection.call(echo.say, ["one"]);
		await connection.call(echo.say, ["two"]);
		await verdict(connection.call(echo.risky, ["three"]));
		await verdict(connection.call(lawless, [{ to: "x", cents: 0 }]));
		const work = connection.call(echo.work, [1]);
		await until(() => of("work").running === 1);
		expect(of("say")).deep.equal({ running: 0, served: 2, failed: 0, refused: 0, surprises: 0 });
		expect(of("risky")).include({ served: 1, failed: 1 });
		expect(of("order")).include({ served: 1, failed: 1, refused: 0 });
		expect(of("work")).include({ running: 1, served: 0 });
		expect(server.stats()).include({ served: 4, failed: 2, refused: 0, running: 1 });
		gate.resolve();
		await work;
		expect(of("work")).include({ running: 0, served: 1, failed: 0 });
		expect(Object.keys(server.stats().methods)).deep.equal(Object.values(echo).map(({ name }) => name));
	});

	it("are refusals too, of methods that nobody has in all only", async () => {
		const gate = deferred();
		const options = { concurrency: 1, maxWaitingCalls: 1 };
		const [connection, server] = await rig.pair({ work: () => gate.promise }, options);
		const calls = [connection.call(echo.work, [1]), connection.call(echo.work, [2])];
		await until(() => server.stats().waiting === 1);
		expect(await verdict(connection.call(echo.say, ["too many"]))).equal("RESOURCE_EXHAUSTED not-started peer");
		const unknown = unary({ name: "Echo.nobody", arguments: lawless.arguments, result: lawless.result });
		expect(await verdict(connection.call(unknown, []))).equal("UNIMPLEMENTED not-started peer");
		expect(server.stats()).include({ refused: 2, served: 0 });
		expect(server.stats().methods["Echo.say"]).include({ refused: 1, served: 0, failed: 0 });
		expect(server.stats().methods).not.property("Echo.nobody");
		gate.resolve();
		await Promise.all(calls);
	});
});

describe("what a queue counts of each service", () => {
	const rig = new QueueRig();
	let connection: Connection;
	let gates: Deferred<void>[];
	const echoStats = (): ServiceStats => rig.queue.stats().services["Echo"]!;
	const held = () => {
		const gate = deferred();
		gates.push(gate);
		return gate.promise;
	};

	beforeEach(() => {
		gates = [];
	});

	it("is where its calls are, and how they ended", async () => {
		await rig.start({ clientShare: 0.5 });
		await rig.worker({ work: held, risky: failing }, { concurrency: 4 });
		connection = rig.client();
		await connection.call(echo.say, ["one"]);
		await verdict(connection.call(echo.risky, ["two"]));
		expect(echoStats()).deep.equal({
			...{ workers: 1, places: 4, inFlight: 0, waiting: 0, setAside: 0 },
			...{ dispatched: 2, answered: 2, failed: 1 },
		});
		const calls = [1, 2, 3].map((number) => connection.call(echo.work, [number]));
		// Two places are this client's share of the four; the third of its calls meets nobody who could have passed it by.
		await until(() => echoStats().inFlight === 2 && echoStats().waiting === 1);
		const other = rig.client();
		expect(await other.call(echo.say, ["passes by"])).equal("passes by");
		expect(echoStats().setAside).equal(1);
		expect(rig.queue.stats().workers[0]).include({ inFlight: 2, served: 3, failed: 1 });
		gates.shift()!.resolve();
		await until(() => gates.length === 2);
		for (const gate of gates) gate.resolve();
		await Promise.all(calls);
		expect(echoStats()).include({ inFlight: 0, waiting: 0, setAside: 0, dispatched: 6, answered: 6, failed: 1 });
		expect(rig.queue.stats()).include({ answered: 6, failed: 1 });
	});

	it("comes to nothing in flight when workers are lost, and what they had has failed", async () => {
		await rig.start();
		const worker = await rig.worker({ risky: held });
		connection = rig.client();
		const lost = verdict(connection.call(echo.risky, ["one"]));
		await until(() => gates.length === 1);
		expect(echoStats()).include({ inFlight: 1, workers: 1 });
		await worker.close();
		expect(await lost).equal("UNAVAILABLE unknown peer");
		expect(echoStats()).include({ inFlight: 0, workers: 0, places: 0, answered: 0, failed: 1 });
	});

	it("says how long a worker has been silent, and of plain ones nothing", async () => {
		await rig.start();
		await rig.worker();
		const plain = rig.own(new Reply({ linger: 0 }));
		plain.connect(rig.repWorkers);
		await until(() => rig.queue.stats().workers.length === 2);
		const [worker, other] = rig.queue.stats().workers;
		expect(worker!.silentMs).a("number").least(0);
		expect(other).include({ instance: "rep", silentMs: undefined });
		expect(rig.queue.stats().services).keys("Echo", "*");
	});
});
