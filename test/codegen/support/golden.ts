import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "chai";

/** Compares text with a file; with UPDATE_GOLDEN=1 it writes the file instead. */
export function expectGolden(text: string, path: string): void {
	if (process.env["UPDATE_GOLDEN"] === "1") {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		return;
	}
	expect(existsSync(path), `${path} is missing: run with UPDATE_GOLDEN=1`).to.equal(true);
	expect(text).to.equal(readFileSync(path, "utf8"));
}
