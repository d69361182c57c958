import { expect } from "chai";
import { ServedCall } from "../../../../packages/runtime/src/server/context.js";
import { PeerCalls } from "../../../../packages/runtime/src/server/peer-calls.js";
import { DeadlineWheel } from "../../../../packages/runtime/src/timing/deadline-wheel.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";

const wheel = new DeadlineWheel<ServedCall>(() => {});

function call(name: string): ServedCall {
	return new ServedCall(name, 0, 0, Number.POSITIVE_INFINITY, new FakePeer(), undefined, undefined, wheel);
}

function namesOf(calls: PeerCalls): string[] {
	return [...calls].map(({ method }) => method);
}

describe("the calls of a peer", () => {
	it("stay in their order when some leave, wherever they stand", () => {
		const calls = new PeerCalls();
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

	it("cannot leave twice, nor be set back when they have left", () => {
		const calls = new PeerCalls();
		const [first, second] = [call("first"), call("second")];
		calls.add(first);
		calls.add(second);
		calls.remove(first);
		expect(calls.remove(first)).to.equal(false);
		calls.setBack(first);
		expect(namesOf(calls)).to.deep.equal(["second"]);
	});

	it("go to the end when they are given up", () => {
		const calls = new PeerCalls();
		const all = ["a", "b", "c"].map(call);
		for (const one of all) calls.add(one);
		calls.setBack(all[0]!);
		expect(namesOf(calls)).to.deep.equal(["b", "c", "a"]);
		calls.setBack(all[0]!);
		expect(namesOf(calls)).to.deep.equal(["b", "c", "a"]);
	});
});
