import { expect } from "chai";
import { ReplyPattern } from "../../../../packages/zmtp/src/pattern/reply.js";
import { RequestPattern } from "../../../../packages/zmtp/src/pattern/request.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { bring, framesOf, next, withPipes } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };

const requestPattern = (options: { correlate?: boolean; relaxed?: boolean; probeRouter?: boolean } = {}) =>
	new RequestPattern(mark, { correlate: false, relaxed: false, probeRouter: false, ...options });

describe("zmtp REQ pattern", () => {
	it("28/REQREP REQ: puts an empty delimiter in front of the request and takes it off the reply", () => {
		const [request, [pipe]] = withPipes(requestPattern(), 1);
		expect(request.send(framesOf("a", "b"))).equal(true);
		expect(pipe!.sent).deep.equal(["|a|b"]);
		bring(request, pipe!, "", "c", "d");
		expect([request.canReceive, next(request)]).deep.equal([true, "c|d"]);
	});

	it("28/REQREP REQ: asks its peers in turn", () => {
		const [request, pipes] = withPipes(requestPattern(), 2);
		for (const text of ["a", "b", "c"]) {
			request.send(framesOf(text));
			for (const pipe of pipes) bring(request, pipe, "", text);
			expect(next(request)).equal(text);
		}
		expect(pipes.map((pipe) => pipe.sent.join())).deep.equal(["|a,|c", "|b"]);
	});

	it("28/REQREP REQ: sends and receives strictly by turns", () => {
		const [request, [pipe]] = withPipes(requestPattern(), 1);
		expect(thrownCode(() => request.receive())).equal("EFSM");
		request.send(framesOf("a"));
		expect(request.canSend).equal(false);
		expect(thrownCode(() => request.send(framesOf("b")))).equal("EFSM");
		expect(request.receive()).equal(undefined);
		bring(request, pipe!, "", "a");
		next(request);
		expect(thrownCode(() => request.receive())).equal("EFSM");
		expect(request.canSend).equal(true);
	});

	it("28/REQREP REQ: takes a reply from the peer it asked and from no other", () => {
		const [request, [one, two]] = withPipes(requestPattern(), 2);
		request.send(framesOf("a"));
		bring(request, two!, "", "forged");
		expect(request.canReceive).equal(false);
		bring(request, one!, "", "true");
		expect(next(request)).equal("true");
	});

	it("discards replies that are unasked, late, doubled or without a delimiter, and works on", () => {
		const [request, [pipe]] = withPipes(requestPattern(), 1);
		bring(request, pipe!, "", "unasked");
		request.send(framesOf("a"));
		for (const frames of [["no delimiter"], ["x", "y"], [""]]) bring(request, pipe!, ...frames);
		expect(request.canReceive).equal(false);
		bring(request, pipe!, "", "one");
		bring(request, pipe!, "", "two");
		expect(next(request)).equal("one");
		bring(request, pipe!, "", "late");
		request.send(framesOf("b"));
		expect(request.canReceive).equal(false);
		bring(request, pipe!, "", "three");
		expect([next(request), pipe!.inbox.length]).deep.equal(["three", 0]);
	});

	it("28/REQREP REQ: takes no request while it has no peer", () => {
		const request = requestPattern();
		expect([request.canSend, request.send(framesOf("a"))]).deep.equal([false, false]);
		expect(thrownCode(() => request.receive())).equal("EFSM");
	});

	it("with correlate, puts a number in front of each request and takes only the reply that bears it", () => {
		const [request, [pipe]] = withPipes(requestPattern({ correlate: true }), 1);
		const numbers: Buffer[] = [];
		for (const text of ["a", "b"]) {
			request.send(framesOf(text));
			const [number, delimiter, body] = pipe!.sentFrames[0]!;
			numbers.push(number!);
			expect([number!.length, delimiter!.length, body!.toString()]).deep.equal([4, 0, text]);
			for (const wrong of [Buffer.of(1, 2, 3), Buffer.alloc(0), Buffer.from(number!).reverse(), Buffer.alloc(5)]) {
				bring(request, pipe!, wrong, "", "forged");
			}
			bring(request, pipe!, "", "without");
			bring(request, pipe!, number!, "no delimiter", "x");
			bring(request, pipe!, number!, "");
			bring(request, pipe!, number!);
			if (numbers.length > 1) bring(request, pipe!, numbers[0]!, "", "late");
			expect(request.canReceive).equal(false);
			bring(request, pipe!, number!, "", "reply", text);
			expect(next(request)).equal(`reply|${text}`);
		}
		expect(numbers[1]!.readUInt32BE()).equal((numbers[0]!.readUInt32BE() + 1) % 2 ** 32);
	});

	it("with relaxed, gives a request up for the next one, and goes to the next peer", () => {
		const [request, [one, two]] = withPipes(requestPattern({ relaxed: true, correlate: true }), 2);
		request.send(framesOf("first"));
		const [first] = one!.sentFrames[0]!;
		expect(request.canSend).equal(true);
		request.send(framesOf("second"));
		const [second] = two!.sentFrames[0]!;
		bring(request, one!, first!, "", "to the first");
		expect(request.canReceive).equal(false);
		bring(request, two!, second!, "", "to the second");
		expect(next(request)).equal("to the second");
		expect(thrownCode(() => request.receive())).equal("EFSM");
	});

	it("with relaxed, drops a reply that came and was not received before the next request", () => {
		const [request, [pipe]] = withPipes(requestPattern({ relaxed: true, correlate: true }), 1);
		request.send(framesOf("first"));
		bring(request, pipe!, pipe!.sentFrames[0]![0]!, "", "too late");
		expect(request.canReceive).equal(true);
		request.send(framesOf("second"));
		expect([request.canReceive, pipe!.inbox.length]).deep.equal([false, 0]);
		bring(request, pipe!, pipe!.sentFrames[0]![0]!, "", "in time");
		expect(next(request)).equal("in time");
	});

	it("with relaxed, keeps the request it waits for when no peer can take the next one", () => {
		const [request, [pipe]] = withPipes(requestPattern({ relaxed: true }), 1);
		request.send(framesOf("first"));
		pipe!.isWritable = false;
		expect(request.send(framesOf("second"))).equal(false);
		bring(request, pipe!, "", "to the first");
		expect(next(request)).equal("to the first");
	});

	it("with relaxed and a peer that left, asks the next one", () => {
		const [request, [one, two]] = withPipes(requestPattern({ relaxed: true }), 2);
		request.send(framesOf("lost"));
		request.detach(one!);
		request.send(framesOf("again"));
		bring(request, two!, "", "answer");
		expect([two!.sent, next(request)]).deep.equal([["|again"], "answer"]);
	});
});

describe("zmtp REP pattern", () => {
	it("28/REQREP REP: gives the request behind its envelope and puts the envelope in front of the reply", () => {
		const [reply, [pipe]] = withPipes(new ReplyPattern(mark), 1);
		bring(reply, pipe!, "hop1", "hop2", "", "a", "", "b");
		expect(next(reply)).equal("a||b");
		expect(reply.send(framesOf("c", "d"))).equal(true);
		expect(pipe!.sent).deep.equal(["hop1|hop2||c|d"]);
	});

	it("28/REQREP REP: serves its peers in turn", () => {
		const [reply, [one, two]] = withPipes(new ReplyPattern(mark), 2);
		for (const text of ["1", "2"]) bring(reply, one!, "", text);
		bring(reply, two!, "", "3");
		const order = Array.from({ length: 3 }, () => {
			const text = next(reply);
			reply.send(framesOf("ok"));
			return text;
		});
		expect(order).deep.equal(["1", "3", "2"]);
		expect([one!.sent.length, two!.sent.length]).deep.equal([2, 1]);
	});

	it("28/REQREP REP: receives and sends strictly by turns", () => {
		const [reply, [pipe]] = withPipes(new ReplyPattern(mark), 1);
		expect(reply.canSend).equal(false);
		expect(thrownCode(() => reply.send(framesOf("x")))).equal("EFSM");
		bring(reply, pipe!, "", "a");
		bring(reply, pipe!, "", "b");
		next(reply);
		expect([reply.canReceive, reply.canSend]).deep.equal([false, true]);
		expect(thrownCode(() => reply.receive())).equal("EFSM");
		reply.send(framesOf("x"));
		expect(thrownCode(() => reply.send(framesOf("x")))).equal("EFSM");
		expect(next(reply)).equal("b");
	});

	it("28/REQREP REP: discards what has no delimiter, or nothing behind it, and serves the next", () => {
		const [reply, [pipe]] = withPipes(new ReplyPattern(mark), 1);
		for (const frames of [["x"], ["x", "y"], [""], ["x", ""], Array.from({ length: 1000 }, () => "hop")]) {
			bring(reply, pipe!, ...frames);
		}
		expect(reply.canReceive).equal(false);
		bring(reply, pipe!, "", "good");
		expect(next(reply)).equal("good");
	});

	it("echoes an envelope of a thousand frames", () => {
		const [reply, [pipe]] = withPipes(new ReplyPattern(mark), 1);
		const envelope = Array.from({ length: 1000 }, (_, index) => `hop${index}`);
		bring(reply, pipe!, ...envelope, "", "a");
		expect(next(reply)).equal("a");
		reply.send(framesOf("b"));
		expect(pipe!.sent).deep.equal([`${envelope.join("|")}||b`]);
	});

	it("28/REQREP REP: drops a reply whose asker has left or does not read, and never blocks", () => {
		const [reply, [one, two]] = withPipes(new ReplyPattern(mark), 2);
		bring(reply, one!, "", "a");
		next(reply);
		reply.detach(one!);
		expect(reply.send(framesOf("lost"))).equal(true);
		bring(reply, two!, "", "b");
		next(reply);
		two!.isWritable = false;
		expect(reply.send(framesOf("lost"))).equal(true);
		expect([one!.sent, two!.sent, reply.canSend]).deep.equal([[], [], false]);
	});

	it("does not read a peer on without end", () => {
		const [reply, [pipe]] = withPipes(new ReplyPattern({ messages: 2, bytes: 1e9 }), 1);
		for (const text of ["a", "b"]) bring(reply, pipe!, "", text);
		expect(pipe!.isPaused).equal(true);
		next(reply);
		expect(pipe!.isPaused).equal(false);
	});
});
