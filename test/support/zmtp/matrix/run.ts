import type { Options, SideSocket, Type } from "../side.js";
import { type Cell, isServer } from "./cells.js";
import { routingIds } from "./pairs.js";
import { securityOf } from "./security.js";

const hasRoutingId: ReadonlySet<Type> = new Set<Type>(["DEALER", "REQ", "ROUTER"]);

function openSocket(cell: Cell, who: "one" | "other"): Promise<SideSocket> {
	const type = cell.pair[who];
	const options: Options = {
		...(hasRoutingId.has(type) ? { routingId: routingIds[who] } : {}),
		...securityOf(cell.column.mechanism, isServer(cell, who)),
	};
	return cell[who].open(type, options);
}

/** Lets the two meet and say all they can. Rejects when anything is not as it was said. */
export async function run(cell: Cell): Promise<void> {
	const one = await openSocket(cell, "one");
	try {
		const other = await openSocket(cell, "other");
		try {
			const [binder, connecter] = cell.isOneBound ? [one, other] : [other, one];
			await connecter.connect(await binder.bind(cell.column.place.endpoint()));
			await cell.pair.converse(one, other);
		} finally {
			await other.close();
		}
	} finally {
		await one.close();
	}
}

/** What became of each cell: `undefined`, or why it failed. */
export type Outcomes = Map<Cell, Error | undefined>;

/** Runs cells, `width` at a time. */
export async function runAll(cells: readonly Cell[], width: number): Promise<Outcomes> {
	const outcomes: Outcomes = new Map();
	const waiting = [...cells];
	const work = async () => {
		for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
			outcomes.set(cell, await run(cell).then(() => undefined, asError));
		}
	};
	await Promise.all(Array.from({ length: width }, work));
	return outcomes;
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
