import { expect } from "chai";
import { Reply, Request } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { until, verdict } from "../../support/runtime/until.js";
import { failureIn, flags, pack } from "../../support/runtime/wire.js";

describe("plain REQ and REP sockets", () => {
	const rig = new QueueRig();

	/** A REP socket that serves for ever: six lines, as in any language. */
	function plainWorker(socket: Reply, name: string): void {
		rig.own(socket);
		void (async () => {
			for await (const [method, args] of socket) {
				void method;
				await socket.send(pack(`${String(args!.subarray(2))} by ${name}`));
			}
		})();
	}

	it("a bound REP serves our client, whose envelope it echoes without knowing of it", async () => {
		const socket = new Reply();
		plainWorker(socket, "REP");
		await socket.bind(anyPort);
		expect(await rig.connect(socket.lastEndpoint!, fast).call(echo.say, ["a"])).to.equal("a by REP");
	});

	it("REPs at a queue share the load, one call each at a time", async () => {
		await rig.start();
		for (const name of ["one", "two"]) {
			const socket = new Reply();
			plainWorker(socket, name);
			socket.connect(rig.repWorkers);
		}
		await until(() => rig.queue.stats().workers.length === 2);
		const client = rig.client();
		const answers = await Promise.all(Array.from({ length: 40 }, () => client.call(echo.say, ["a"])));
		expect(new Set(answers)).to.deep.equal(new Set(["a by one", "a by two"]));
		expect(rig.queue.stats()).to.include({ answered: 40, inFlight: 0 });
	});

	it("calls that came before the first REP wait for it", async () => {
		await rig.start({ discoveryMs: 60_000 });
		const call = rig.client().call(echo.say, ["early"]);
		await until(() => rig.queue.stats().waiting === 1);
		const socket = new Reply();
		plainWorker(socket, "REP");
		socket.connect(rig.repWorkers);
		expect(await call).to.equal("early by REP");
	});

	it("REPs may be named the services they serve; others are unknown", async () => {
		await rig.start({ repServices: ["Echo"], discoveryMs: 0 });
		const socket = new Reply();
		plainWorker(socket, "REP");
		socket.connect(rig.repWorkers);
		await until(() => rig.queue.stats().workers.length === 1);
		expect(rig.queue.stats().workers[0]!.services).to.deep.equal(["Echo"]);
		expect(await rig.client().call(echo.say, ["a"])).to.equal("a by REP");
		const request = rig.own(new Request({ linger: 0 }));
		request.connect(rig.clients);
		await request.send(["Other.say", "[]"]);
		expect(failureIn(await request.receive()).status).to.equal(12);
	});

	it("a REP that is stuck is given up at the deadline: its call that may be repeated is not started again after it", async () => {
		await rig.start();
		const stuck = rig.own(new Reply({ linger: 0, reconnectInterval: 60_000 }));
		stuck.connect(rig.repWorkers);
		await until(() => rig.queue.stats().workers.length === 1);
		const call = verdict(rig.client().call(echo.say, ["a"], { timeoutMs: 60 }));
		await stuck.receive();
		expect(await call).to.match(/^DEADLINE_EXCEEDED unknown/);
		await until(() => rig.queue.stats().workers.length === 0);
		await until(() => rig.queue.stats().inFlight + rig.queue.stats().waiting === 0);
	});

	it("a REQ calls a server with two strings, in JSON and in msgpack", async () => {
		const [, endpoint] = await rig.serve();
		const request = rig.own(new Request({ linger: 0 }));
		request.connect(endpoint);
		await request.send(["Echo.say", '["a"]']);
		expect((await request.receive()).map(String)).to.deep.equal(['"a"']);
		await request.send(["Echo.say", pack(["a"])]);
		expect(await request.receive()).to.deep.equal([pack("a")]);
		await request.send(["Echo.note", '["one-way for others: a REQ waits for an answer"]']);
		expect((await request.receive()).map(String)).to.deep.equal(["null"]);
		await request.send(["Echo.say", '{"a":']);
		expect(failureIn(await request.receive())).to.include({ status: 3, flags: flags.NOT_STARTED });
		await request.send(["Echo.say", "[1, 2"]);
		expect(failureIn(await request.receive())).to.include({ status: 3, flags: flags.NOT_STARTED | flags.JSON });
	});
});
