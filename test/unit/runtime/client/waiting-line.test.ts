import { expect } from "chai";
import { Call } from "../../../../packages/runtime/src/client/call.js";
import { WaitingLine } from "../../../../packages/runtime/src/client/waiting-line.js";
import type { Method } from "../../../../packages/runtime/src/index.js";
import { echo } from "../../../support/runtime/echo.js";

function waiting(bytes = 10): Call {
	const ignore = () => {};
	const method = echo.say as unknown as Method<readonly unknown[], unknown>;
	const call = new Call(method, [], undefined, ignore, ignore);
	call.waiting = {
		header: new Uint8Array(0),
		body: { octets: new Uint8Array(bytes >> 1), frames: [new Uint8Array(bytes - (bytes >> 1))] },
	};
	return call;
}

describe("the client's waiting line", () => {
	it("keeps order, also when calls leave from the middle", () => {
		const line = new WaitingLine(10, 1000);
		const calls = [waiting(), waiting(), waiting()];
		for (const call of calls) line.add(call);
		line.remove(calls[1]!);
		line.remove(calls[1]!);
		expect([...line]).to.deep.equal([calls[0], calls[2]]);
		expect(line.length).to.equal(2);
	});

	it("is bounded in calls", () => {
		const line = new WaitingLine(2, 1000);
		const first = waiting();
		expect([line.add(first), line.add(waiting()), line.add(waiting())]).to.deep.equal([true, true, false]);
		line.remove(first);
		expect(line.add(waiting())).to.equal(true);
	});

	it("is bounded in octets", () => {
		const line = new WaitingLine(10, 100);
		const first = waiting(60);
		expect([line.add(first), line.add(waiting(40)), line.add(waiting(1))]).to.deep.equal([true, true, false]);
		line.remove(first);
		expect(line.add(waiting(60))).to.equal(true);
	});

	it("can be emptied while it is gone through", () => {
		const line = new WaitingLine(100_000, 10_000_000);
		for (let i = 0; i < 65_536; i++) line.add(waiting());
		for (const call of line) line.remove(call);
		expect(line.length).to.equal(0);
	});
});
