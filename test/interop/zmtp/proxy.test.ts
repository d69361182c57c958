import { expect } from "chai";
import { Proxy } from "../../../packages/zmtp/src/index.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { needsPyzmq, pyzmq, zeromqJs } from "../../support/zmtp/zmq-side.js";

const wildcard = "tcp://127.0.0.1:*";

describe("zmtp interop through proxies", () => {
	leavesNothingOpen();

	describe("of libzmq", () => {
		const library = pyzmq();
		const kit = useSockets();
		before(async function () {
			needsPyzmq(this);
			await library.start();
		});
		after(() => library.stop());

		/** A libzmq ROUTER and DEALER joined by zmq_proxy. */
		async function queue(): Promise<{ front: string; back: string }> {
			const router = await library.open("ROUTER");
			const dealer = await library.open("DEALER");
			const ends = { front: await router.bind(wildcard), back: await dealer.bind(wildcard) };
			await library.proxy(router, dealer);
			return ends;
		}

		it("our REQs reach our REPs through zmq_proxy, and every reply its asker", async () => {
			const { front, back } = await queue();
			for (let i = 0; i < 3; i++) {
				const reply = kit.reply();
				reply.connect(back);
				void (async () => {
					for await (const frames of reply) await reply.send(["re", ...frames]);
				})();
			}
			await Promise.all(
				Array.from({ length: 4 }, async (_, client) => {
					const request = kit.request();
					request.connect(front);
					for (let i = 0; i < 25; i++) {
						await request.send([`${client}.${i}`, Buffer.alloc(i * 1000)]);
						const [re, text, body] = await request.receive();
						expect([re!.toString(), text!.toString(), body!.length]).deep.equal(["re", `${client}.${i}`, i * 1000]);
					}
				}),
			);
		});

		it("our DEALER reaches our ROUTER through two of them in a row, its own envelope untouched", async () => {
			const first = await queue();
			const router = await library.open("ROUTER");
			const dealer = await library.open("DEALER");
			const second = await router.bind(wildcard);
			await dealer.connect(first.front);
			await library.proxy(router, dealer);
			const worker = kit.router();
			worker.connect(first.back);
			const client = kit.dealer({ routingId: "client" });
			client.connect(second);
			await client.send(["token", "", "question"]);
			const request = await worker.receive();
			expect(request.slice(-3).map(String)).deep.equal(["token", "", "question"]);
			expect(request.length).equal(6);
			await worker.send([...request.slice(0, -1), "answer"]);
			expect(await received(client)).deep.equal(["token", "", "answer"]);
		});

		it("our DEALER asks a pyzmq REP through zmq_proxy", async () => {
			const { front, back } = await queue();
			const reply = await library.open("REP");
			await reply.connect(back);
			await reply.echo();
			const client = kit.dealer();
			client.connect(front);
			await client.send(["token", "", "a", "b"]);
			expect(await received(client)).deep.equal(["token", "", "a", "b"]);
			await reply.close();
		});
	});

	describe("of ours", () => {
		const kit = useSockets();
		for (const library of [zeromqJs(), pyzmq()]) {
			describe(`with ${library.name} at both ends`, () => {
				before(async function () {
					if (library.name === "pyzmq") needsPyzmq(this);
					await library.start();
				});
				after(() => library.stop());

				it("a REQ asks a REP", async () => {
					const proxy = new Proxy(kit.router(), kit.dealer());
					const reply = await library.open("REP");
					await reply.connect(await bound(proxy.backEnd, tcpPlace.endpoint()));
					await reply.echo();
					const request = await library.open("REQ");
					await request.connect(await bound(proxy.frontEnd, tcpPlace.endpoint()));
					const over = proxy.run();
					await request.send(
						[],
						[
							[10, "a"],
							[100_000, "b"],
						],
					);
					const { frames } = await request.receive();
					expect(frames.map(([size]) => size)).deep.equal([10, 100_000]);
					proxy.terminate();
					await over;
					await Promise.all([reply.close(), request.close()]);
				});
			});
		}
	});
});
