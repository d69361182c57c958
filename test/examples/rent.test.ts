import { callsOf } from "@homing/runtime/testing";
import { expect } from "chai";
import { InsufficientFunds } from "../../packages/examples/src/bank/bank.js";
import { createBankFake } from "../../packages/examples/src/bank/generated/bank.fake.js";
import { payRent } from "../../packages/examples/src/bank/rent.js";

describe("the rent", () => {
	it("is paid", async () => {
		const bank = createBankFake({ transfer: () => ({ at: new Date(), balance: 100 }) });
		expect(await payRent(bank, "ada", "bob", 900)).to.equal(0);
		expect(callsOf(bank)).to.deep.equal([{ method: "transfer", args: ["ada", "bob", 900] }]);
	});

	it("is paid as far as the money goes, and the rest noted", async () => {
		const bank = createBankFake({
			transfer(_from, _to, cents) {
				if (cents > 500) throw new InsufficientFunds("too little", { balance: 500 });
				return { at: new Date(), balance: 500 - cents };
			},
		});
		expect(await payRent(bank, "ada", "bob", 900)).to.equal(400);
		expect(callsOf(bank)).to.deep.equal([
			{ method: "transfer", args: ["ada", "bob", 900] },
			{ method: "transfer", args: ["ada", "bob", 500] },
			{ method: "log", args: ["ada owes 400"] },
		]);
	});
});
