import { readFileSync } from "node:fs";

export interface Entry {
	/** What it is, or was found to do. */
	readonly what: string;
	readonly octets: Buffer;
}

/** The inputs kept for a target: seeds, and what once was a finding. Lines of hex, each with a comment. */
export function readCorpus(target: string): Entry[] {
	const text = readFileSync(new URL(`corpus/${target}.txt`, import.meta.url), "utf8");
	return text.split("\n").flatMap((line) => {
		const [hex = "", what = ""] = line.split("#");
		return line.trim() === "" ? [] : [{ what: what.trim(), octets: parseHex(hex) }];
	});
}

export function parseHex(text: string): Buffer {
	const digits = text.replace(/\s/g, "");
	const octets = Buffer.from(digits, "hex");
	if (octets.length * 2 !== digits.length) throw new Error(`not hex: ${text.slice(0, 60)}`);
	return octets;
}
