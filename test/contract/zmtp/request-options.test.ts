import { expect } from "chai";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

for (const place of places) {
	describe(`zmtp REQ's and ROUTER's options over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const [type, make] of [
			["DEALER", () => kit.dealer({ sendTimeout: 0 })],
			["REQ", () => kit.request({ sendTimeout: 0 })],
		] as const) {
			it(`28/REQREP ${type}: SHALL block on sending, or return a suitable error, when it has no peers`, async () => {
				const asking = make();
				expect(await codeOf(() => asking.send("x"))).equal("EAGAIN");
				asking.sendTimeout = -1;
				const waiting = asking.send("waited");
				const router = kit.router();
				router.connect(await bound(asking, place.endpoint()));
				await waiting;
				expect((await received(router)).at(-1)).equal("waited");
			});
		}

		it("correlate: a reply without the request's number, or with another's, is not taken", async () => {
			const request = kit.request({ correlate: true });
			const router = kit.router();
			request.connect(await bound(router, place.endpoint()));
			await request.send("question");
			const [id, number, delimiter, question] = await router.receive();
			expect([number!.length, delimiter!.length, `${question}`]).deep.equal([4, 0, "question"]);
			const wrong = Buffer.from(number!);
			wrong[3]! ^= 1;
			await router.send([id!, wrong, "", "wrong number"]);
			await router.send([id!, "", "no number"]);
			await router.send([id!, number!, "", "right"]);
			expect(await received(request)).deep.equal(["right"]);
		});

		it("correlate: a REP echoes the number with the rest of the envelope", async () => {
			const request = kit.request({ correlate: true });
			const reply = kit.reply();
			request.connect(await bound(reply, place.endpoint()));
			for (const text of ["a", "b"]) {
				await request.send(text);
				expect(await received(reply)).deep.equal([text]);
				await reply.send(`re: ${text}`);
				expect(await received(request)).deep.equal([`re: ${text}`]);
			}
		});

		it("relaxed: a second request before the reply gives the first up; its reply is not taken for the other's", async () => {
			const request = kit.request({ correlate: true, relaxed: true });
			const services = [kit.reply(), kit.reply()];
			for (const service of services) request.connect(await bound(service, place.endpoint()));
			await request.send("first");
			expect(await received(services[0]!)).deep.equal(["first"]);
			await request.send("second");
			expect(await received(services[1]!)).deep.equal(["second"]);
			await services[0]!.send("to the first");
			await services[1]!.send("to the second");
			expect(await received(request)).deep.equal(["to the second"]);
			expect(await codeOf(() => request.receive())).equal("EFSM");
			await request.send("third");
			expect(await received(services[0]!)).deep.equal(["third"]);
			await services[0]!.send("to the third");
			expect(await received(request)).deep.equal(["to the third"]);
		});

		it("relaxed: asks again when the service is gone", async () => {
			const request = kit.request({ ...quick, correlate: true, relaxed: true });
			const first = kit.reply();
			const endpoint = await bound(first, place.endpoint());
			request.connect(endpoint);
			await request.send("lost");
			await received(first);
			const lost = event(request.events, "disconnect");
			await first.close();
			await lost;
			const second = kit.reply();
			await second.bind(endpoint);
			await request.send("again");
			expect(await received(second)).deep.equal(["again"]);
			await second.send("answer");
			expect(await received(request)).deep.equal(["answer"]);
		});

		it("probeRouter: a ROUTER hears of a DEALER, a REQ or a ROUTER that says nothing yet, again after a reconnect", async () => {
			const first = kit.router();
			const endpoint = await bound(first, place.endpoint());
			const probing = [
				kit.dealer({ ...quick, probeRouter: true, routingId: "dealer" }),
				kit.request({ ...quick, probeRouter: true, routingId: "request" }),
				kit.router({ ...quick, probeRouter: true, routingId: "router" }),
			];
			for (const socket of probing) socket.connect(endpoint);
			const names = async (router: typeof first) => {
				const heard = [];
				for (const _ of probing) heard.push((await received(router)).join("|"));
				return heard.sort();
			};
			const expected = ["dealer|", "request|", "router|"];
			expect(await names(first)).deep.equal(expected);
			await first.close();
			const second = kit.router({ mandatory: true });
			await second.bind(endpoint);
			expect(await names(second)).deep.equal(expected);
			await second.send(["dealer", "hello"]);
			expect(await received(probing[0]!)).deep.equal(["hello"]);
		});

		it("connect() of a ROUTER with a routingId: the peer is called that, can be written to at once, and after a reconnect", async () => {
			const router = kit.router({ ...quick, mandatory: true });
			const other = kit.router({ routingId: "its own name" });
			const endpoint = await bound(other, place.endpoint());
			router.connect(endpoint, { routingId: "conn1" });
			await router.send(["conn1", "hi 1"]);
			const [id, text] = await other.receive();
			expect(`${text}`).equal("hi 1");
			await other.send([id!, "ok"]);
			expect(await received(router)).deep.equal(["conn1", "ok"]);
			expect(await codeOf(() => router.send(["its own name", "x"]))).equal("EHOSTUNREACH");
			const lost = event(router.events, "disconnect");
			await other.close();
			await lost;
			await router.send(["conn1", "while away"]);
			const next = kit.router();
			await next.bind(endpoint);
			expect((await received(next))[1]).equal("while away");
			router.disconnect(endpoint);
			expect(await codeOf(() => router.send(["conn1", "x"]))).equal("EHOSTUNREACH");
		});

		it("connect() of a ROUTER refuses a routingId that a peer has, or that cannot be one", async () => {
			const router = kit.router();
			const other = kit.dealer({ routingId: "taken" });
			const endpoint = await bound(router, place.endpoint());
			other.connect(endpoint);
			await other.send("x");
			await received(router);
			const elsewhere = await bound(kit.dealer(), place.endpoint());
			expect(await codeOf(() => router.connect(elsewhere, { routingId: "taken" }))).equal("EADDRINUSE");
			router.connect(elsewhere, { routingId: "free" });
			expect(await codeOf(() => router.connect(elsewhere, { routingId: "free" }))).equal("EADDRINUSE");
			for (const routingId of ["", "\0x", "x".repeat(256)]) {
				expect(await codeOf(() => router.connect(elsewhere, { routingId }))).equal("EINVAL");
			}
		});
	});
}
