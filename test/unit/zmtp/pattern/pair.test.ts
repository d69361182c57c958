import { expect } from "chai";
import { PairPattern } from "../../../../packages/zmtp/src/pattern/pair.js";
import { bring, FakePipe, framesOf, next, withPipes } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 4, bytes: 1e9 };

describe("zmtp PAIR pattern", () => {
	it("31/EXPAIR PAIR: MAY be connected to at most one peer; a further one is refused", () => {
		const [pair, [first]] = withPipes(new PairPattern(mark), 1);
		const second = new FakePipe();
		expect(pair.attach(second)?.code).equal("ZMTP_PAIR_TAKEN");
		pair.detach(second);
		pair.send(framesOf("a"));
		expect([first!.sent, first!.closedWith, second.sent]).deep.equal([["a"], undefined, []]);
	});

	it("takes the next peer when the first has left", () => {
		const [pair, [first]] = withPipes(new PairPattern(mark), 1);
		bring(pair, first!, "from the first");
		pair.detach(first!);
		const second = new FakePipe();
		expect(pair.attach(second)).equal(undefined);
		pair.send(framesOf("a"));
		bring(pair, second, "from the second");
		expect([first!.sent, second.sent, next(pair), next(pair)]).deep.equal([
			[],
			["a"],
			"from the first",
			"from the second",
		]);
	});

	it("31/EXPAIR PAIR: SHALL not filter or modify messages, either way", () => {
		const [pair, [pipe]] = withPipes(new PairPattern(mark), 1);
		pair.send(framesOf("", "\u0001a", ""));
		bring(pair, pipe!, "", "\0b", "");
		expect([pipe!.sent, next(pair)]).deep.equal([["|\u0001a|"], "|\0b|"]);
	});

	it("31/EXPAIR PAIR: SHALL consider its peer as available only when its queue is not full, and SHALL NOT discard", () => {
		const [pair, [pipe]] = withPipes(new PairPattern(mark), 1);
		pipe!.isWritable = false;
		expect([pair.canSend, pair.send(framesOf("a"))]).deep.equal([false, false]);
		pipe!.isWritable = true;
		expect([pair.canSend, pair.send(framesOf("a")), pipe!.sent]).deep.equal([true, true, ["a"]]);
	});

	it("31/EXPAIR PAIR: SHALL not accept messages when it has no peer", () => {
		const [pair, [pipe]] = withPipes(new PairPattern(mark), 1);
		pair.detach(pipe!);
		expect([pair.canSend, pair.send(framesOf("a")), pipe!.sent]).deep.equal([false, false, []]);
	});

	it("31/EXPAIR PAIR: SHALL receive from its single peer and deliver; SHOULD constrain the queue", () => {
		const [pair, [pipe]] = withPipes(new PairPattern(mark), 1);
		for (let i = 0; i < 4; i++) bring(pair, pipe!, `${i}`);
		expect(pipe!.isPaused).equal(true);
		expect([next(pair), next(pair), pipe!.isPaused]).deep.equal(["0", "1", false]);
	});
});
