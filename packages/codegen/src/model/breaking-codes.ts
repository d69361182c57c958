/** The codes of what breaks older versions: their rules are in `breaking`, and sources name them in `@breaks`. */

/** The closed list. A code never changes its meaning. */
export const breakingCodes = [
	"HB101",
	"HB102",
	"HB103",
	"HB104",
	"HB105",
	"HB106",
	"HB107",
	"HB108",
	"HB109",
	"HB110",
	"HB111",
	"HB112",
	"HB113",
	"HB114",
	"HB115",
	"HB116",
	"HB117",
	"HB118",
	"HB119",
	"HB201",
	"HB202",
	"HB203",
	"HB204",
	"HB205",
	"HB206",
	"HB207",
	"HB208",
	"HB209",
	"HB210",
] as const;

export type BreakingCode = (typeof breakingCodes)[number];

export function isBreakingCode(text: string): text is BreakingCode {
	return (breakingCodes as readonly string[]).includes(text);
}

/** What the argument of `@breaks` begins with, as codes, whether there are such or not, and what follows. */
export function splitBreaks(argument: string): { readonly codes: readonly string[]; readonly rest: string } {
	const [, list = "", rest = argument] = /^((?:HB\d+[\s,]*)+)(.*)$/.exec(argument) ?? [];
	return { codes: list.match(/HB\d+/g) ?? [], rest };
}
