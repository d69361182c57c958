import { expect } from "chai";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

for (const place of places) {
	describe(`zmtp PUSH and PULL over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("PUSH shares messages out among PULLs in turn", async () => {
			const push = kit.push();
			const pulls = [kit.pull(), kit.pull()];
			for (const pull of pulls) push.connect(await bound(pull, place.endpoint()));
			for (let i = 0; i < 4; i++) await push.send([`${i}`, "x"]);
			for (const [index, pull] of pulls.entries()) {
				expect([await received(pull), await received(pull)]).deep.equal([
					[`${index}`, "x"],
					[`${index + 2}`, "x"],
				]);
			}
		});

		it("PULL receives from its PUSHes in turn, however much one of them sends", async () => {
			const pull = kit.pull();
			const endpoint = await bound(pull, place.endpoint());
			const greedy = kit.push();
			const modest = kit.push();
			for (const push of [greedy, modest]) {
				const there = event(pull.events, "handshake");
				push.connect(endpoint);
				await there;
			}
			for (let i = 0; i < 500; i++) await greedy.send("greedy");
			await until(() => pull.readable);
			await modest.send("modest");
			// A peer is gone only when all that it sent has arrived.
			modest.linger = -1;
			const left = event(pull.events, "disconnect");
			await Promise.all([modest.close(), left]);
			const first = [await received(pull), await received(pull)].flat();
			expect(first.sort()).deep.equal(["greedy", "modest"]);
		});

		it("30/PIPELINE PUSH: SHALL block on sending, or return a suitable error, when it has no available peers", async () => {
			const push = kit.push({ sendTimeout: 0 });
			expect(await codeOf(() => push.send("x"))).equal("EAGAIN");
			push.sendTimeout = -1;
			const waiting = push.send("waited");
			const pull = kit.pull();
			pull.connect(await bound(push, place.endpoint()));
			await waiting;
			expect(await received(pull)).deep.equal(["waited"]);
		});

		it("a mark changed while messages wait counts from then on", async () => {
			const later = kit.pull();
			const endpoint = await bound(later, place.endpoint());
			await later.close();
			const push = kit.push({ ...quick, sendTimeout: 0, sendHighWaterMark: 5 });
			push.connect(endpoint);
			let sent = 0;
			const fill = async () => {
				const before = sent;
				for (;;) {
					const code = await push.send(`${sent}`).then(
						() => undefined,
						(error) => error.code,
					);
					if (code !== undefined) return [sent - before, code];
					sent++;
				}
			};
			expect(await fill()).deep.equal([5, "EAGAIN"]);
			push.sendHighWaterMark = 12;
			expect(await fill()).deep.equal([7, "EAGAIN"]);
			push.sendHighWaterMark = 2;
			expect(await fill()).deep.equal([0, "EAGAIN"]);
			const pull = kit.pull({ receiveHighWaterMark: 1 });
			await pull.bind(endpoint);
			for (let i = 0; i < 12; i++) expect(await received(pull)).deep.equal([`${i}`]);
			await until(() => push.writable);
			await push.send("on");
			expect(await received(pull)).deep.equal(["on"]);
		});

		it("with conflate a PUSH keeps the last message for a PULL that is not there yet, and a PULL the last it got", async () => {
			const other = kit.pull();
			const endpoint = await bound(other, place.endpoint());
			await other.close();
			const push = kit.push({ ...quick, conflate: true });
			push.connect(endpoint);
			for (let i = 0; i < 60; i++) await push.send([`${i}`, "x"]);
			const pull = kit.pull({ conflate: true });
			await pull.bind(endpoint);
			expect(await received(pull)).deep.equal(["59", "x"]);
			for (let i = 60; i < 120; i++) await push.send([`${i}`, Buffer.alloc(20_000)]);
			let last = "";
			while (last !== "119") [last] = (await received(pull)) as [string];
			expect(pull.readable).equal(false);
		});
	});

	describe(`zmtp PAIR over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("31/EXPAIR PAIR: SHALL block on sending, or return a suitable error, when it has no available peer", async () => {
			const pair = kit.pair({ sendTimeout: 0 });
			expect(await codeOf(() => pair.send("x"))).equal("EAGAIN");
			pair.sendTimeout = -1;
			const waiting = pair.send("waited");
			const other = kit.pair();
			other.connect(await bound(pair, place.endpoint()));
			await waiting;
			expect(await received(other)).deep.equal(["waited"]);
		});

		it("talks to its peer, both ways", async () => {
			const one = kit.pair();
			const other = kit.pair();
			one.connect(await bound(other, place.endpoint()));
			await one.send("there");
			expect(await received(other)).deep.equal(["there"]);
			await other.send(["and", "back"]);
			expect(await received(one)).deep.equal(["and", "back"]);
		});

		it("refuses a second peer, and says so; takes it when the first has left", async () => {
			const pair = kit.pair();
			const endpoint = await bound(pair, place.endpoint());
			const first = kit.pair();
			first.connect(endpoint);
			await first.send("first");
			expect(await received(pair)).deep.equal(["first"]);
			const refused = event(pair.events, "handshake:error:protocol");
			const second = kit.pair(quick);
			const retried = event(second.events, "connect:retry");
			second.connect(endpoint);
			expect((await refused).error.code).equal("ZMTP_PAIR_TAKEN");
			await retried;
			await pair.send("still yours");
			expect(await received(first)).deep.equal(["still yours"]);
			await second.send("second");
			await first.close();
			expect(await received(pair)).deep.equal(["second"]);
			await pair.send("welcome");
			expect(await received(second)).deep.equal(["welcome"]);
		});
	});
}
