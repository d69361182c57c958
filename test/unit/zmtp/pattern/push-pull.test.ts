import { expect } from "chai";
import { PullPattern } from "../../../../packages/zmtp/src/pattern/pull.js";
import { PushPattern } from "../../../../packages/zmtp/src/pattern/push.js";
import { bring, FakePipe, framesOf, next, withPipes } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };

describe("zmtp PUSH pattern", () => {
	it("30/PIPELINE PUSH: MAY be connected to any number of PULL peers, and SHALL send to available ones in turn", () => {
		const [push, pipes] = withPipes(new PushPattern(), 3);
		for (let i = 0; i < 7; i++) expect(push.send(framesOf(`${i}`))).equal(true);
		expect(pipes.map((pipe) => pipe.sent.join())).deep.equal(["0,3,6", "1,4", "2,5"]);
	});

	it("30/PIPELINE PUSH: SHALL only send messages; what a peer sends it is not kept", () => {
		const [push, [pipe]] = withPipes(new PushPattern(), 1);
		bring(push, pipe!, "to", "a", "PUSH");
		expect([push.canReceive, push.receive(), pipe!.inbox.length]).deep.equal([false, undefined, 0]);
	});

	it("30/PIPELINE PUSH: SHALL not filter or modify outgoing messages", () => {
		const [push, [pipe]] = withPipes(new PushPattern(), 1);
		for (const frames of [["", "a", "", "b"], [""], ["\0\u0001"]]) push.send(framesOf(...frames));
		expect(pipe!.sent).deep.equal(["|a||b", "", "\0\u0001"]);
	});

	it("30/PIPELINE PUSH: SHALL consider a peer as available only when its queue is not full", () => {
		const [push, [one, two]] = withPipes(new PushPattern(), 2);
		one!.isWritable = false;
		for (const text of ["a", "b"]) expect(push.send(framesOf(text))).equal(true);
		expect([one!.sent, two!.sent]).deep.equal([[], ["a", "b"]]);
		one!.isWritable = true;
		push.onWritable(one!);
		for (const text of ["c", "d"]) push.send(framesOf(text));
		expect([...one!.sent, ...two!.sent].sort()).deep.equal(["c", "d"]);
	});

	it("30/PIPELINE PUSH: SHALL not accept further messages when it has no available peers", () => {
		const [push, [pipe]] = withPipes(new PushPattern(), 1);
		pipe!.isWritable = false;
		expect([push.canSend, push.send(framesOf("a"))]).deep.equal([false, false]);
		push.detach(pipe!);
		expect([push.canSend, push.send(framesOf("a"))]).deep.equal([false, false]);
	});

	it("30/PIPELINE PUSH: SHALL NOT discard messages that it cannot queue", () => {
		const push = new PushPattern();
		const waiting = framesOf("a");
		expect(push.send(waiting)).equal(false);
		const pipe = new FakePipe();
		push.attach(pipe);
		expect([push.send(waiting), pipe.sent]).deep.equal([true, ["a"]]);
	});
});

describe("zmtp PULL pattern", () => {
	it("30/PIPELINE PULL: SHALL receive from its peers by fair queuing, and deliver", () => {
		const [pull, [one, two, three]] = withPipes(new PullPattern(mark), 3);
		for (let i = 0; i < 3; i++) bring(pull, one!, `one${i}`);
		bring(pull, three!, "three0");
		for (let i = 0; i < 2; i++) bring(pull, two!, `two${i}`);
		const order = Array.from({ length: 7 }, () => next(pull));
		expect(order).deep.equal(["one0", "three0", "two0", "one1", "two1", "one2", undefined]);
	});

	it("30/PIPELINE PULL: SHALL only receive messages", () => {
		const [pull, [pipe]] = withPipes(new PullPattern(mark), 1);
		expect([pull.canSend, pull.send(), pipe!.sent]).deep.equal([false, false, []]);
	});

	it("30/PIPELINE PULL: SHALL maintain a queue for each peer; what one that left had sent is still there, as with libzmq", () => {
		const [pull, [one, two]] = withPipes(new PullPattern(mark), 2);
		bring(pull, one!, "from one");
		bring(pull, two!, "from two");
		expect([one!.inbox.length, two!.inbox.length]).deep.equal([1, 1]);
		pull.detach(one!);
		expect([next(pull), next(pull), next(pull)]).deep.equal(["from one", "from two", undefined]);
	});

	it("30/PIPELINE PULL: SHALL not filter or modify incoming messages", () => {
		const [pull, [pipe]] = withPipes(new PullPattern(mark), 1);
		for (const frames of [["", "a", ""], [""], ["\u0001topic"]]) bring(pull, pipe!, ...frames);
		expect([next(pull), next(pull), next(pull)]).deep.equal(["|a|", "", "\u0001topic"]);
	});

	it("30/PIPELINE PULL: SHOULD constrain queue sizes: a peer at the mark is not read from until half of it is gone", () => {
		const [pull, [one, two]] = withPipes(new PullPattern({ messages: 4, bytes: 1e9 }), 2);
		for (let i = 0; i < 4; i++) bring(pull, one!, `${i}`);
		expect([one!.isPaused, two!.isPaused]).deep.equal([true, false]);
		expect([next(pull), one!.isPaused, next(pull), one!.isPaused]).deep.equal(["0", true, "1", false]);
	});

	it("reads no newcomer while those who left have left more than one peer may, until half of it is taken", () => {
		const [pull, [first, second, staying]] = withPipes(new PullPattern({ messages: 4, bytes: 100 }), 3);
		bring(pull, first!, "1");
		for (const pipe of [first!, second!]) for (const text of ["a", "b"]) bring(pull, pipe, text);
		for (const pipe of [first!, second!]) pull.detach(pipe);
		const newcomer = new FakePipe();
		pull.attach(newcomer);
		expect([newcomer.isPaused, staying!.isPaused]).deep.equal([true, false]);
		expect([next(pull), next(pull)]).deep.equal(["1", "a"]);
		expect(newcomer.isPaused).equal(true);
		expect([next(pull), newcomer.isPaused]).deep.equal(["a", false]);
		expect([next(pull), next(pull), next(pull)]).deep.equal(["b", "b", undefined]);
		const other = new FakePipe();
		pull.attach(other);
		bring(pull, other, "x".repeat(100));
		pull.detach(other);
		const late = new FakePipe();
		pull.attach(late);
		expect(late.isPaused).equal(true);
		pull.attach(other);
		expect([other.isPaused, late.isPaused]).deep.equal([true, false]);
		next(pull);
		expect(other.isPaused).equal(false);
	});

	it("with conflate keeps each peer's last message, whole, and never stops reading", () => {
		const [pull, [one, two]] = withPipes(new PullPattern({ messages: 1, bytes: 1, conflates: true }), 2);
		for (let i = 0; i < 100; i++) bring(pull, one!, `${i}`, "rest");
		bring(pull, two!, "two");
		expect([one!.isPaused, one!.inbox.length]).deep.equal([false, 1]);
		expect([next(pull), next(pull), next(pull)]).deep.equal(["99|rest", "two", undefined]);
		bring(pull, one!, "on");
		expect(next(pull)).equal("on");
	});
});
