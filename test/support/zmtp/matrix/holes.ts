import { ours } from "../our-side.js";
import type { Cell } from "./cells.js";

/**
 * Whether libzmq cannot do this with itself, 4.3.4 and 4.3.5 alike. There is one such thing: its publishers take no
 * subscription that comes as a command by CURVE over ws, which is how its subscribers send it unless an XSUB's
 * application does so with the connection standing.
 */
export function isHole({ pair, one, other, column, isOneBound }: Cell): boolean {
	const areLibrarys = one !== ours && other !== ours;
	const isCommand = pair.other === "SUB" || (pair.other === "XSUB" && !isOneBound);
	return areLibrarys && column.mechanism === "CURVE" && column.place.name === "ws" && isCommand;
}
