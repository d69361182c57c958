import { expect } from "chai";
import type { CallContext } from "../../../../packages/runtime/src/call-context.js";
import { SignalWatch, type Watched } from "../../../../packages/runtime/src/client/signal-watch.js";

interface Named extends Watched {
	readonly name: string;
}

const named = (name: string): Named => ({ name, place: undefined });
const parentOf = ({ signal }: AbortController) => ({ signal }) as unknown as CallContext;

function setUp() {
	const told: string[] = [];
	const watch = new SignalWatch<Named>(({ name }, reason) => told.push(`${name}: ${String(reason)}`));
	return { watch, told };
}

/** Counts a signal's listeners. */
function counted({ signal }: AbortController): () => number {
	let listeners = 0;
	const { addEventListener, removeEventListener } = signal;
	signal.addEventListener = ((...args: Parameters<typeof addEventListener>) => {
		listeners++;
		addEventListener.apply(signal, args);
	}) as typeof addEventListener;
	signal.removeEventListener = ((...args: Parameters<typeof removeEventListener>) => {
		listeners--;
		removeEventListener.apply(signal, args);
	}) as typeof removeEventListener;
	return () => listeners;
}

describe("signals of calls", () => {
	it("end all calls that hang on them, in order, and no others", () => {
		const { watch, told } = setUp();
		const [one, other] = [new AbortController(), new AbortController()];
		for (const name of ["a", "b", "c"]) watch.watch({ signal: one.signal }, named(name));
		watch.watch({ signal: other.signal }, named("d"));
		one.abort("enough");
		expect(told).deep.equal(["a: enough", "b: enough", "c: enough"]);
		other.abort("too");
		expect(told.at(-1)).equal("d: too");
	});

	it("do not end calls that are watched no more", () => {
		const { watch, told } = setUp();
		const controller = new AbortController();
		const calls = ["a", "b", "c"].map(named);
		for (const call of calls) watch.watch({ signal: controller.signal }, call);
		watch.unwatch(calls[1]!);
		watch.unwatch(calls[1]!);
		controller.abort("x");
		expect(told).deep.equal(["a: x", "c: x"]);
	});

	it("end a call that hangs on two of them once, by whichever aborts first", () => {
		for (const first of [0, 1] as const) {
			const { watch, told } = setUp();
			const pair = [new AbortController(), new AbortController()] as const;
			watch.watch({ signal: pair[0].signal, parent: parentOf(pair[1]) }, named("a"));
			pair[first].abort("first");
			pair[1 - first]!.abort("second");
			expect(told).deep.equal(["a: first"]);
		}
	});

	it("end a call once that has the same one twice", () => {
		const { watch, told } = setUp();
		const controller = new AbortController();
		watch.watch({ signal: controller.signal, parent: parentOf(controller) }, named("a"));
		controller.abort("x");
		expect(told).deep.equal(["a: x"]);
	});

	it("have one listener for all their calls, and none once those have ended", () => {
		const { watch } = setUp();
		const [one, other] = [new AbortController(), new AbortController()];
		const [onOne, onOther] = [counted(one), counted(other)];
		const calls = Array.from({ length: 20 }, (_, i) => named(`${i}`));
		for (const [i, call] of calls.entries()) {
			watch.watch(i % 2 === 0 ? { signal: one.signal } : { signal: other.signal, parent: parentOf(one) }, call);
		}
		expect([onOne(), onOther()]).deep.equal([1, 1]);
		for (const call of calls) watch.unwatch(call);
		expect([onOne(), onOther()]).deep.equal([0, 0]);
		watch.watch({ signal: one.signal }, calls[0]!);
		expect(onOne()).equal(1);
		one.abort();
		expect(onOne()).equal(0);
	});

	it("may end calls that end others", () => {
		const told: string[] = [];
		const calls = ["a", "b", "c"].map(named);
		const watch = new SignalWatch<Named>((call) => {
			told.push(call.name);
			watch.unwatch(calls[1]!);
		});
		const controller = new AbortController();
		for (const call of calls) watch.watch({ signal: controller.signal }, call);
		controller.abort();
		expect(told).deep.equal(["a", "c"]);
	});
});
