import { once } from "node:events";
import { expect } from "chai";
import {
	type AuthenticationRequest,
	type CallContext,
	type ClientSecurity,
	connect,
	curveKeyPair,
	curvePublicKey,
	Queue,
	type QueueOptions,
	Server,
	type ServerSecurity,
} from "../../../packages/runtime/src/index.js";
import { echo, echoService } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { deferred, failureOf } from "../../support/runtime/until.js";

const serverKeys = curveKeyPair();
const clientKeys = curveKeyPair();
const { publicKey: serverKey } = serverKeys;

/** Answers with whom it takes the caller for. */
const whoami = { say: (_: string, { peer }: CallContext) => peer.userId ?? "nobody" };

const asPigeon: ServerSecurity = {
	keyPair: serverKeys,
	authenticate: ({ publicKey }) => publicKey === clientKeys.publicKey && { userId: "pigeon" },
};

describe("security", () => {
	const rig = new EchoRig(() => anyPort);

	async function ask(client: ClientSecurity | undefined, server: ServerSecurity | undefined): Promise<string> {
		const [connection] = await rig.pair(
			whoami,
			server === undefined ? {} : { security: server },
			client === undefined ? {} : { security: client },
		);
		return connection.call(echo.say, ["who am I?"]);
	}

	it("CURVE: a call is answered, and the handler knows the user id that authenticate gave", async () => {
		expect(await ask({ serverKey, keyPair: clientKeys }, asPigeon)).to.equal("pigeon");
	});

	it("CURVE: whoever was let in by a bare yes is known by the public key", async () => {
		const asked: AuthenticationRequest[] = [];
		const authenticate = (request: AuthenticationRequest) => asked.push(request) > 0;
		const userId = await ask({ serverKey, keyPair: clientKeys }, { keyPair: serverKeys, authenticate });
		expect(userId).to.equal(clientKeys.publicKey);
		expect(asked).to.deep.equal([{ mechanism: "CURVE", address: "127.0.0.1", publicKey: clientKeys.publicKey }]);
	});

	it("CURVE: without authenticate everybody who knows the server's key comes in, and is nobody", async () => {
		expect(await ask({ serverKey }, { keyPair: { secretKey: serverKeys.secretKey } })).to.equal("nobody");
	});

	it("CURVE: a client that names no keys has new ones on every link", async () => {
		const seen: (string | undefined)[] = [];
		const server = rig.server(whoami, { security: { keyPair: serverKeys, authenticate: () => true } });
		const endpoint = await server.bind(anyPort);
		for (let i = 0; i < 2; i++) {
			seen.push(await rig.connect(endpoint, { security: { serverKey } }).call(echo.say, ["who am I?"]));
		}
		expect(new Set(seen).size).to.equal(2);
		expect(seen.map((key) => key?.length)).to.deep.equal([40, 40]);
	});

	it("PLAIN: a call is answered, and the handler knows the username", async () => {
		const security: ServerSecurity = {
			mechanism: "PLAIN",
			authenticate: async ({ username, password }) => username === "pigeon" && password === "coo",
		};
		expect(await ask({ username: "pigeon", password: "coo" }, security)).to.equal("pigeon");
	});

	it("without security nobody is anybody, and the peer has its address all the same", async () => {
		const told = deferred<CallContext["peer"]>();
		const [connection] = await rig.pair({ say: (_, { peer }) => told.resolve(peer) ?? "" });
		await connection.call(echo.say, [""]);
		const peer = await told.promise;
		expect(peer.userId).to.equal(undefined);
		expect(peer.address).to.match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
	});

	const strangers: readonly [name: string, client: ClientSecurity | undefined, server: ServerSecurity | undefined][] = [
		["another server's key", { serverKey: clientKeys.publicKey }, { keyPair: serverKeys }],
		["a key that is not let in", { serverKey }, asPigeon],
		[
			"a wrong password",
			{ username: "pigeon", password: "moo" },
			{ mechanism: "PLAIN", authenticate: ({ password }) => password === "coo" },
		],
		["no keys at a server that wants some", undefined, { keyPair: serverKeys }],
		["keys at a server that has none", { serverKey }, undefined],
		[
			"an authenticate that fails",
			{ serverKey },
			{
				keyPair: serverKeys,
				authenticate: () => {
					throw new Error("the directory is down");
				},
			},
		],
	];
	for (const [name, client, security] of strangers) {
		it(`${name}: both sides are told of a stranger, and the call ends by its deadline with the cause`, async () => {
			let served = 0;
			const say = () => String(++served);
			const server = rig.server({ say }, security === undefined ? {} : { security });
			const kept = once(server, "stranger");
			const endpoint = await server.bind(anyPort);
			const connection = rig.connect(endpoint, { ...fast, ...(client === undefined ? {} : { security: client }) });
			const told = once(connection, "stranger") as Promise<[{ error: Error }]>;
			const [[{ error }]] = await Promise.all([told, kept]);
			const failure = await failureOf(connection.call(echo.say, ["hello"], { timeoutMs: 20 }));
			expect(failure).to.include({ status: "DEADLINE_EXCEEDED", outcome: "not-started", origin: "local" });
			expect(failure.cause).to.be.instanceOf(Error);
			expect(failure.message).to.include((failure.cause as Error).message);
			expect(error.message).to.not.equal("");
			expect(served).to.equal(0);
		});
	}

	it("half of a security is refused where it is given, not taken for none", async () => {
		const missing = undefined as unknown as string;
		const halves: unknown[] = [
			{},
			{ serverKey: missing },
			{ serverKey: missing, keyPair: clientKeys },
			{ username: "pigeon" },
			{ keyPair: missing },
			{ keyPair: { secretKey: "" } },
			{ keyPair: missing, authenticate: () => true },
			{ mechanism: "PLAIN" },
		];
		for (const half of halves) {
			const security = half as ClientSecurity & ServerSecurity;
			expect(() => connect(anyPort, { security }), JSON.stringify(half)).to.throw(TypeError);
			expect(() => new Queue({ clients: anyPort, workers: anyPort, clientSecurity: security })).to.throw(TypeError);
			const bound = await rig
				.server({}, { security })
				.bind(anyPort)
				.catch((error: unknown) => error);
			expect(bound).to.be.instanceOf(TypeError);
		}
	});

	it("keys that are none, or do not belong together, are told by bind() and connect()", async () => {
		const codeOf = (error: { code: string }) => error.code;
		const server = rig.server({}, { security: { keyPair: { secretKey: "short" } } });
		expect(await server.bind(anyPort).then(() => "bound", codeOf)).to.equal("EINVAL");
		const mixed = { publicKey: clientKeys.publicKey, secretKey: serverKeys.secretKey };
		const other = rig.server({}, { security: { keyPair: mixed } });
		expect(await other.bind(anyPort).then(() => "bound", codeOf)).to.equal("EINVAL");
		expect(() => connect("tcp://127.0.0.1:1", { security: { serverKey: "short" } })).to.throw(/key/i);
	});

	it("the public key follows from the secret one", () => {
		expect(curvePublicKey(serverKeys.secretKey)).to.equal(serverKey);
	});
});

describe("security of a queue", () => {
	const rig = new EchoRig(() => anyPort);
	const workerKeys = curveKeyPair();
	const queueKeys = curveKeyPair();

	const security = {
		clientSecurity: { keyPair: serverKeys, authenticate: ({ publicKey }) => publicKey === clientKeys.publicKey },
		workerSecurity: { keyPair: queueKeys, authenticate: ({ publicKey }) => publicKey === workerKeys.publicKey },
	} satisfies Partial<QueueOptions>;

	async function start(options: Partial<QueueOptions> = security) {
		const queue = rig.own(new Queue({ clients: anyPort, workers: anyPort, ...options }));
		const { clients, workers } = await queue.start();
		return { queue, clients: clients[0]!, workers: workers[0]! };
	}

	it("calls go through with a key for each side, and the queue is nobody to its workers", async () => {
		const { clients, workers } = await start();
		const queueSecurity = { serverKey: queueKeys.publicKey, keyPair: workerKeys };
		await rig.server(whoami, { queueSecurity }).join(workers);
		const connection = rig.connect(clients, { security: { serverKey, keyPair: clientKeys } });
		expect(await connection.call(echo.say, ["who am I?"])).to.equal("nobody");
	});

	it("a worker without the right key never serves, and a client with a worker's key never calls", async () => {
		const { queue, clients, workers } = await start();
		const keptOut = once(queue, "stranger");
		const impostor = rig.server(whoami, { ...fast, queueSecurity: { serverKey: queueKeys.publicKey } });
		const told = once(impostor, "stranger");
		const joining = impostor.join(workers).catch((error: Error) => error.message);
		await Promise.all([keptOut, told]);
		expect(queue.stats().workers).to.deep.equal([]);
		const connection = rig.connect(clients, { ...fast, security: { serverKey, keyPair: workerKeys } });
		await once(connection, "stranger");
		const failure = await failureOf(connection.call(echo.say, ["hello"], { timeoutMs: 20 }));
		expect(failure).to.include({ status: "DEADLINE_EXCEEDED", outcome: "not-started" });
		expect(failure.message).to.include(clients);
		expect(queue.stats().clients).to.equal(0);
		await impostor.close();
		expect(await joining).to.include("closed");
	});

	it("a queue joins another by its key, as a worker does", async () => {
		const upper = await start();
		const lower = await start({
			upstream: upper.workers,
			upstreamSecurity: { serverKey: queueKeys.publicKey, keyPair: workerKeys },
		});
		await rig.server().join(lower.workers);
		const connection = rig.connect(upper.clients, { security: { serverKey, keyPair: clientKeys } });
		expect(await connection.call(echo.say, ["from above"])).to.equal("from above");
	});

	it("one side may be open and the other not", async () => {
		const { clients, workers } = await start({ workerSecurity: security.workerSecurity });
		await rig.server({}, { queueSecurity: { serverKey: queueKeys.publicKey, keyPair: workerKeys } }).join(workers);
		expect(await rig.connect(clients).call(echo.say, ["open"])).to.equal("open");
	});

	it("a server that is bound and joined has one security here and another there", async () => {
		const { clients, workers } = await start({ workerSecurity: security.workerSecurity });
		const server = rig.own(
			new Server({
				security: asPigeon,
				queueSecurity: { serverKey: queueKeys.publicKey, keyPair: workerKeys },
			}),
		);
		server.add(echoService(whoami));
		const endpoint = await server.bind(anyPort);
		await server.join(workers);
		const direct = rig.connect(endpoint, { security: { serverKey, keyPair: clientKeys } });
		expect(await direct.call(echo.say, [""])).to.equal("pigeon");
		expect(await rig.connect(clients).call(echo.say, [""])).to.equal("nobody");
	});
});
