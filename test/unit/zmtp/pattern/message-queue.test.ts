import { expect } from "chai";
import fc from "fast-check";
import { MessageQueue } from "../../../../packages/zmtp/src/pattern/message-queue.js";

describe("zmtp message queue", () => {
	it("is a queue, whatever the order of coming and going, and knows its octets", () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(fc.nat(50), fc.constant("shift"), fc.constant("clear")), { maxLength: 200 }),
				(steps) => {
					const queue = new MessageQueue();
					let model: number[] = [];
					for (const step of steps) {
						if (step === "clear") {
							queue.clear();
							model = [];
						} else if (step === "shift") {
							expect(queue.shift()?.[0]?.length).equal(model.shift());
						} else {
							queue.push([new Uint8Array(step as number)]);
							model.push(step as number);
						}
						expect(queue.length).equal(model.length);
						expect(queue.bytes).equal(model.reduce((sum, size) => sum + size, 0));
					}
				},
			),
		);
	});
});
