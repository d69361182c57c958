/** Collects what breaks, so that one change is told once however many places it shows in. */

import type { BreakingCode } from "../model/breaking-codes.js";
import { type Place, trailOf } from "../model/place.js";
import { rules } from "./rules.js";

export interface Finding {
	readonly code: BreakingCode;
	readonly place: Place;
	/** Other places where the same change shows. */
	readonly others: readonly Place[];
	/** What has changed here, in the user's terms. */
	readonly message: string;
	readonly remedy: string;
}

export interface Change {
	readonly code: BreakingCode;
	readonly place: Place;
	/** What has changed, as a sentence's end: `is gone`. */
	readonly what: string;
	/** Findings of one owner with one `what` are one. Default: the place. */
	readonly owner?: string | undefined;
	readonly remedy?: string | undefined;
}

export class Findings {
	readonly #changes = new Map<string, { readonly change: Change; readonly others: Place[] }>();

	add(change: Change): void {
		const { code, place, what, owner = trailOf(place) } = change;
		const key = JSON.stringify([code, place.file, owner, what]);
		const known = this.#changes.get(key);
		if (known === undefined) this.#changes.set(key, { change, others: [] });
		else if (trailOf(known.change.place) !== trailOf(place)) known.others.push(place);
	}

	all(): Finding[] {
		return [...this.#changes.values()].map(({ change, others }) => {
			const { code, place, what, remedy = rules[code].remedy } = change;
			return {
				code,
				place,
				others,
				message: `${trailOf(place)} ${what}. ${rules[code].reason}${also(others)}`,
				remedy,
			};
		});
	}
}

function also(others: readonly Place[]): string {
	const [first] = others;
	if (first === undefined) return "";
	const more = others.length === 1 ? "" : `, and ${others.length - 1} more`;
	return ` The same change shows in ${trailOf(first)}${more}.`;
}
