import { ipcPlace, type Place, tcpPlace, wsPlace } from "./places.js";
import { rawCurve } from "./raw-curve.js";
import { type RawMechanism, rawNull, rawPlain } from "./raw-mechanisms.js";

/** Where a raw peer meets a socket of ours, and the mechanism they speak. */
export interface Arena {
	readonly name: string;
	readonly place: Place;
	readonly mechanism: RawMechanism;
}

const rawPlaces: readonly Place[] = [tcpPlace, ipcPlace, wsPlace];
const rawMechanisms: readonly RawMechanism[] = [rawNull, rawPlain, rawCurve];

export const arenas: readonly Arena[] = rawPlaces.flatMap((place) =>
	rawMechanisms.map((mechanism) => ({ name: `over ${place.name} with ${mechanism.name}`, place, mechanism })),
);
