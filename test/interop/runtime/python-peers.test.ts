import { expect } from "chai";
import { Server } from "../../../packages/runtime/src/index.js";
import { window } from "../../../packages/runtime/src/stream/window.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { needsPyzmq, PythonPeer } from "../../support/runtime/python.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { failureOf, until, verdict } from "../../support/runtime/until.js";
import { failureIn, flags, pack } from "../../support/runtime/wire.js";

describe("peers in Python, on libzmq", () => {
	needsPyzmq();
	const rig = new QueueRig();
	const python = (...args: string[]) => rig.own(new PythonPeer(...args));

	/** What a REQ socket gets for two strings: method and arguments, in JSON and in msgpack. */
	async function ask(endpoint: string, method: string, text: string): Promise<Buffer[][]> {
		const answers = await python("client", endpoint, method, text).next<string[][]>();
		return answers.map((frames) => frames.map((frame) => Buffer.from(frame, "hex")));
	}

	describe("a REQ socket with two strings", () => {
		const callee = async (what: string): Promise<string> => {
			if (what === "a server") return (await rig.serve({ say: async (text) => `${text}!` }))[1];
			await rig.start({ discoveryMs: 0 });
			await rig.worker({ say: async (text) => `${text}!` });
			return rig.clients;
		};

		for (const what of ["a server", "a queue"]) {
			it(`calls ${what}, and is answered in the codec it used`, async () => {
				const endpoint = await callee(what);
				expect(await ask(endpoint, "Echo.say", "grüß Gott")).to.deep.equal([
					[Buffer.from('"grüß Gott!"')],
					[pack("grüß Gott!")],
				]);
			});

			it(`is told by ${what} what went wrong, in the codec it used`, async () => {
				const endpoint = await callee(what);
				const [inJson, inMsgpack] = await ask(endpoint, "Echo.nothing", "a");
				expect(failureIn(inJson!)).to.include({ status: 12, flags: flags.NOT_STARTED | flags.JSON });
				expect(failureIn(inMsgpack!)).to.include({ status: 12, flags: flags.NOT_STARTED });
			});

			it(`with a wrong argument is told by ${what} where it is wrong`, async () => {
				const endpoint = await callee(what);
				for (const answer of await ask(endpoint, "Echo.order", "a")) {
					expect(failureIn(answer)).to.include({
						status: 3,
						message: 'Echo.order: order: expected an object, got "a"',
					});
				}
			});
		}

		it("is told by a queue that there is no such service", async () => {
			await rig.start({ discoveryMs: 0 });
			await until(async () => failureIn((await ask(rig.clients, "Nobody.knows", "a"))[0]!).status === 12);
		});
	});

	describe("plain REP workers at a queue", () => {
		it("serve calls of any client: the queue reads neither", async () => {
			await rig.start();
			await Promise.all([1, 2, 3].map(() => python("worker", rig.repWorkers).next()));
			await until(() => rig.queue.stats().workers.length === 3);
			const client = rig.client();
			const calls = Array.from({ length: 60 }, (_, at) => client.call(echo.say, [String(at)]));
			expect(await Promise.all(calls)).to.deep.equal(Array.from({ length: 60 }, (_, at) => `${at} from Python`));
			expect(rig.queue.stats().workers.map(({ served }) => served > 0)).to.deep.equal([true, true, true]);
			const answers = await ask(rig.clients, "Echo.say", "REQ");
			expect(answers[1]).to.deep.equal([pack("REQ from Python")]);
		});

		it("take one call at a time", async () => {
			await rig.start();
			await python("worker", rig.repWorkers).next();
			await until(() => rig.queue.stats().workers.length === 1);
			expect(rig.queue.stats().workers[0]).to.include({ concurrency: 1, state: "ready" });
		});

		it("that do not answer are given up at the deadline, and their calls go to another if they may be repeated", async () => {
			await rig.start();
			const silent = python("silent-worker", rig.repWorkers);
			await silent.next();
			await until(() => rig.queue.stats().workers.length === 1);
			const client = rig.client();
			expect(await verdict(client.call(echo.risky, ["a"], { timeoutMs: 100 }))).to.match(/^DEADLINE_EXCEEDED unknown/);
			await until(() => rig.queue.stats().lost === 1);
			await silent.close();
			await python("worker", rig.repWorkers).next();
			expect(await client.call(echo.say, ["b"])).to.equal("b from Python");
		});

		it("that die hand their call to another if it may be repeated", async () => {
			await rig.start();
			const doomed = python("silent-worker", rig.repWorkers);
			await doomed.next();
			const client = rig.client();
			const [say, risky] = [client.call(echo.say, ["a"]), client.call(echo.risky, ["b"])];
			await doomed.next();
			await python("worker", rig.repWorkers).next();
			expect(await risky).to.equal("b from Python");
			await doomed.close();
			expect(await say).to.equal("a from Python");
		});

		it("stand beside workers of ours: each service goes to who offers it", async () => {
			await rig.start();
			await rig.worker({ say: (text) => `${text} from TypeScript` });
			await python("worker", rig.repWorkers).next();
			await until(() => rig.queue.stats().workers.length === 2);
			const client = rig.client();
			expect(await client.call(echo.say, ["a"])).to.equal("a from TypeScript");
			expect((await ask(rig.clients, "Other.say", "b"))[1]).to.deep.equal([pack("b from Python")]);
		});
	});

	describe("libzmq's ROUTER/DEALER proxy between", () => {
		it("our client and our server", async () => {
			const [server, endpoint] = await rig.serve();
			const [front] = await python("proxy", endpoint).next<string[]>();
			const client = rig.connect(front!, fast);
			const texts = Array.from({ length: 500 }, (_, at) => "x".repeat(at));
			expect(await Promise.all(texts.map((text) => client.call(echo.say, [text])))).to.deep.equal(texts);
			client.notify(echo.note, ["one-way"]);
			expect(await verdict(client.call(echo.order, [{ to: "x", cents: 0 }]))).to.contain("INVALID_ARGUMENT");
			await until(() => server.stats().served === 501);
			expect(client.stats()).to.include({ droppedReplies: 0, inFlight: 0 });
		});

		it("our client and our server, two of them in a chain, large frames too", async () => {
			const [, endpoint] = await rig.serve();
			const [middle] = await python("proxy", endpoint).next<string[]>();
			const [front] = await python("proxy", middle!).next<string[]>();
			const client = rig.connect(front!, fast);
			const texts = [..."abc", "x".repeat(3 << 20)];
			expect(await Promise.all(texts.map((text) => client.call(echo.say, [text])))).to.deep.equal(texts);
		});

		it("our client and a REP worker", async () => {
			const [front, back] = await python("proxy").next<string[]>();
			await python("worker", back!).next();
			const client = rig.connect(front!, fast);
			const calls = Array.from({ length: 50 }, (_, at) => client.call(echo.say, [String(at)]));
			expect(await Promise.all(calls)).to.deep.equal(Array.from({ length: 50 }, (_, at) => `${at} from Python`));
		});

		it("our client and a REP worker, two of them in a chain", async () => {
			const endpoint = await python("bound-worker").next<string>();
			const [middle] = await python("proxy", endpoint).next<string[]>();
			const [front] = await python("proxy", middle!).next<string[]>();
			expect(await rig.connect(front!, fast).call(echo.say, ["a"])).to.equal("a from Python");
		});

		it("several servers of ours that join its back side as workers", async () => {
			const [front, back] = await python("proxy").next<string[]>();
			const servers = [rig.server({}, fast), rig.server({}, fast)];
			await Promise.all(servers.map((server) => server.join(back!)));
			const client = rig.connect(front!, fast);
			const texts = Array.from({ length: 100 }, (_, at) => String(at));
			expect(await Promise.all(texts.map((text) => client.call(echo.say, [text])))).to.deep.equal(texts);
			expect(servers.map((server) => server.stats().served)).to.deep.equal([50, 50]);
		});

		it("a stream of a window's items, and what needs follow-ups is refused with the reason", async () => {
			const server = rig.own(new Server()).add(
				ledgerService({
					*list(count) {
						for (let i = 0; i < count; i++) yield i;
					},
				}),
			);
			const [front] = await python("proxy", await server.bind(anyPort)).next<string[]>();
			const client = rig.connect(front!, fast);
			const items: number[] = [];
			const list = async (count: number) => {
				items.length = 0;
				for await (const item of client.stream(ledger.list, [count])) items.push(item);
			};
			await list(window.items);
			expect(items.length).equal(window.items);
			expect(await verdict(list(window.items + 1))).equal("FAILED_PRECONDITION failed peer");
			expect(items.length).equal(window.items);
			async function* amounts() {
				yield 1;
			}
			for (const refused of [
				client.call(ledger.sum, [], {}, [amounts()]),
				client.call(ledger.audit, [1], {}, [() => {}, async () => true]),
			]) {
				const failure = await failureOf(refused);
				expect(failure).include({ status: "FAILED_PRECONDITION", outcome: "not-started" });
				expect(failure.message).match(/this route cannot carry follow-ups$/);
			}
			expect(client.stats()).include({ inFlight: 0 });
			await until(() => server.stats().running === 0);
		});

		it("a REQ socket and our server", async () => {
			const [, endpoint] = await rig.serve();
			const [front] = await python("proxy", endpoint).next<string[]>();
			expect((await ask(front!, "Echo.say", "a"))[0]).to.deep.equal([Buffer.from('"a"')]);
		});

		it("a client and a queue", async () => {
			await rig.start();
			await rig.worker();
			const [front] = await python("proxy", rig.clients).next<string[]>();
			expect(await rig.connect(front!, fast).call(echo.say, ["a"])).to.equal("a");
		});
	});

	it("a bound REP worker is called by our client directly", async () => {
		const endpoint = await python("bound-worker").next<string>();
		expect(await rig.connect(endpoint, fast).call(echo.say, ["a"])).to.equal("a from Python");
	});
});
