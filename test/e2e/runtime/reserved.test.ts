import { expect } from "chai";
import {
	connect,
	type Description,
	defineService,
	homingDescriptor,
	Queue,
	type QueueOptions,
	Server,
	type ServerOptions,
} from "../../../packages/runtime/src/index.js";
import { Dealer, Request } from "../../../packages/zmtp/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledgerService, vaultService } from "../../support/runtime/ledger.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";
import { failureIn, kinds, offer, pack, unpack } from "../../support/runtime/wire.js";

const homing = homingDescriptor.methods;

describe("the reserved service of a server", () => {
	const own = closeAfterEach();

	async function serve(options: ServerOptions = {}) {
		const server = own(new Server(options))
			.add(echoService())
			.add(ledgerService())
			.add(vaultService(() => undefined));
		return { server, connection: own(connect(await server.bind(anyPort))) };
	}

	it("describes forms, parameters, results, channels and errors, as JSON Schema", async () => {
		const { connection } = await serve();
		const { role, protocol, instance, services } = await connection.call(homing.describe, []);
		expect({ role, protocol }).deep.equal({ role: "server", protocol: 1 });
		expect(instance).match(/^[0-9a-f]{16}$/);
		expect(services.map(({ name, schemaHashes }) => [name, ...schemaHashes])).deep.equal([
			["Echo", "e"],
			["Ledger", "l"],
			["Vault", "v"],
		]);
		const [echoes, ledger, vault] = services.map(({ methods }) => methods!);
		const { order, note } = echoes!;
		expect(order).deep.equal({
			form: "unary",
			isIdempotent: false,
			arguments: {
				type: "array",
				items: false,
				minItems: 1,
				maxItems: 1,
				prefixItems: [
					{
						title: "order",
						type: "object",
						properties: {
							to: { type: "string" },
							cents: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
						},
						required: ["to", "cents"],
					},
				],
			},
			result: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
			channels: [],
			errors: {},
		});
		expect(note)
			.include({ form: "one-way" })
			.deep.include({ result: { type: "null" } });
		expect(ledger!["list"]).include({ form: "stream" });
		expect(ledger!["sum"]!.channels.map(({ kind }) => kind)).deep.equal(["input"]);
		expect(ledger!["audit"]!.channels[1]).deep.include({ kind: "callback", result: { type: "boolean" } });
		expect(Object.keys(vault!["withdraw"]!.errors)).deep.equal(["InsufficientFunds", "AccountClosed"]);
		expect(vault!["withdraw"]!.errors["AccountClosed"]).deep.equal({ status: "NOT_FOUND", data: { type: "null" } });
	});

	it("describes one service where one is named, and none that is not there", async () => {
		const { connection } = await serve();
		const { services } = await connection.call(homing.describe, ["Echo"]);
		expect(services.map(({ name }) => name)).deep.equal(["Echo"]);
		expect(await verdict(connection.call(homing.describe, ["Nobody"]))).equal("NOT_FOUND failed peer");
		expect(await verdict(connection.call(homing.describe, ["homing"]))).equal("NOT_FOUND failed peer");
	});

	it("describes nothing where that is switched off; the rest is answered", async () => {
		const { connection } = await serve({ isDescribed: false });
		expect(await verdict(connection.call(homing.describe, []))).equal("PERMISSION_DENIED failed peer");
		expect(await connection.call(homing.ping, [])).include({ role: "server" });
	});

	it("answers beyond the concurrency, and while it drains", async () => {
		const gate = deferred();
		const server = own(new Server({ concurrency: 1 })).add(echoService({ work: () => gate.promise }));
		const endpoint = await server.bind(anyPort);
		const [connection, other] = [own(connect(endpoint)), own(new Dealer({ linger: 0 }))];
		other.connect(endpoint);
		const call = connection.call(echo.work, [1]);
		const waiting = connection.call(echo.say, ["waits"]);
		await until(() => server.stats().waiting === 1);
		expect(await connection.call(homing.stats, [])).include({ running: 1, waiting: 1 });
		expect(await connection.call(homing.health, [])).deep.equal({ status: "SERVING", services: { Echo: "SERVING" } });
		await until(() => server.stats().peers === 2);
		const drained = server.drain();
		// A client of another kind, which does not go elsewhere.
		await other.receive();
		await other.send(["token", "", "homing.health", "[]"]);
		expect(JSON.parse(String((await other.receive())[2]))).deep.equal({
			status: "DRAINING",
			services: { Echo: "DRAINING" },
		});
		gate.resolve();
		await Promise.all([call, waiting, drained]);
	});

	it("refuses a user's service of its name", () => {
		const service = defineService({ name: "homing", schemaHash: "x", methods: {} }, {});
		expect(() => new Server().add(service)).throw(/no service can be named homing/);
	});
});

describe("the reserved service of a queue", () => {
	const own = closeAfterEach();

	async function start(options: Partial<QueueOptions> = {}) {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, repWorkers: anyPort, ...options }));
		const { clients, workers } = await queue.start();
		return { queue, workers: workers[0]!, clients: clients[0]!, connection: own(connect(clients[0]!)) };
	}

	async function join(workers: string, server: Server): Promise<Server> {
		await server.join(workers);
		return server;
	}

	it("is the queue's own, and needs no worker", async () => {
		const { connection } = await start();
		expect(await connection.call(homing.ping, [])).include({ role: "queue" });
		expect(await connection.call(homing.health, [])).deep.equal({ status: "SERVING", services: {} });
		expect(await connection.call(homing.stats, [])).deep.include({ inFlight: 0, workers: [] });
		expect((await connection.call(homing.describe, [])).services).deep.equal([]);
	});

	it("lists what workers offer, with every version, and has a worker describe one service", async () => {
		const { queue, workers, connection } = await start();
		const server = await join(workers, own(new Server()).add(echoService()).add(ledgerService()));
		const raw = own(new Dealer({ linger: 0 }));
		raw.connect(workers);
		await raw.send(["", Buffer.of(kinds.READY), offer({ Echo: "newer", homing: "mine" })]);
		await until(() => queue.stats().workers.length === 2);
		const { role, services } = await connection.call(homing.describe, []);
		expect(role).equal("queue");
		expect(services).deep.equal([
			{ name: "Echo", schemaHashes: ["e", "newer"], workers: 2, versions: { e: 1, newer: 1 } },
			{ name: "Ledger", schemaHashes: ["l"], workers: 1 },
		]);
		const described: Description = await connection.call(homing.describe, ["Ledger"]);
		expect(described).include({ role: "server" });
		expect(Object.keys(described.services[0]!.methods!)).include.members(["list", "sum"]);
		expect(await verdict(connection.call(homing.describe, ["Nobody"]))).equal("NOT_FOUND not-started peer");
		await server.close();
		await until(() => queue.stats().workers.length === 1);
		expect((await connection.call(homing.health, [])).services).deep.equal({ Echo: "SERVING", Ledger: "NOT_SERVING" });
	});

	it("has a worker behind another queue describe a service", async () => {
		const { workers, connection, queue } = await start();
		const below = await start({ upstream: workers });
		await join(below.workers, own(new Server()).add(echoService()));
		await until(async () => (await connection.call(homing.describe, [])).services.length === 1);
		expect(await connection.call(homing.describe, ["Echo"])).include({ role: "server" });
		expect(queue.stats()).include({ inFlight: 0, waiting: 0 });
	});

	it("describes nothing where that is switched off, at the queue or at the worker", async () => {
		const { connection } = await start({ isDescribed: false });
		expect(await verdict(connection.call(homing.describe, []))).equal("PERMISSION_DENIED not-started peer");
		const { connection: open, workers, queue } = await start();
		await join(workers, own(new Server({ isDescribed: false })).add(echoService()));
		await until(() => queue.stats().workers.length === 1);
		expect(await verdict(open.call(homing.describe, ["Echo"]))).equal("PERMISSION_DENIED failed peer");
	});

	it("answers bare requests, in JSON and msgpack, and refuses nonsense with a reason", async () => {
		const { clients } = await start();
		const request = own(new Request({ linger: 0 }));
		request.connect(clients);
		const ask = async (method: string, args: Uint8Array | string) => {
			await request.send([method, args]);
			return request.receive();
		};
		expect(JSON.parse(String((await ask("homing.ping", "[]"))[0]))).include({ role: "queue" });
		expect(unpack((await ask("homing.ping", pack([])))[0]!)).include({ role: "queue" });
		expect(failureIn(await ask("homing.nothing", "[]"))).include({ status: 12 });
		expect(failureIn(await ask("homing.describe", "[7]"))).include({ status: 3 });
		expect(failureIn(await ask("homing.describe", Buffer.of(0xc1)))).include({ status: 3 });
	});
});
