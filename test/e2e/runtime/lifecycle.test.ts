import { expect } from "chai";
import { Queue, Server } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { failureOf, until, verdict } from "../../support/runtime/until.js";

describe("beginnings and ends", () => {
	const rig = new QueueRig();

	it("a queue whose place is taken says so, and can be closed", async () => {
		await rig.start();
		const second = rig.own(new Queue({ clients: rig.clients, workers: anyPort }));
		try {
			await second.start();
			expect.fail("it started");
		} catch (error) {
			expect((error as { code: string }).code).to.equal("EADDRINUSE");
		}
		await second.close();
	});

	it("a server whose place is taken says so, and serves at another", async () => {
		const [, endpoint] = await rig.serve();
		const server = rig.server();
		try {
			await server.bind(endpoint);
			expect.fail("it was bound");
		} catch (error) {
			expect((error as { code: string }).code).to.equal("EADDRINUSE");
		}
		expect(await rig.connect(await server.bind(anyPort)).call(echo.say, ["a"])).to.equal("a");
	});

	it("what was never started can be closed, twice", async () => {
		const queue = new Queue({ clients: anyPort, workers: anyPort });
		await queue.close();
		await queue.close();
		const server = new Server();
		await server.close();
		await server.close();
	});

	it("a server that waits for its queue joins when it comes, or is closed before", async () => {
		const endpoint = await rig.deserted();
		const [patient, impatient] = [rig.server({}, fast), rig.server({}, fast)];
		const joined = patient.join(endpoint);
		const given = verdict(impatient.join(endpoint));
		await impatient.close();
		expect(await given).to.equal("FAILED_PRECONDITION not-started local");
		await rig.start({ workers: endpoint });
		await joined;
		expect(await rig.client().call(echo.say, ["a"])).to.equal("a");
	});

	it("join() waits for its own queue, not for another", async () => {
		await rig.start();
		const absent = await rig.deserted();
		const server = rig.server({}, fast);
		let isJoined = false;
		const late = server.join(absent).then(() => {
			isJoined = true;
		});
		await server.join(rig.workers);
		await until(() => rig.queue.stats().workers.length === 1);
		expect(isJoined).to.equal(false);
		await rig.start({ workers: absent });
		await late;
	});

	it("impossible options are refused where they are given", () => {
		const places = { clients: anyPort, workers: anyPort };
		expect(() => new Queue({ ...places, workerHeartbeatMs: 1 })).to.throw(RangeError);
		expect(() => new Queue({ ...places, workerHeartbeatMs: 100, leaseMs: 99 })).to.throw(RangeError);
		expect(() => new Queue({ ...places, leaseMs: Number.NaN })).to.throw(RangeError);
	});

	it("a service without a handler for each of its methods is refused", () => {
		const descriptor = { name: "Echo", schemaHash: "", methods: { say: echo.say } };
		expect(() => new Server().add({ descriptor, handlers: {} })).to.throw("what is to serve Echo lacks methods: say");
	});

	it("close() does not wait for a drain that waits for a handler", async () => {
		const [connection, server] = await rig.pair({ work: () => new Promise(() => {}) });
		const call = verdict(connection.call(echo.work, [1]));
		await until(() => server.stats().running === 1);
		const drained = server.drain();
		await server.close();
		await drained;
		expect(await call).to.equal("UNAVAILABLE unknown local");
	});

	it("draining twice is draining once", async () => {
		await rig.start();
		const server = await rig.worker();
		await Promise.all([server.drain(), server.drain()]);
		await Promise.all([rig.queue.drain(), rig.queue.drain()]);
		expect((await failureOf(() => server.drain())).status).to.equal("FAILED_PRECONDITION");
	});
});
