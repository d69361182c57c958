import { expect } from "chai";
import { DealerPattern } from "../../../../packages/zmtp/src/pattern/dealer.js";
import { bring, FakePipe, framesOf, next } from "../../../support/zmtp/fake-pipe.js";

function dealerWith(count: number, mark = { messages: 1000, bytes: 1e9 }): [DealerPattern, FakePipe[]] {
	const dealer = new DealerPattern(mark, { probeRouter: false });
	const pipes = Array.from({ length: count }, () => new FakePipe());
	for (const pipe of pipes) dealer.attach(pipe);
	return [dealer, pipes];
}

describe("zmtp DEALER pattern", () => {
	it("28/REQREP DEALER: sends to its peers in turn", () => {
		const [dealer, pipes] = dealerWith(3);
		for (let i = 0; i < 7; i++) expect(dealer.send(framesOf(`${i}`))).equal(true);
		expect(pipes.map((pipe) => pipe.sent.join())).deep.equal(["0,3,6", "1,4", "2,5"]);
	});

	it("28/REQREP DEALER: sends the message with its frames as they are", () => {
		const [dealer, [pipe]] = dealerWith(1);
		dealer.send(framesOf("", "a", "", "b"));
		expect(pipe!.sent).deep.equal(["|a||b"]);
	});

	it("28/REQREP DEALER: takes no message while it has no peer, and drops none", () => {
		const dealer = new DealerPattern({ messages: 10, bytes: 10 }, { probeRouter: false });
		expect([dealer.canSend, dealer.send(framesOf("a"))]).deep.equal([false, false]);
		const pipe = new FakePipe();
		dealer.attach(pipe);
		expect([dealer.canSend, dealer.send(framesOf("a"))]).deep.equal([true, true]);
		expect(pipe.sent).deep.equal(["a"]);
	});

	it("28/REQREP DEALER: skips full peers, and takes them back in turn when they have room", () => {
		const [dealer, [one, two]] = dealerWith(2);
		one!.isWritable = false;
		for (const text of ["a", "b"]) dealer.send(framesOf(text));
		expect([one!.sent, two!.sent]).deep.equal([[], ["a", "b"]]);
		two!.isWritable = false;
		expect([dealer.canSend, dealer.send(framesOf("c"))]).deep.equal([false, false]);
		one!.isWritable = true;
		expect(dealer.send(framesOf("c")), "not before it says so").equal(false);
		dealer.onWritable(one!);
		expect(dealer.send(framesOf("c"))).equal(true);
		expect(one!.sent).deep.equal(["c"]);
	});

	it("asks nothing of peers that have left, wherever their turn was", () => {
		for (const leaving of [0, 1, 2]) {
			for (const turn of [0, 1, 2, 3]) {
				const [dealer, pipes] = dealerWith(3);
				for (let i = 0; i < turn; i++) dealer.send(framesOf("x"));
				dealer.detach(pipes[leaving]!);
				const before = pipes[leaving]!.sent.length;
				for (let i = 0; i < 4; i++) expect(dealer.send(framesOf("y"))).equal(true);
				expect(pipes[leaving]!.sent, `${before}`).deep.equal([]);
				const counts = pipes
					.filter((_, index) => index !== leaving)
					.map((pipe) => pipe.sent.filter((text) => text === "y").length);
				expect(counts).deep.equal([2, 2]);
			}
		}
	});

	it("forgets full peers that leave", () => {
		const [dealer, [pipe]] = dealerWith(1);
		pipe!.isWritable = false;
		expect(dealer.canSend).equal(false);
		dealer.detach(pipe!);
		dealer.onWritable(pipe!);
		expect(dealer.canSend).equal(false);
	});

	it("28/REQREP DEALER: receives from its peers in turn, however much one of them sends", () => {
		const [dealer, [one, two, three]] = dealerWith(3);
		for (let i = 0; i < 4; i++) bring(dealer, one!, `one${i}`);
		bring(dealer, two!, "two0");
		for (let i = 0; i < 2; i++) bring(dealer, three!, `three${i}`);
		const order = Array.from({ length: 8 }, () => next(dealer));
		expect(order).deep.equal(["one0", "two0", "three0", "one1", "three1", "one2", "one3", undefined]);
		expect(dealer.canReceive).equal(false);
	});

	it("still gives what had come from a peer that left", () => {
		const [dealer, [one]] = dealerWith(1);
		bring(dealer, one!, "a", "b");
		dealer.detach(one!);
		expect(next(dealer)).equal("a|b");
	});

	it("stops reading a peer at the high water mark in messages, and reads on at half of it", () => {
		const [dealer, [one, two]] = dealerWith(2, { messages: 4, bytes: 1e9 });
		for (let i = 0; i < 4; i++) bring(dealer, one!, `${i}`);
		bring(dealer, two!, "x");
		expect([one!.isPaused, two!.isPaused]).deep.equal([true, false]);
		expect([next(dealer), next(dealer), one!.isPaused]).deep.equal(["0", "x", true]);
		expect([next(dealer), one!.isPaused]).deep.equal(["1", false]);
	});

	it("stops reading a peer at the high water mark in octets", () => {
		const [dealer, [pipe]] = dealerWith(1, { messages: 1000, bytes: 100 });
		bring(dealer, pipe!, "x".repeat(60), "y".repeat(39));
		expect(pipe!.isPaused).equal(false);
		bring(dealer, pipe!, "z");
		expect(pipe!.isPaused).equal(true);
		next(dealer);
		expect(pipe!.isPaused).equal(false);
	});

	it("counts a message of many frames as one", () => {
		const [dealer, [pipe]] = dealerWith(1, { messages: 2, bytes: 1e9 });
		bring(dealer, pipe!, ..."abcdefghij");
		expect(pipe!.isPaused).equal(false);
		bring(dealer, pipe!, "k");
		expect(pipe!.isPaused).equal(true);
	});

	it("gives frames that are the receiver's own", () => {
		const [dealer, [pipe]] = dealerWith(1);
		const octets = Buffer.alloc(100, "x");
		bring(dealer, pipe!, octets);
		octets.fill(0);
		const [received] = dealer.receive()!;
		expect(Buffer.isBuffer(received)).equal(true);
		expect(Buffer.from(received!).toString()).equal("x".repeat(100));
	});
});
