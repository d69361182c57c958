import { expect } from "chai";
import { Call } from "../../../../packages/runtime/src/client/call.js";
import type { CallOptions } from "../../../../packages/runtime/src/client/call-options.js";
import { Retries, type RetrySettings } from "../../../../packages/runtime/src/client/retries.js";
import { RpcError } from "../../../../packages/runtime/src/errors.js";
import type { AnyMethod } from "../../../../packages/runtime/src/service.js";
import { echo } from "../../../support/runtime/echo.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { until } from "../../../support/runtime/until.js";

/** Retries whose clock and chance are set by hand. */
class Rig {
	now = 1000;
	chance = 0.5;
	hasAnother = false;
	readonly due: Call[] = [];
	readonly retries: Retries;

	constructor(settings: RetrySettings = { retry: {} }) {
		this.retries = new Retries(
			settings,
			{ hasAnother: () => this.hasAnother, onDue: (call) => this.due.push(call) },
			() => this.now,
			() => this.chance,
		);
	}

	call(options?: CallOptions): Call {
		const call = new Call(echo.say as unknown as AnyMethod, ["a"], options, ignore, ignore);
		call.peer = new FakePeer();
		return call;
	}

	next(call: Call, error: RpcError, deadlineAt = Number.POSITIVE_INFINITY): number | undefined {
		return this.retries.next(call, error, deadlineAt);
	}
}

const ignore = () => {};
const lost = new RpcError("UNAVAILABLE", "lost", { outcome: "unknown" });
const unsent = new RpcError("UNAVAILABLE", "lost", { outcome: "not-started" });
const refused = new RpcError("UNAVAILABLE", "draining", { outcome: "not-started", origin: "peer" });

describe("retries", () => {
	it("pause longer with each attempt, as far as chance wants, and end with the policy's last", () => {
		const rig = new Rig();
		const { retries } = rig;
		const call = rig.call();
		expect([1, 2, 3].map(() => rig.next(call, lost))).to.deep.equal([25, 50, undefined]);
		expect(call.repetition).to.include({ attempt: 2, mayHaveRun: true });
		expect(retries.count).to.equal(2);
	});

	it("do not pause where nothing has to be spared: what never left, and what another server takes", () => {
		const rig = new Rig();
		expect(rig.next(rig.call(), unsent)).to.equal(0);
		expect(rig.next(rig.call(), refused)).to.equal(25);
		rig.hasAnother = true;
		expect(rig.next(rig.call(), refused)).to.equal(0);
		expect(rig.next(rig.call(), lost)).to.equal(25);
	});

	it("are not made when the deadline would pass in the pause", () => {
		const rig = new Rig();
		expect(rig.next(rig.call(), lost, rig.now + 25)).to.equal(undefined);
		expect(rig.next(rig.call(), lost, rig.now + 26)).to.equal(25);
	});

	it("go to no server twice for a caller that does not wait for one", () => {
		const rig = new Rig();
		expect(rig.next(rig.call({ waitForReady: false }), refused)).to.equal(undefined);
		rig.hasAnother = true;
		expect(rig.next(rig.call({ waitForReady: false }), refused)).to.equal(0);
	});

	it("stop while most calls fail, but for what never left this process", () => {
		const rig = new Rig({ retry: {}, retryBudget: { maxTokens: 4, tokenRatio: 1 } });
		expect([1, 2, 3].map(() => rig.next(rig.call(), lost))).to.deep.equal([25, undefined, undefined]);
		expect(rig.next(rig.call(), unsent)).to.equal(0);
		for (let i = 0; i < 4; i++) rig.retries.budget.earn();
		expect(rig.next(rig.call(), lost)).to.equal(25);
	});

	it("obey the call before the connection", () => {
		const rig = new Rig({ retry: false });
		expect(rig.next(rig.call(), unsent)).to.equal(undefined);
		expect(rig.next(rig.call({ retry: { attempts: 2 } }), unsent)).to.equal(0);
		const other = new Rig();
		expect(other.next(other.call({ retry: false }), unsent)).to.equal(undefined);
	});

	it("hold a call until its pause is over, or it ends", async () => {
		const rig = new Rig();
		const [one, two] = [rig.call(), rig.call()];
		for (const call of [one, two]) {
			const pauseMs = rig.next(call, lost)!;
			rig.retries.pause(call.repetition!, pauseMs);
		}
		expect(rig.retries.pausing).to.equal(2);
		rig.retries.forget(two.repetition!);
		rig.retries.forget(two.repetition!);
		expect(rig.retries.pausing).to.equal(1);
		rig.now += 100;
		await until(() => rig.due.length === 1);
		expect(rig.due).to.deep.equal([one]);
		expect(rig.retries.pausing).to.equal(0);
		rig.retries.stop();
	});
});
