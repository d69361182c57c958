import { type Profiler, Session } from "node:inspector";

/**
 * Which of the product's code has run, by V8's own counters. A look at them costs far more than an input, so inputs are
 * looked at in batches, and by halves when a batch went where none had been.
 */
export class Coverage {
	readonly #session = new Session();
	/** For each script, a mark on each character that has run. */
	readonly #reached = new Map<string, Uint8Array>();
	/** Stretches of code reached so far. */
	stretches = 0;

	constructor() {
		this.#session.connect();
		this.#session.post("Profiler.enable");
		this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
	}

	/** How many stretches ran since the last call and never before; with `remembers`, they count as reached from now on. */
	take(remembers: boolean): number {
		let fresh = 0;
		this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
			if (error !== null) throw error;
			for (const script of answer.result) if (isProduct(script)) fresh += this.#compare(script, remembers);
		});
		if (remembers) this.stretches += fresh;
		return fresh;
	}

	close(): void {
		this.#session.disconnect();
	}

	#compare({ url, functions }: Profiler.ScriptCoverage, remembers: boolean): number {
		const ran = marks(functions);
		const reached = this.#reached.get(url) ?? new Uint8Array(0);
		let fresh = 0;
		let wasFresh = false;
		for (let at = 0; at < ran.length; at++) {
			const isFresh = ran[at] === 1 && reached[at] !== 1;
			if (isFresh && !wasFresh) fresh++;
			wasFresh = isFresh;
		}
		if (remembers && fresh > 0) {
			const all = new Uint8Array(Math.max(ran.length, reached.length));
			all.set(reached);
			for (let at = 0; at < ran.length; at++) all[at]! |= ran[at]!;
			this.#reached.set(url, all);
		}
		return fresh;
	}
}

/** Inner ranges follow those around them, and a range without a count of its own has that of the one around it. */
function marks(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
	const ranges = functions.flatMap((one) => one.ranges);
	const ran = new Uint8Array(ranges.reduce((end, range) => Math.max(end, range.endOffset), 0));
	for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
	return ran;
}

/** What the code generator writes is the product's too. */
const product = ["/packages/zmtp/src/", "/packages/runtime/src/protocol/", "/test/codegen/fixtures/expected/"];

function isProduct({ url }: Profiler.ScriptCoverage): boolean {
	return product.some((folder) => url.includes(folder));
}
