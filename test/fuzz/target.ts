import { ZmtpError } from "../../packages/zmtp/src/errors.js";
import type { Dice } from "./dice.js";

/** Something that takes octets from strangers. */
export interface Target {
	readonly name: string;
	/** Whether octets come in pieces: then it must not matter in which. */
	readonly isStream: boolean;
	/** Input no seed has thought of. */
	generate(dice: Dice): Uint8Array;
	/** A change that knows the input's form. */
	mutate(input: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array;
	/**
	 * All that can be seen of what the input does, as text. Throws when it does what nothing may. A stream passes its
	 * octets on as `cut` cuts them; the pieces are owned. What the input's time must leave out, the work of whoever sends it,
	 * is done by `besides`.
	 */
	run(input: Uint8Array, cut: Cut, besides: Besides): string;
}

export type Cut = (octets: Uint8Array) => Uint8Array[];
export type Besides = <T>(work: () => T) => T;

/** What `action` returns, or the code of the peer's fault that it throws; anything else is thrown on. */
export function resultOrFault<T>(action: () => T): T | string {
	try {
		return action();
	} catch (error) {
		if (isFault(error)) return error.code;
		throw error;
	}
}

export function isFault(error: unknown): error is ZmtpError {
	return error instanceof ZmtpError && error.code.startsWith("ZMTP_");
}

/** Of what must hold; a `false` is a finding. */
export function must(holds: boolean, what: string): void {
	if (!holds) throw new Error(what);
}
