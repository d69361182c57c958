import { expect } from "chai";
import { RetryBudget } from "../../../../packages/runtime/src/client/retry-budget.js";

describe("the retry budget", () => {
	it("is ample above half of its tokens, and each failure costs one", () => {
		const budget = new RetryBudget({ maxTokens: 4 });
		const seen: boolean[] = [];
		for (let i = 0; i < 4; i++) {
			seen.push(budget.isAmple);
			budget.spend();
		}
		expect(seen).to.deep.equal([true, true, false, false]);
		budget.spend();
		expect(budget.tokens).to.equal(0);
	});

	it("is earned back by successes, and holds no more than at the start", () => {
		const budget = new RetryBudget({ maxTokens: 2, tokenRatio: 0.5 });
		budget.spend();
		expect(budget.isAmple).to.equal(false);
		budget.earn();
		expect(budget.isAmple).to.equal(true);
		for (let i = 0; i < 10; i++) budget.earn();
		expect(budget.tokens).to.equal(2);
		budget.refund();
		expect(budget.tokens).to.equal(2);
	});

	it("refuses values that make no sense", () => {
		expect(() => new RetryBudget({ maxTokens: 0 })).to.throw(RangeError, "maxTokens");
		expect(() => new RetryBudget({ tokenRatio: -1 })).to.throw(RangeError, "tokenRatio");
	});
});
