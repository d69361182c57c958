import { expect } from "chai";
import {
	asUnknown,
	backoffMs,
	fullPolicy,
	mayRepeat,
	standardPolicy,
} from "../../../../packages/runtime/src/client/retry-policy.js";
import { type Outcome, RpcError, type Status, statusNumbers } from "../../../../packages/runtime/src/errors.js";
import { echo } from "../../../support/runtime/echo.js";

const statuses = Object.keys(statusNumbers) as Status[];
const usual = fullPolicy({})!;

function repeated(
	policy: typeof standardPolicy,
	outcome: Outcome,
	method: typeof echo.say | typeof echo.risky,
): Status[] {
	return statuses.filter((status) =>
		mayRepeat({ method, channel: undefined }, new RpcError(status, "no", { outcome }), policy),
	);
}

describe("the rules of another attempt", () => {
	const safe: Status[] = [
		"UNKNOWN",
		"NOT_FOUND",
		"ALREADY_EXISTS",
		"ABORTED",
		"OUT_OF_RANGE",
		"INTERNAL",
		"UNAVAILABLE",
		"DATA_LOSS",
	];

	it("what was not started is made again, whatever the method, unless the status says that it would end the same way", () => {
		for (const policy of [standardPolicy, usual]) {
			expect(repeated(policy, "not-started", echo.risky)).to.deep.equal(safe);
			expect(repeated(policy, "not-started", echo.say)).to.deep.equal(safe);
		}
	});

	it("by the standard policy nothing is made again that may have run", () => {
		for (const outcome of ["unknown", "failed"] as const) {
			expect(repeated(standardPolicy, outcome, echo.say)).to.deep.equal([]);
			expect(repeated(standardPolicy, outcome, echo.risky)).to.deep.equal([]);
		}
	});

	it("by a policy of the user's what may have run is made again with its statuses, where the method is idempotent", () => {
		for (const outcome of ["unknown", "failed"] as const) {
			expect(repeated(usual, outcome, echo.say)).to.deep.equal(["UNAVAILABLE"]);
			expect(repeated(fullPolicy({ statuses: ["ABORTED", "INTERNAL"] })!, outcome, echo.say)).to.deep.equal([
				"ABORTED",
				"INTERNAL",
			]);
			expect(repeated(fullPolicy({ statuses: statuses.slice(1) })!, outcome, echo.risky)).to.deep.equal([]);
		}
	});

	it("a full server is asked again only by a policy that names RESOURCE_EXHAUSTED", () => {
		const policy = fullPolicy({ statuses: ["RESOURCE_EXHAUSTED"] })!;
		expect(repeated(policy, "not-started", echo.risky)).to.include("RESOURCE_EXHAUSTED");
		expect(repeated(policy, "failed", echo.risky)).to.deep.equal([]);
	});

	it("a call with a channel is made again only while nothing was exchanged, and never when it may have run", () => {
		for (const [outcome, isUntouched, isRepeated] of [
			["not-started", true, true],
			["not-started", false, false],
			["unknown", true, false],
			["unknown", false, false],
		] as const) {
			const error = new RpcError("UNAVAILABLE", "no", { outcome });
			expect(mayRepeat({ method: echo.say, channel: { isUntouched } }, error, usual)).to.equal(isRepeated);
		}
	});

	it("the longest pause grows by the multiplier up to its bound, and chance takes its part of all of it", () => {
		const policy = fullPolicy({ initialBackoffMs: 10, multiplier: 3, maxBackoffMs: 100 })!;
		expect([1, 2, 3, 4, 255].map((attempt) => backoffMs(policy, attempt, 1))).to.deep.equal([10, 30, 90, 100, 100]);
		expect([0, 0.25, 0.5].map((chance) => backoffMs(policy, 2, chance))).to.deep.equal([0, 7.5, 15]);
	});

	it("an error after an attempt that may have run is never not-started, and keeps the rest", () => {
		const error = new RpcError("UNAVAILABLE", "gone", { outcome: "not-started", origin: "peer", details: { a: 1 } });
		expect(asUnknown(error)).to.include({ status: "UNAVAILABLE", message: "gone", outcome: "unknown", origin: "peer" });
		expect(asUnknown(error).details).to.deep.equal({ a: 1 });
		const failed = new RpcError("NOT_FOUND", "no");
		expect(asUnknown(failed)).to.equal(failed);
	});

	it("values that make no sense are refused by name", () => {
		for (const [bad, name] of [
			[{ attempts: 0 }, "attempts"],
			[{ attempts: 1.5 }, "attempts"],
			[{ attempts: 257 }, "attempts"],
			[{ initialBackoffMs: -1 }, "initialBackoffMs"],
			[{ maxBackoffMs: Number.NaN }, "maxBackoffMs"],
			[{ multiplier: 0.5 }, "multiplier"],
			[{ statuses: ["CANCELLED"] }, "statuses"],
			[{ statuses: ["NO_SUCH"] }, "statuses"],
		] as const) {
			expect(() => fullPolicy(bad as object), JSON.stringify(bad)).to.throw(RangeError, `retry.${name}`);
		}
		expect(fullPolicy(false)).to.equal(undefined);
	});
});
