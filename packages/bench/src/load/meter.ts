import type { Latency } from "./messages.js";
import type { Counter } from "./phases.js";

/**
 * Counts round trips and times a share of them.
 *
 * Reading the clock twice for each of a million calls a second would be measured along with them. The stride is a
 * prime, so that it does not fall in step with a window of calls that travels as one wave and time the same place in
 * it again and again.
 */
const stride = 17;
/** From this many in flight on only every `stride`th call is timed. */
const samplingFrom = 16;
const maxSamples = 1 << 19;

export class Meter implements Counter {
	isOver = false;
	/** Round trips done since the last `reset`. */
	calls = 0;
	readonly #stride: number;
	readonly #samples = new Float64Array(maxSamples);
	#taken = 0;
	#sent = 0;
	#received = 0;
	#nextTimedSent = 1;
	#nextTimedReceived = 1;
	/** Start times of the timed calls in flight, oldest at `#head`. */
	readonly #starts: Float64Array;
	#head = 0;
	#tail = 0;

	constructor(inFlight: number) {
		this.#stride = inFlight < samplingFrom ? 1 : stride;
		this.#starts = new Float64Array(inFlight + 1);
	}

	reset(): void {
		this.calls = 0;
		this.#taken = 0;
	}

	/** For calls whose replies may come in any order. Returns what `end` wants. */
	begin(): number {
		if (++this.#sent < this.#nextTimedSent) return 0;
		this.#nextTimedSent += this.#stride;
		return performance.now();
	}

	end(startedAt: number): void {
		this.calls++;
		if (startedAt !== 0) this.#sample(performance.now() - startedAt);
	}

	/** For echoes that come back in the order they were sent. */
	sent(count: number): void {
		this.#sent += count;
		while (this.#sent >= this.#nextTimedSent) {
			this.#nextTimedSent += this.#stride;
			this.#starts[this.#tail] = performance.now();
			this.#tail = (this.#tail + 1) % this.#starts.length;
		}
	}

	received(count: number): void {
		this.calls += count;
		this.#received += count;
		while (this.#received >= this.#nextTimedReceived) {
			this.#nextTimedReceived += this.#stride;
			this.#sample(performance.now() - this.#starts[this.#head]!);
			this.#head = (this.#head + 1) % this.#starts.length;
		}
	}

	read(): { readonly calls: number } {
		return { calls: this.calls };
	}

	/** Unit: microseconds. */
	conclude(): { readonly latencyUs: Latency } {
		const sorted = this.#samples.slice(0, Math.min(this.#taken, maxSamples)).sort();
		const percentile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
		return { latencyUs: { p50: percentile(0.5) * 1000, p99: percentile(0.99) * 1000 } };
	}

	#sample(milliseconds: number): void {
		// The newest overwrite the oldest: only a very long run gets that far.
		this.#samples[this.#taken++ % maxSamples] = milliseconds;
	}
}
