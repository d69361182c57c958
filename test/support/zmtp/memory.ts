import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Heap and buffers of this process that are not garbage. Unit: bytes. */
export async function heldBytes(): Promise<number> {
	let held = Number.POSITIVE_INFINITY;
	// Finalizers run between turns, and free what the next collection finds.
	for (let i = 0; i < 4; i++) {
		collectGarbage();
		await new Promise((resolve) => setImmediate(resolve));
		const { heapUsed, external } = process.memoryUsage();
		held = Math.min(held, heapUsed + external);
	}
	return held;
}
