import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, "": 1 };

/** `500ms`, `2s`, `1m`, or a number of milliseconds. */
export function parseDuration(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
	const value = Number(match?.[1]) * units[match?.[2] ?? ""]!;
	if (!(value > 0)) throw new InvalidArgumentError("write a duration above zero, as 500ms, 2s or 1m");
	return value;
}

export function parseCount(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("write a whole number above zero");
	return value;
}

/** Adds one `key=value` to those before it. */
export function collectPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
	const at = text.indexOf("=");
	if (at < 1) throw new InvalidArgumentError("write key=value");
	return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Adds one value to those before it. */
export function collect(text: string, before: readonly string[] = []): string[] {
	return [...before, text];
}
