/**
 * Makes 100 000 calls that nobody answers and says what each of them holds, in octets: heap and memory outside it, after
 * collection, with everything sent. Needs --expose-gc.
 */
import { connect } from "../../../packages/runtime/src/index.js";
import { echo } from "./echo.js";

const count = 100_000;
const [endpoint] = process.argv.slice(2) as [string];
const turn = () => new Promise((resolve) => setImmediate(resolve));

const connection = connect(endpoint, { maxWaitingCalls: 1_000_000 });
const promises: Promise<unknown>[] = new Array(2 * count);
let made = 0;

/** Enough of them at a time that the machine can breathe. */
async function make(until: number): Promise<void> {
	while (made < until) {
		promises[made] = connection.call(echo.say, ["a small argument"]);
		promises[made++]!.catch(() => {});
		if (made % 500 === 0) await turn();
	}
	while (connection.stats().waiting > 0) await turn();
}

async function used(): Promise<number> {
	for (let i = 0; i < 5; i++) {
		globalThis.gc?.();
		await turn();
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

// The first ones warm everything up: code, slabs, shapes.
await make(1000);
const before = await used();
await make(1000 + count);
const after = await used();
process.stdout.write(String((after - before) / count));
process.exit();
