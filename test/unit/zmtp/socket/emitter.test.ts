import { on, once } from "node:events";
import { expect } from "chai";
import { Emitter } from "../../../../packages/zmtp/src/socket/emitter.js";

interface Weather {
	rain: number;
	sun: { readonly hours: number };
}

describe("an emitter", () => {
	it("calls listeners in the order they were added, those put in front first", () => {
		const emitter = new Emitter<Weather>();
		const heard: string[] = [];
		emitter.on("rain", (mm) => heard.push(`first ${mm}`));
		emitter.addListener("rain", (mm) => heard.push(`second ${mm}`));
		emitter.prependListener("rain", (mm) => heard.push(`front ${mm}`));
		expect(emitter.emit("rain", 3)).equal(true);
		expect(emitter.emit("sun", { hours: 2 })).equal(false);
		expect(heard).deep.equal(["front 3", "first 3", "second 3"]);
	});

	it("calls a listener added with once() one time, also when it emits the same again", () => {
		const emitter = new Emitter<Weather>();
		const heard: number[] = [];
		emitter.once("rain", (mm) => {
			heard.push(mm);
			emitter.emit("rain", mm + 1);
		});
		emitter.prependOnceListener("rain", (mm) => heard.push(-mm));
		emitter.emit("rain", 1);
		emitter.emit("rain", 5);
		expect(heard).deep.equal([-1, 1]);
	});

	it("removes one of several equal listeners at a time", () => {
		const emitter = new Emitter<Weather>();
		let calls = 0;
		const count = () => calls++;
		emitter.on("rain", count).on("rain", count).off("rain", count);
		emitter.emit("rain", 0);
		emitter.removeListener("rain", count).off("rain", count);
		emitter.emit("rain", 0);
		expect(calls).equal(1);
	});

	it("tells what it has, and lets go of all", () => {
		const emitter = new Emitter<Weather>();
		const listener = () => {};
		emitter.on("rain", listener).once("sun", listener);
		expect(emitter.eventNames()).deep.equal(["rain", "sun"]);
		expect(emitter.listeners("sun")).deep.equal([listener]);
		expect(emitter.listenerCount("rain")).equal(1);
		emitter.removeAllListeners("rain");
		expect(emitter.eventNames()).deep.equal(["sun"]);
		emitter.removeAllListeners();
		expect(emitter.eventNames()).deep.equal([]);
	});

	it("is not disturbed by a listener that removes the next one", () => {
		const emitter = new Emitter<Weather>();
		let calls = 0;
		const next = () => calls++;
		emitter.on("rain", () => emitter.off("rain", next)).on("rain", next);
		emitter.emit("rain", 0);
		emitter.emit("rain", 0);
		expect(calls).equal(1);
	});

	it("serves events.once and events.on of Node", async () => {
		const emitter = new Emitter<Weather>();
		const first = once(emitter, "rain");
		emitter.emit("rain", 7);
		expect(await first).deep.equal([7]);
		const all = on(emitter, "sun");
		emitter.emit("sun", { hours: 4 });
		expect((await all.next()).value).deep.equal([{ hours: 4 }]);
		await all.return?.();
		expect(emitter.eventNames()).deep.equal([]);
	});
});
