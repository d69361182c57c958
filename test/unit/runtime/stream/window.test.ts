import { expect } from "chai";
import fc from "fast-check";
import { Intake, Outflow, window } from "../../../../packages/runtime/src/stream/window.js";

describe("the window of a stream", () => {
	it("lets as many items out as it has, then as many as were consumed", async () => {
		const outflow = new Outflow();
		for (let i = 0; i < window.items; i++) {
			expect(outflow.isOpen).equal(true);
			outflow.sent(1);
		}
		expect(outflow.isOpen).equal(false);
		let isOpened = false;
		const opened = outflow.opened().then(() => {
			isOpened = true;
		});
		await Promise.resolve();
		expect(isOpened).equal(false);
		expect(outflow.consumed(3)).equal(true);
		await opened;
		for (let i = 0; i < 3; i++) outflow.sent(1);
		expect(outflow.isOpen).equal(false);
	});

	it("lets octets out up to its bound, and the item that crosses it", () => {
		const outflow = new Outflow();
		outflow.sent(window.bytes - 1);
		expect(outflow.isOpen).equal(true);
		outflow.sent(5 * window.bytes);
		expect(outflow.isOpen).equal(false);
		outflow.consumed(1);
		expect(outflow.isOpen).equal(false);
		outflow.consumed(1);
		expect(outflow.isOpen).equal(true);
	});

	it("knows credit for what was not sent", () => {
		const outflow = new Outflow();
		expect(outflow.consumed(1)).equal(false);
		outflow.sent(1);
		expect(outflow.consumed(2)).equal(false);
		expect(outflow.consumed(1)).equal(true);
	});

	it("that can never have credit says why at the item too many, which is asked for: it may be the end", async () => {
		const outflow = new Outflow(new Error("no way back"));
		for (let i = 0; i < window.items; i++) {
			await outflow.opened();
			outflow.assertOpen();
			outflow.sent(0);
		}
		await outflow.opened();
		expect(() => outflow.assertOpen()).throw("no way back");
	});

	it("wakes whoever waits when nobody wants more", async () => {
		const outflow = new Outflow();
		outflow.sent(window.bytes);
		const opened = outflow.opened();
		outflow.stop();
		await opened;
		await outflow.opened();
	});

	it("lets nothing in beyond what a sender that keeps to it may send", () => {
		const intake = new Intake(() => {});
		for (let i = 0; i < window.items; i++) expect(intake.arrived(1)).equal(true);
		expect(intake.arrived(1)).equal(false);
		const octets = new Intake(() => {});
		expect(octets.arrived(window.bytes * 3)).equal(true);
		expect(octets.arrived(0)).equal(false);
	});

	it("holds up nobody for ever, and never lets a sender that keeps to it be taken for one that does not", () => {
		fc.assert(
			fc.property(
				fc.array(fc.nat(window.bytes * 2), { minLength: 1, maxLength: 3000 }),
				fc.infiniteStream(fc.boolean()),
				(sizes, choices) => {
					const outflow = new Outflow();
					const held: number[] = [];
					const intake = new Intake((count) => expect(outflow.consumed(count)).equal(true));
					let sent = 0;
					while (sent < sizes.length || held.length > 0) {
						const canSend = sent < sizes.length && outflow.isOpen;
						// The reader has it all and the sender may not go on: that would be for ever.
						expect(canSend || held.length > 0).equal(true);
						if (canSend && (held.length === 0 || choices.next().value)) {
							const size = sizes[sent++]!;
							outflow.sent(size);
							expect(intake.arrived(size)).equal(true);
							held.push(size);
						} else {
							intake.consumed(held.shift()!);
						}
					}
				},
			),
			{ numRuns: 60 },
		);
	});
});
