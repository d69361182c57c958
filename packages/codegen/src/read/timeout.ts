/** Reads durations as `@timeout` takes them. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `2s`, `1.5m`; the result in whole ms, at least 1. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
	const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h)$/.exec(text) ?? [];
	if (number === undefined || unit === undefined) return undefined;
	const milliseconds = Math.round(Number(number) * units[unit]!);
	return milliseconds >= 1 ? milliseconds : undefined;
}
