import { expect } from "chai";
import { DealerPattern } from "../../../../packages/zmtp/src/pattern/dealer.js";
import type { ApplicationPattern } from "../../../../packages/zmtp/src/pattern/pipe.js";
import { RequestPattern } from "../../../../packages/zmtp/src/pattern/request.js";
import { RouterPattern } from "../../../../packages/zmtp/src/pattern/router.js";
import { FakePipe, framesOf } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };
const options = { correlate: false, relaxed: false, mandatory: false, handover: false };

const makers: Readonly<Record<string, (probeRouter: boolean) => ApplicationPattern>> = {
	DEALER: (probeRouter) => new DealerPattern(mark, { probeRouter }),
	REQ: (probeRouter) => new RequestPattern(mark, { ...options, probeRouter }),
	ROUTER: (probeRouter) => new RouterPattern(mark, { ...options, probeRouter }),
};

for (const [name, make] of Object.entries(makers)) {
	describe(`zmtp ${name} pattern with probeRouter`, () => {
		it("puts an empty message first in each queue", () => {
			const pattern = make(true);
			const pipe = new FakePipe("bob");
			pattern.attach(pipe);
			pattern.send(name === "ROUTER" ? framesOf("bob", "x") : framesOf("x"));
			pattern.onReady?.(pipe);
			expect(pipe.sent).deep.equal(["", name === "REQ" ? "|x" : "x"]);
		});

		it("sends another for each connection that follows", () => {
			const pattern = make(true);
			const pipe = new FakePipe("bob");
			pattern.attach(pipe);
			for (let i = 0; i < 3; i++) {
				pattern.onReady?.(pipe);
				expect(pipe.sent).deep.equal([""]);
			}
		});

		it("sends nothing without being told to", () => {
			const pattern = make(false);
			const pipe = new FakePipe("bob");
			pattern.attach(pipe);
			pattern.onReady?.(pipe);
			expect(pipe.sent).deep.equal([]);
		});
	});
}
