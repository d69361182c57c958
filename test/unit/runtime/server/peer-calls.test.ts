import { expect } from "chai";
import { CallList } from "../../../../packages/runtime/src/server/call-list.js";
import type { ServedCall } from "../../../../packages/runtime/src/server/context.js";
import { PeerCalls } from "../../../../packages/runtime/src/server/peer-calls.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { servedCall } from "../../../support/runtime/served-call.js";

function call(name: string): ServedCall {
	return servedCall(name, 0, new FakePeer());
}

function namesOf(calls: CallList<ServedCall>): string[] {
	return [...calls].map(({ method }) => method);
}

describe("the calls of a peer", () => {
	it("stay in their order when some leave, wherever they stand", () => {
		const calls = new CallList<ServedCall>();
		const all = ["a", "b", "c", "d"].map(call);
		for (const one of all) calls.add(one);
		expect(namesOf(calls)).to.deep.equal(["a", "b", "c", "d"]);
		for (const [at, left] of [
			[1, ["a", "c", "d"]],
			[3, ["a", "c"]],
			[0, ["c"]],
			[2, []],
		] as const) {
			expect(calls.remove(all[at]!)).to.equal(true);
			expect(namesOf(calls)).to.deep.equal(left);
		}
		calls.add(all[2]!);
		expect(namesOf(calls)).to.deep.equal(["c"]);
	});

	it("leave once, and a list that they are not in lets them be", () => {
		const [calls, others] = [new CallList<ServedCall>(), new CallList<ServedCall>()];
		const all = ["first", "second"].map(call);
		for (const one of all) calls.add(one);
		for (const one of all) expect(others.remove(one)).to.equal(false);
		expect(namesOf(calls)).to.deep.equal(["first", "second"]);
		expect(calls.remove(all[0]!)).to.equal(true);
		expect(calls.remove(all[0]!)).to.equal(false);
		expect(namesOf(calls)).to.deep.equal(["second"]);
	});

	it("are looked for no more when they are given up, also when others come behind them", () => {
		const calls = new PeerCalls();
		const [first, second] = [call("first"), call("second")];
		calls.add(first);
		calls.giveUp(first);
		calls.add(second);
		expect(namesOf(calls.awaited)).to.deep.equal(["second"]);
		expect(namesOf(calls.givenUp)).to.deep.equal(["first"]);
		calls.remove(first);
		calls.giveUp(first);
		expect(namesOf(calls.givenUp)).to.deep.equal([]);
		calls.remove(second);
		expect(namesOf(calls.awaited)).to.deep.equal([]);
	});
});
