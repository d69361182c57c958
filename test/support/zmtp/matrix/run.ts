import type { Options, SideSocket } from "../side.js";
import { type Cell, isServer } from "./cells.js";
import { inTurns } from "./crowd.js";
import { routingIdOf } from "./pairs.js";
import { securityOf } from "./security.js";

function openSocket(cell: Cell, who: "one" | "other", common: Options): Promise<SideSocket> {
	const type = cell.pair[who];
	const options: Options = {
		...common,
		...routingIdOf(type, who),
		...securityOf(cell.column.mechanism, isServer(cell, who)),
	};
	return cell[who].open(type, options);
}

/** Lets the two meet and say all they can. Rejects when anything is not as it was said. */
async function run(cell: Cell, common: Options): Promise<void> {
	const one = await openSocket(cell, "one", common);
	try {
		const other = await openSocket(cell, "other", common);
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

/** Runs cells, `width` at a time. `common`: options for all sockets. */
export async function runAll(cells: readonly Cell[], width: number, common: Options = {}): Promise<Outcomes> {
	const outcomes: Outcomes = new Map();
	await inTurns(cells, width, async (cell) => {
		outcomes.set(cell, await run(cell, common).then(() => undefined, asError));
	});
	return outcomes;
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
