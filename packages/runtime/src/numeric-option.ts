/** The one check of options that are numbers. */

/** What an option takes. Where nothing bounds it above, `Infinity` too: no limit. */
export interface Bounds {
	readonly above?: number;
	readonly atLeast?: number;
	readonly atMost?: number;
	readonly isWhole?: boolean;
}

/** The longest that a timer runs. Unit: ms. */
export const longestTimerMs = 2 ** 31 - 1;

/** The number as given. Throws what names the option and says what it takes: a TypeError unless it is a number, else a RangeError. */
export function numericOption(name: string, value: number, bounds: Bounds): number {
	const { above = Number.NEGATIVE_INFINITY, atLeast = above, atMost = Number.POSITIVE_INFINITY, isWhole } = bounds;
	const isNumber = typeof value === "number";
	if (isNumber && value > above && value >= atLeast && value <= atMost && (!isWhole || Number.isInteger(value))) {
		return value;
	}
	const message = `${name} must be ${describe(name, bounds)}, not ${shown(value)}`;
	throw isNumber ? new RangeError(message) : new TypeError(message);
}

/** `timeoutMs` is a number of milliseconds above 0. */
function describe(name: string, { above, atLeast, atMost, isWhole }: Bounds): string {
	const kind = isWhole ? "an integer" : "a number";
	const unit = name.endsWith("Ms") ? " of milliseconds" : name.endsWith("Bytes") ? " of bytes" : "";
	const range = [
		...(above === undefined ? [] : [`above ${above}`]),
		...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
		...(atMost === undefined ? [] : [`at most ${atMost}`]),
	];
	return `${kind}${unit}, ${range.join(" and ")}`;
}

/** Whatever it is: an object need not know how to be text. */
export function shown(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	return (typeof value === "object" && value !== null) || typeof value === "function"
		? `this ${typeof value}`
		: String(value);
}
