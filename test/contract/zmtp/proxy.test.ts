import { expect } from "chai";
import { Proxy } from "../../../packages/zmtp/src/index.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

describe("zmtp Proxy", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("makes a shared queue of a ROUTER and a DEALER: several clients, several workers, every reply to its asker", async () => {
		const proxy = new Proxy(kit.router(), kit.dealer());
		const front = await bound(proxy.frontEnd, tcpPlace.endpoint());
		const back = await bound(proxy.backEnd, inprocPlace.endpoint());
		const over = proxy.run();
		let served = 0;
		for (let i = 0; i < 3; i++) {
			const reply = kit.reply();
			reply.connect(back);
			void (async () => {
				for await (const [text] of reply) {
					served++;
					await reply.send(["re", text!]);
				}
			})();
		}
		await Promise.all(
			Array.from({ length: 5 }, async (_, client) => {
				const request = kit.request();
				request.connect(front);
				for (let i = 0; i < 20; i++) {
					await request.send(`${client}.${i}`);
					expect(await received(request)).deep.equal(["re", `${client}.${i}`]);
				}
			}),
		);
		expect(served).equal(100);
		proxy.terminate();
		await over;
		expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([true, true]);
	});

	it("ends when it is terminated before it ran, while it waits, or when one of its sockets is closed", async () => {
		const early = new Proxy(kit.router(), kit.dealer());
		early.terminate();
		await early.run();
		const idle = new Proxy(kit.router(), kit.dealer());
		const over = idle.run();
		idle.terminate();
		await over;
		for (const side of ["frontEnd", "backEnd"] as const) {
			const proxy = new Proxy(kit.dealer(), kit.dealer());
			const client = kit.dealer();
			client.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
			const running = proxy.run();
			await client.send("waits at the back, where nobody is");
			await until(() => !proxy.frontEnd.readable);
			await proxy[side].close();
			await running;
			expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([true, true]);
		}
	});

	it("with a mandatory ROUTER goes on when a client has left before its reply", async () => {
		const proxy = new Proxy(kit.router({ mandatory: true }), kit.dealer());
		const front = await bound(proxy.frontEnd, tcpPlace.endpoint());
		const worker = kit.dealer();
		worker.connect(await bound(proxy.backEnd, inprocPlace.endpoint()));
		const over = proxy.run();
		const leaving = kit.dealer();
		leaving.connect(front);
		await leaving.send("x");
		const request = await worker.receive();
		const gone = event(proxy.frontEnd.events, "disconnect");
		await leaving.close();
		await gone;
		await worker.send(request);
		const staying = kit.dealer();
		staying.connect(front);
		await staying.send("y");
		await worker.send(await worker.receive());
		expect(await received(staying)).deep.equal(["y"]);
		proxy.terminate();
		await over;
	});

	it("holds a client up while nobody works, and loses nothing", async () => {
		const options = { sendHighWaterMark: 5, receiveHighWaterMark: 5 };
		const proxy = new Proxy(kit.dealer(options), kit.dealer(options));
		const front = await bound(proxy.frontEnd, inprocPlace.endpoint());
		const back = await bound(proxy.backEnd, inprocPlace.endpoint());
		const over = proxy.run();
		const client = kit.dealer(options);
		client.connect(front);
		let sent = 0;
		const sending = (async () => {
			for (; sent < 200; sent++) await client.send([`${sent}`, Buffer.alloc(50_000)]);
		})();
		for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
		expect(sent).below(60);
		const worker = kit.dealer();
		worker.connect(back);
		for (let i = 0; i < 200; i++) expect((await worker.receive())[0]!.toString()).equal(`${i}`);
		await sending;
		proxy.terminate();
		await over;
	});
});
