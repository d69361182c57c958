import { readFileSync } from "node:fs";

/** Rows of `test/vectors/homing-<name>.json`. */
export function vectors<Row>(name: string): readonly Row[] {
	const file = new URL(`../../vectors/homing-${name}.json`, import.meta.url);
	return (JSON.parse(readFileSync(file, "utf8")) as { vectors: Row[] }).vectors;
}

export function octets(hex: string): Buffer {
	return Buffer.from(hex.replaceAll(" ", ""), "hex");
}
