import type { Place } from "../places.js";
import { ipcPlace } from "../places.js";
import type { Options, Side, Type } from "../side.js";
import { type Pair, routingIds } from "./pairs.js";
import { type Mechanism, securityOf } from "./security.js";

/** One meeting: who, of which type, by which mechanism, over which transport, and who binds. */
export interface Cell {
	readonly pair: Pair;
	readonly one: Side;
	readonly other: Side;
	readonly mechanism: Mechanism;
	readonly place: Place;
	/** Whether `one` binds. Who binds is the mechanism's server. */
	readonly isOneBound: boolean;
}

export const mechanisms: readonly Mechanism[] = ["NULL", "PLAIN", "CURVE"];

export const matrixPlaces: readonly Place[] = [
	{ name: "tcp", endpoint: () => "tcp://127.0.0.1:*" },
	ipcPlace,
	{ name: "ws", endpoint: () => "ws://127.0.0.1:*" },
];

/** All meetings of a pair of types between two sides; a side that meets itself meets itself once. */
export function cellsOf(pair: Pair, one: Side, other: Side): Cell[] {
	const isMirrored = one === other && pair.one === pair.other;
	return matrixPlaces.flatMap((place) =>
		mechanisms.flatMap((mechanism) =>
			(isMirrored ? [true] : [true, false]).map((isOneBound) => ({ pair, one, other, mechanism, place, isOneBound })),
		),
	);
}

export function nameOf({ pair, one, other, mechanism, place, isOneBound }: Cell): string {
	const bound = isOneBound ? pair.one : pair.other;
	return `${one.name} ${pair.one} and ${other.name} ${pair.other}, ${mechanism} over ${place.name}, ${bound} binding`;
}

const hasRoutingId: ReadonlySet<Type> = new Set<Type>(["DEALER", "REQ", "ROUTER"]);

/** Lets the two meet and say all they can. Rejects when anything is not as it was said. */
export async function run({ pair, one, other, mechanism, place, isOneBound }: Cell): Promise<void> {
	const options = (type: Type, isBound: boolean, routingId: Uint8Array): Options => ({
		...(hasRoutingId.has(type) ? { routingId } : {}),
		...securityOf(mechanism, isBound),
	});
	const oneSocket = await one.open(pair.one, options(pair.one, isOneBound, routingIds.one));
	try {
		const otherSocket = await other.open(pair.other, options(pair.other, !isOneBound, routingIds.other));
		try {
			const [binder, connecter] = isOneBound ? [oneSocket, otherSocket] : [otherSocket, oneSocket];
			await connecter.connect(await binder.bind(place.endpoint()));
			await pair.converse(oneSocket, otherSocket);
		} finally {
			await otherSocket.close();
		}
	} finally {
		await oneSocket.close();
	}
}

/** Runs cells, `width` at a time; what each rejected with. */
export async function runAll(cells: readonly Cell[], width: number): Promise<Map<Cell, Error | undefined>> {
	const outcomes = new Map<Cell, Error | undefined>();
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
