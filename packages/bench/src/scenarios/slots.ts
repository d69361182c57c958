import { Child } from "../children/child.js";
import { program } from "../children/paths.js";
import { showProgress } from "../report/note.js";

const timeoutMs = 60_000;
/** As many lines as `programs/slots.ts` tells. */
const lines = 5;

/** One setting of the microbenchmark. Times: nanoseconds for a call and its reply. */
export interface SlotsFigure {
	readonly inFlight: number;
	/** Whether replies come in another order than the calls went. */
	readonly isShuffled: boolean;
	readonly slotsNs: number;
	readonly mapNs: number;
}

/** In a process of its own, which nothing else has warmed up. */
export async function runSlots(): Promise<readonly SlotsFigure[]> {
	showProgress("slots against a Map");
	const child = new Child("slots", program("slots"));
	const figures: SlotsFigure[] = [];
	try {
		while (figures.length < lines) figures.push(await child.next<SlotsFigure>(timeoutMs));
	} finally {
		await child.stop();
	}
	return figures;
}
