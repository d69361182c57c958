/** The least that an awaited call can be: a promise that is resolved in a later turn, with an object of its own. */
import { runSlices } from "../load/slices.js";
import type { Small } from "../services/echo.js";
import { makeSmall } from "../workload.js";

interface Pending {
	readonly message: Small;
	readonly resolve: (result: Small) => void;
}

let pending: Pending[] = [];
let lastResolve: Pending["resolve"];
/** One executor for all: a closure for each call would be measured with it. */
const keep = (resolve: Pending["resolve"]) => {
	lastResolve = resolve;
};

function call(message: Small): Promise<Small> {
	const answered = new Promise<Small>(keep);
	if (pending.length === 0) setImmediate(answer);
	pending.push({ message, resolve: lastResolve });
	return answered;
}

function answer(): void {
	const due = pending;
	pending = [];
	for (const { message, resolve } of due) resolve({ name: message.name, id: message.id, v: message.v });
}

await runSlices((number) => call(makeSmall(number)));
