import { expect } from "chai";
import { RouterPattern } from "../../../../packages/zmtp/src/pattern/router.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { bring, FakePipe, framesOf, next } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };
const router = (options: { mandatory?: boolean; handover?: boolean; probeRouter?: boolean } = {}) =>
	new RouterPattern(mark, { mandatory: false, handover: false, probeRouter: false, ...options });

function withPeers(pattern: RouterPattern, ...ids: string[]): FakePipe[] {
	return ids.map((id) => {
		const pipe = new FakePipe(id);
		expect(pattern.attach(pipe)).equal(undefined);
		return pipe;
	});
}

describe("zmtp ROUTER pattern", () => {
	it("28/REQREP ROUTER: puts the peer's routing id in front of what it receives", () => {
		const pattern = router();
		const [bob] = withPeers(pattern, "bob");
		bring(pattern, bob!, "", "question");
		expect(next(pattern)).equal("bob||question");
	});

	it("28/REQREP ROUTER: takes the first frame off and sends the rest to the peer it names", () => {
		const pattern = router();
		const [bob, eve] = withPeers(pattern, "bob", "eve");
		expect(pattern.send(framesOf("eve", "", "answer"))).equal(true);
		expect([bob!.sent, eve!.sent]).deep.equal([[], ["|answer"]]);
	});

	it("28/REQREP ROUTER: receives from its peers in turn", () => {
		const pattern = router();
		const [bob, eve] = withPeers(pattern, "bob", "eve");
		for (const text of ["1", "2"]) bring(pattern, bob!, text);
		bring(pattern, eve!, "3");
		expect([next(pattern), next(pattern), next(pattern)]).deep.equal(["bob|1", "eve|3", "bob|2"]);
	});

	it("28/REQREP ROUTER: does not block on send and drops what it cannot route", () => {
		const pattern = router();
		const [bob] = withPeers(pattern, "bob");
		expect(pattern.canSend).equal(true);
		for (const id of ["nobody", "", "\0\0\0\0\0", "\0abcd", "x".repeat(300)]) {
			expect(pattern.send(framesOf(id, "lost")), JSON.stringify(id)).equal(true);
		}
		bob!.isWritable = false;
		expect(pattern.send(framesOf("bob", "lost"))).equal(true);
		expect(bob!.sent).deep.equal([]);
	});

	it("takes an address with nothing behind it for no message", () => {
		const pattern = router({ mandatory: true });
		const [bob] = withPeers(pattern, "bob");
		expect(pattern.send(framesOf("bob"))).equal(true);
		expect(pattern.send(framesOf("nobody"))).equal(true);
		expect(bob!.sent).deep.equal([]);
	});

	it("when mandatory, reports an unknown address and waits for a full peer", () => {
		const pattern = router({ mandatory: true });
		const [bob] = withPeers(pattern, "bob");
		expect(thrownCode(() => pattern.send(framesOf("nobody", "x")))).equal("EHOSTUNREACH");
		bob!.isWritable = false;
		expect(pattern.send(framesOf("bob", "x"))).equal(false);
		bob!.isWritable = true;
		expect(pattern.send(framesOf("bob", "x"))).equal(true);
		pattern.detach(bob!);
		expect(thrownCode(() => pattern.send(framesOf("bob", "x")))).equal("EHOSTUNREACH");
	});

	it("28/REQREP ROUTER: SHALL identify each queue by a unique id: mints one of a zero and four octets for a peer that has none", () => {
		const pattern = router();
		const [one, two] = withPeers(pattern, "", "");
		expect([one!.routingId.length, one!.routingId[0]]).deep.equal([5, 0]);
		expect(Buffer.compare(one!.routingId, two!.routingId)).not.equal(0);
		expect(pattern.send([two!.routingId, Buffer.from("x")])).equal(true);
		expect([one!.sent, two!.sent]).deep.equal([[], ["x"]]);
	});

	it("refuses a second peer with an id, loudly, and goes on with the first", () => {
		const pattern = router();
		const [bob] = withPeers(pattern, "bob");
		const second = new FakePipe("bob");
		expect(pattern.attach(second)?.code).equal("ZMTP_ROUTING_ID_TAKEN");
		pattern.detach(second);
		pattern.send(framesOf("bob", "x"));
		expect([bob!.sent, bob!.closedWith]).deep.equal([["x"], undefined]);
	});

	it("with handover gives the id to the newest, closes the former, and misroutes nothing a thousand times over", () => {
		const pattern = router({ handover: true });
		let [former] = withPeers(pattern, "bob");
		for (let i = 0; i < 1000; i++) {
			bring(pattern, former!, `${i}`);
			const [newest] = withPeers(pattern, "bob");
			expect(former!.closedWith?.code).equal("ZMTP_ROUTING_ID_TAKEN");
			pattern.detach(former!);
			// What the former sent is not the newest's: a reply to it reaches nobody.
			const [id, text] = pattern.receive()!;
			expect([id!.length, id![0], Buffer.from(text!).toString()]).deep.equal([5, 0, `${i}`]);
			pattern.send([id!, Buffer.from("stale")]);
			pattern.send(framesOf("bob", `${i}`));
			expect([former!.sent, newest!.sent]).deep.equal([[], [`${i}`]]);
			former = newest;
		}
	});

	it("calls a peer what it was told to call it, whatever the peer calls itself", () => {
		const pattern = router({ mandatory: true });
		const named = new FakePipe("own name");
		named.givenRoutingId = Buffer.from("given");
		expect(pattern.attach(named)).equal(undefined);
		pattern.send(framesOf("given", "x"));
		expect(named.sent).deep.equal(["x"]);
		bring(pattern, named, "y");
		expect(next(pattern)).equal("given|y");
		expect(thrownCode(() => pattern.send(framesOf("own name", "x")))).equal("EHOSTUNREACH");
	});

	it("gives no id twice, and lets no peer take one that the application gave", () => {
		const pattern = router({ handover: true });
		const [bob] = withPeers(pattern, "bob");
		const second = new FakePipe();
		second.givenRoutingId = Buffer.from("bob");
		expect(pattern.attach(second)?.code).equal("EADDRINUSE");
		expect(bob!.closedWith).equal(undefined);
		const named = new FakePipe();
		named.givenRoutingId = Buffer.from("given");
		pattern.attach(named);
		expect(pattern.attach(new FakePipe("given"))?.code).equal("ZMTP_ROUTING_ID_TAKEN");
		expect(named.closedWith).equal(undefined);
	});

	it("gives an id free again when its peer leaves", () => {
		const pattern = router();
		for (let i = 0; i < 10; i++) {
			const [bob] = withPeers(pattern, "bob");
			pattern.detach(bob!);
		}
	});

	it("tells ids apart octet by octet, also where no text is made of them", () => {
		const pattern = router();
		const ids = [Buffer.of(0xff), Buffer.of(0xff, 0), Buffer.of(0xfe), Buffer.from("é"), Buffer.alloc(255, 1)];
		const pipes = ids.map((id) => {
			const pipe = new FakePipe(id);
			expect(pattern.attach(pipe)).equal(undefined);
			return pipe;
		});
		ids.forEach((id, index) => {
			pattern.send([id, Buffer.from(`${index}`)]);
		});
		expect(pipes.map((pipe) => pipe.sent.join())).deep.equal(["0", "1", "2", "3", "4"]);
	});
});
