/** Compares data that callers send, and data that they are sent. */

import type { BreakingCode } from "../model/breaking-codes.js";
import type { Definitions, Type } from "../model/model.js";
import type { Place, Step } from "../model/place.js";
import type { Findings } from "./findings.js";
import { Comparison, type Misfit } from "./misfits.js";

export interface Versions<T> {
	readonly old: T;
	readonly next: T;
}

interface Told {
	readonly code: BreakingCode;
	readonly what: string;
}

/** What the types of two versions of a source mean to those who have the old one. */
export class DataComparison {
	readonly #findings: Findings;
	/** What old callers send, as new handlers take it. */
	readonly #in: Comparison;
	/** What new handlers send, as old callers take it. */
	readonly #out: Comparison;

	constructor({ old, next }: Versions<Definitions>, findings: Findings) {
		this.#findings = findings;
		this.#in = new Comparison(old, next);
		this.#out = new Comparison(next, old);
	}

	/** Values that callers send. */
	compareSent({ old, next }: Versions<Type>, place: Place): void {
		this.#tell(this.#in.misfits(old, next), place, tellSent);
	}

	/** Values that callers are sent. */
	compareReceived({ old, next }: Versions<Type>, place: Place): void {
		this.#tell(this.#out.misfits(next, old), place, tellReceived);
	}

	#tell(misfits: readonly Misfit[], place: Place, tell: (misfit: Misfit) => Told | undefined): void {
		for (const misfit of misfits) {
			const told = tell(misfit);
			if (told === undefined) continue;
			const steps: readonly Step[] = [...(place.steps ?? []), ...misfit.steps];
			this.#findings.add({ ...told, place: { ...place, steps }, owner: misfit.owner });
		}
	}
}

function tellSent({ kind, sent, accepted }: Misfit): Told | undefined {
	switch (kind) {
		case "missing":
			return { code: "HB108", what: "is new, and must be sent" };
		case "optional":
			return { code: "HB108", what: "could be left out, and must be sent now" };
		case "unread":
			return { code: "HB109", what: "is gone" };
		case "type":
			return { code: "HB111", what: `was \`${sent}\`, and is \`${accepted}\` now` };
		case "values":
			return { code: "HB112", what: `no longer takes \`${sent}\`: it is \`${accepted}\` now` };
		case "renumbered":
			return { code: "HB114", what: `had \`${sent}\`, and has \`${accepted}\` now` };
		case "constraint":
			return { code: "HB115", what: `has ${accepted} now, ${sent === "" ? "which is new" : `and had ${sent}`}` };
		case "nil":
			return { code: "HB205", what: `could be \`${sent}\`, and can be \`${accepted}\` instead now` };
		case "explicit":
			return { code: "HB206", what: "could be `undefined`, and can only be left out now" };
		case "default":
			return tellDefault(sent, accepted);
		case "absent":
			return undefined;
	}
}

function tellReceived({ kind, sent, accepted }: Misfit): Told | undefined {
	switch (kind) {
		case "missing":
			return { code: "HB110", what: "is gone" };
		case "optional":
			return { code: "HB110", what: "has always been there, and may be missing now" };
		case "unread":
			return undefined;
		case "type":
			return { code: "HB111", what: `was \`${accepted}\`, and is \`${sent}\` now` };
		case "values":
			return { code: "HB113", what: `can be \`${sent}\` now: it was \`${accepted}\`` };
		case "renumbered":
			return { code: "HB114", what: `had \`${accepted}\`, and has \`${sent}\` now` };
		case "constraint":
			return { code: "HB116", what: `had ${accepted}, and ${sent === "" ? "has it no longer" : `has ${sent} now`}` };
		case "absent":
			return { code: "HB204", what: "could be there, and is gone" };
		case "nil":
			return { code: "HB205", what: `could be \`${accepted}\`, and can be \`${sent}\` instead now` };
		case "default":
			return tellDefault(accepted, sent);
		case "explicit":
			return undefined;
	}
}

/** Of what may be left out: the default that it had, and the one that it has; empty for none. Where there was none nobody relies on it. */
export function tellDefault(was: string, is: string): Told | undefined {
	if (was === "" || was === is) return undefined;
	return { code: "HB119", what: `had \`@default ${was}\`, and has ${is === "" ? "none" : `\`@default ${is}\``} now` };
}
