/**
 * Generated clients for browsers: in Chromium, with the packages as they are published, and, for who has none, in a context
 * of this Node that has no more than a browser. What both do is in calls-page.ts, bundled without a polyfill.
 */
import { type AddressInfo, connect as connectTcp } from "node:net";
import { pipeline } from "node:stream";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { expect } from "chai";
import { bearerAuth, type CallContext, Queue, RpcError, Server } from "../../packages/runtime/src/index.js";
import { type Message, type Peer, Port } from "../../packages/zmtp/src/port.js";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { anyPort } from "../support/runtime/endpoints.js";
import { framesOf } from "../support/runtime/messages.js";
import { type Deferred, deferred, until } from "../support/runtime/until.js";
import { kinds } from "../support/runtime/wire.js";
import { testTls } from "../support/zmtp/certificate.js";
import { leavesNothingOpen } from "../support/zmtp/open-handles.js";
import { workshopService } from "./generated/workshop.js";
import { type Call, inBareContext, inChromium } from "./hosts.js";
import { SoldOut, type Workshop } from "./workshop.js";

const anyWebSocket = "ws://127.0.0.1:0";

/** What one server has been told. */
class Log {
	readonly notes: string[] = [];
	readonly begun = deferred();
	readonly aborted = deferred<unknown>();
	readonly counted: Deferred<number> = deferred();
	calls = 0;
}

type Handlers = Parameters<typeof workshopService>[0];

function handlersOf(log: Log): Handlers {
	return {
		mirror: (parcel) => parcel,
		take(item, count) {
			if (count > 1000) throw new SoldOut(`1000 ${item}s are all there is`, { left: 1000 });
			return 1000 - count;
		},
		*count() {
			let number = 0;
			try {
				for (; ; number++) yield number;
			} finally {
				log.counted.resolve(number);
			}
		},
		async sum(numbers) {
			let sum = 0;
			for await (const number of numbers) sum += number;
			return sum;
		},
		async ask(questions, answer, onDone) {
			const answers: string[] = [];
			for (const question of questions) {
				answers.push(await answer(question));
				onDone(answers.length);
			}
			return answers;
		},
		wait({ signal }: CallContext) {
			log.begun.resolve();
			return new Promise((_, reject) => {
				signal.addEventListener("abort", () => {
					log.aborted.resolve(signal.reason);
					reject(signal.reason);
				});
			});
		},
		note: (text) => void log.notes.push(text),
		caller: ({ metadata }) => `${metadata["name"]}, ${metadata["authorization"]}`,
	} satisfies Handlers & { [Name in keyof Workshop]: unknown };
}

type Own = ReturnType<typeof closeAfterEach>;

/** Has somebody serve at an endpoint. Resolves to it as it was bound, and to what ends it all. */
type Serve = (
	own: Own,
	handlers: Handlers,
	endpoint?: string,
) => Promise<readonly [endpoint: string, end: () => Promise<unknown>]>;

const serveItself: Serve = async (own, handlers, endpoint = anyWebSocket) => {
	const server = own(new Server()).add(workshopService(handlers));
	return [await server.bind(endpoint), () => server.close()];
};

const serveBehindQueue: Serve = async (own, handlers, endpoint = anyWebSocket) => {
	const queue = own(new Queue({ clients: endpoint, workers: anyPort }));
	const { clients, workers } = await queue.start();
	const server = own(new Server()).add(workshopService(handlers));
	await server.join(workers[0]!);
	await until(() => queue.stats().workers.length > 0);
	return [clients[0]!, () => Promise.all([queue.close(), server.close()])];
};

function defineCalls(call: Call, serve: Serve): void {
	const own = closeAfterEach();
	let log: Log;
	let endpoint: string;
	let end: () => Promise<unknown>;

	beforeEach(async () => {
		log = new Log();
		[endpoint, end] = await serve(own, handlersOf(log));
		await call("open", endpoint);
	});
	afterEach(() => call("close"));

	it("gets dates, octets, bigints, maps and sets as they were, small and large", async () => {
		for (const size of [0, 10, 1_000_000]) expect(await call("mirror", size)).deep.equal([]);
	});

	it("has many calls at a time", async () => {
		expect(await call("takeMany", 1000)).equal(1000);
	});

	it("catches a declared error as its class, with its data", async () => {
		expect(await call("takeTooMuch")).equal("SoldOut 1000 1000 nails are all there is FAILED_PRECONDITION failed peer");
	});

	it("is told what is wrong with an argument before anything is sent", async () => {
		expect(await call("takeNonsense")).equal(
			'INVALID_ARGUMENT not-started local Workshop.take: count: expected a number, got "many"',
		);
	});

	it("reads a stream, and leaving it ends the server's generator", async () => {
		const numbers = Array.from({ length: 3001 }, (_, index) => index);
		expect(await call("count", 3000)).deep.equal(numbers);
		expect(await log.counted.promise).least(3000);
	});

	it("sends a stream", async () => {
		expect(await call("sum", 3000)).equal((3000 * 3001) / 2);
	});

	it("is called back, with and without an answer", async () => {
		expect(await call("ask", ["a", "b"])).deep.equal({ answers: ["A", "B"], done: [1, 2] });
	});

	it("sends one-way calls in their order", async () => {
		for (const text of ["one", "two", "three"]) await call("note", text);
		await until(() => log.notes.length === 3);
		expect(log.notes).deep.equal(["one", "two", "three"]);
	});

	it("ends a call at its deadline, there and here", async () => {
		// Whoever sees first that the time is up.
		expect(await call("waitFor", 50)).match(/^DEADLINE_EXCEEDED (unknown local|failed peer)$/);
		expect(await log.aborted.promise).include({ status: "DEADLINE_EXCEEDED" });
	});

	it("ends a call by an AbortSignal, there and here", async () => {
		await call("beginWaiting");
		await log.begun.promise;
		expect(await call("cancelWaiting")).equal("CANCELLED unknown local");
		expect(await log.aborted.promise).include({ status: "CANCELLED" });
	});

	it("sends what interceptors add", async () => {
		expect(await call("caller")).equal("a page, Bearer secret");
	});

	it("tells calls that their server was lost, and finds it again when it is back", async () => {
		await call("beginWaiting");
		await log.begun.promise;
		await end();
		await call("lost");
		expect(await call("endOfWaiting")).matches(/^(UNAVAILABLE|CANCELLED) /);
		const waiting = call("caller");
		await serve(own, handlersOf(log), endpoint);
		expect(await waiting).equal("a page, Bearer secret");
	});
}

/** What depends on servers that are found by themselves. */
function defineOwnWays(call: Call): void {
	const own = closeAfterEach();
	afterEach(() => call("close"));

	it("makes a call again that a server had no time for", async () => {
		let calls = 0;
		const caller = () => {
			if (++calls < 3) throw new RpcError("UNAVAILABLE", "not now");
			return "at last";
		};
		const [endpoint] = await serveItself(own, { ...handlersOf(new Log()), caller });
		await call("open", endpoint);
		expect(await call("callerRetried")).deep.equal(["at last", 2]);
	});

	it("hedges a call that the first server does not answer", async () => {
		let calls = 0;
		const caller = () => (++calls === 1 ? new Promise<string>(() => {}) : "the other one");
		const served = [0, 1].map(() => serveItself(own, { ...handlersOf(new Log()), caller }));
		const endpoints = (await Promise.all(served)).map(([endpoint]) => endpoint);
		await call("open", endpoints);
		await call("ready");
		expect(await call("callerHedged")).deep.equal(["the other one", 1]);
	});

	it("has large octets beside the body, of arguments and of results", async () => {
		const asked: number[] = [];
		const handler = {
			onPeerReady: () => {},
			onPeerLost: () => {},
			onWritable: () => {},
			onMessage: (peer: Peer, message: Message) => {
				const [token, empty, , body, ...beside] = framesOf(message);
				asked.push(...beside.map(({ length }) => length));
				const writer = peer.begin();
				// The list of the one argument has a head of one octet; without it that is the result.
				for (const frame of [token!, empty!, Buffer.of(kinds.RESULT, 0), body!.subarray(1)]) writer.frame(frame, true);
				writer.frame(beside[0]!, false);
				peer.commit();
			},
		};
		const says = ["X-Homing", "X-Homing-Octets"].map((name) => [name, Buffer.from("1")] as const);
		const server = own(new Port("ROUTER", { linger: 0 }, handler, says));
		await call("open", await server.bind(anyWebSocket));
		expect(await call("mirror", 1_000_000)).deep.equal([]);
		expect(asked).deep.equal([1_000_000]);
	});

	it("is known by its token", async () => {
		const verify = (token: string) => (token === "secret" ? "ada" : undefined);
		const server = own(new Server({ interceptors: [bearerAuth({ verify })] }));
		server.add(workshopService({ ...handlersOf(new Log()), caller: () => "let in" }));
		await call("open", await server.bind(anyWebSocket));
		expect(await call("caller")).equal("let in");
	});

	it("is sent away by a server that drains, and told so", async () => {
		const server = own(new Server()).add(workshopService(handlersOf(new Log())));
		await call("open", await server.bind(anyWebSocket));
		await call("ready");
		const lost = call("lost");
		await server.drain();
		await lost;
	});
}

function defineAll(call: Call): void {
	it("has nothing of Node", async () => {
		expect(await call("traces")).deep.equal([]);
	});

	it("says what a browser cannot do", async () => {
		expect(await call("refusals")).deep.equal(["EPROTONOSUPPORT", "ENOTSUP", "ENOTSUP"]);
	});

	describe("with a server", () => defineCalls(call, serveItself));
	describe("with a queue", () => defineCalls(call, serveBehindQueue));
	describe("on its own", () => defineOwnWays(call));
}

describe("a generated client in a context without Node", () => {
	leavesNothingOpen();
	defineAll(inBareContext("calls-page.ts"));
});

describe("a generated client in Chromium", function () {
	this.timeout(60_000);
	const call = inChromium("calls-page.ts", "runtime");
	it("is under a policy that forbids code made of strings", async () => {
		expect(await call("evaluates")).equal(false);
	});
	defineAll(call);

	const own = closeAfterEach();
	it("calls over wss what stands behind a proxy that has the certificate", async () => {
		const [endpoint] = await serveItself(own, handlersOf(new Log()));
		const proxy = createTlsServer(testTls as TlsOptions, (outer) => {
			const inner = connectTcp(Number(new URL(endpoint).port), "127.0.0.1");
			// Whichever end goes, goes with the other.
			pipeline(outer, inner, outer, () => {});
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
		try {
			await call("open", `wss://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
			expect(await call("caller")).equal("a page, Bearer secret");
			await call("close");
		} finally {
			proxy.close();
		}
	});

	it("works in a worker of the page's", async () => {
		const [endpoint] = await serveItself(own, handlersOf(new Log()));
		expect(await call("callerOfWorker", endpoint)).equal("a page, Bearer secret");
	});
});
