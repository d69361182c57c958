/** In which order rows stand. Pure. */

/** What rows can be sorted by: the most first, names from A to Z. */
export const sortKeys = ["calls", "errors", "refused", "running", "waiting", "surprises", "name"] as const;

export type SortKey = (typeof sortKeys)[number];

/** A row's numbers by what it can be sorted by: the rate, and what decides between equal ones. */
export type Ranks = Readonly<Partial<Record<SortKey, readonly number[]>>>;

/** Rows that are equal by `key`, and tables that do not have it, stand as they do by calls. */
export function inOrder<Row extends { readonly name: string; readonly ranks: Ranks }>(
	rows: readonly Row[],
	key: SortKey,
): Row[] {
	return [...rows].sort((one, other) => {
		if (key === "name") return one.name < other.name ? -1 : Number(one.name > other.name);
		return compareRanks(one.ranks[key], other.ranks[key]) || compareRanks(one.ranks.calls, other.ranks.calls);
	});
}

function compareRanks(one: readonly number[] = [], other: readonly number[] = []): number {
	for (const [at, value] of one.entries()) if (value !== other[at]) return other[at]! - value;
	return 0;
}
