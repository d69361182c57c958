import { ipcPlace, type Place } from "../places.js";
import type { Side } from "../side.js";
import type { Pair } from "./pairs.js";
import type { Mechanism } from "./security.js";

/** How a cell's connection is made. */
export interface Column {
	readonly place: Place;
	readonly mechanism: Mechanism;
	/** Who is the mechanism's server. */
	readonly server: "binder" | "connecter";
}

/** One meeting: who, of which type, how, and who binds. */
export interface Cell {
	readonly pair: Pair;
	readonly one: Side;
	readonly other: Side;
	readonly column: Column;
	/** Whether `one` binds. */
	readonly isOneBound: boolean;
}

const tcp: Place = { name: "tcp", endpoint: () => "tcp://127.0.0.1:*" };
const ws: Place = { name: "ws", endpoint: () => "ws://127.0.0.1:*" };

export const columns: readonly Column[] = [
	...[tcp, ipcPlace, ws].flatMap((place) =>
		(["NULL", "PLAIN", "CURVE"] as const).map((mechanism) => ({ place, mechanism, server: "binder" as const })),
	),
	{ place: tcp, mechanism: "PLAIN", server: "connecter" },
	{ place: tcp, mechanism: "CURVE", server: "connecter" },
];

/** All meetings of a pair of types between two sides; what meets its like needs no change of places. */
export function cellsOf(pair: Pair, one: Side, other: Side): Cell[] {
	const isMirrored = one === other && pair.one === pair.other;
	return columns.flatMap((column) =>
		(isMirrored ? [true] : [true, false]).map((isOneBound) => ({ pair, one, other, column, isOneBound })),
	);
}

export function nameOf({ pair, one, other, column: { place, mechanism, server }, isOneBound }: Cell): string {
	const bound = isOneBound ? `${one.name} ${pair.one}` : `${other.name} ${pair.other}`;
	const by = mechanism === "NULL" ? mechanism : `${mechanism} with the ${server} as its server`;
	return `${one.name} ${pair.one} and ${other.name} ${pair.other} over ${place.name} by ${by}, ${bound} binding`;
}

/** Whether `one` (or `other`) is the mechanism's server. */
export function isServer({ column, isOneBound }: Cell, who: "one" | "other"): boolean {
	return (column.server === "binder") === (isOneBound === (who === "one"));
}
