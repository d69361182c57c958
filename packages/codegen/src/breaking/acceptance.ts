/** Breaks that are meant: named on the command line, or by `@breaks` in the sources. */
import { type BreakingCode, isBreakingCode, splitBreaks } from "../model/breaking-codes.js";
import { type Place, trailOf } from "../model/place.js";

/** Findings of a code at a place and in it. */
export interface Accepted {
	readonly code: BreakingCode;
	/** `Bank.transfer(order)`; `undefined` for anywhere. */
	readonly trail: string | undefined;
}

/** `HB102` or `HB102:Bank.log`; `undefined` for what is neither. */
export function parseAccepted(text: string): Accepted | undefined {
	const [, code, trail] = /^(HB\d+)(?::(.+))?$/.exec(text) ?? [];
	return code !== undefined && isBreakingCode(code) ? { code, trail } : undefined;
}

/** The argument of a tag: codes, a place if it is not all of what is declared there, and a reason, which is for people. */
export function parseBreaks(argument: string, { service }: Place): Accepted[] {
	const { codes, rest } = splitBreaks(argument);
	const [word = ""] = rest.split(/\s/, 1);
	const trail = word.startsWith(`${service}.`) ? word.replace(/[.,:;]$/, "") : undefined;
	return codes.filter(isBreakingCode).map((code) => ({ code, trail }));
}

export function isAccepted(code: BreakingCode, place: Place, accepted: readonly Accepted[]): boolean {
	const where = trailOf(place);
	return accepted.some((one) => one.code === code && (one.trail === undefined || isWithin(where, one.trail)));
}

/** `Bank.transfer` holds `Bank.transfer(order)`, and not `Bank.transferAll`. */
function isWithin(trail: string, outer: string): boolean {
	return trail === outer || (trail.startsWith(outer) && /^[.([ ]/.test(trail.slice(outer.length)));
}
