import { expect } from "chai";
import { backoff } from "../../../../packages/zmtp/src/socket/reconnect.js";

const options = { reconnectInterval: 100, reconnectMaxInterval: 5000 };

describe("zmtp back-off", () => {
	it("doubles up to the maximum", () => {
		const longest = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoff(attempt, options, 1));
		expect(longest).deep.equal([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
	});

	it("is spread from half of it to all", () => {
		expect([0, 0.5, 1].map((random) => backoff(2, options, random))).deep.equal([200, 300, 400]);
	});

	it("stays at the first pause when the maximum is below it", () => {
		expect(backoff(9, { reconnectInterval: 100, reconnectMaxInterval: 0 }, 1)).equal(100);
	});

	it("is never so long that a timer would not hold it", () => {
		expect(backoff(1e6, { reconnectInterval: 2 ** 31 - 1, reconnectMaxInterval: 2 ** 31 - 1 }, 1)).equal(2 ** 31 - 1);
	});
});
