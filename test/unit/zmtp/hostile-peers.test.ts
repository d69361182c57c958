import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const root = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("docs/hostile-peers.md", root), "utf8");
const rows = [...page.matchAll(/^\| (H\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id, tests]) => ({
	id: id!,
	files: [...tests!.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
}));

describe("docs/hostile-peers.md", () => {
	it("has a row for each thing that peers may do", () => {
		const ids = [...Array.from({ length: 83 }, (_, index) => index + 1), 96, 97, 98, 99, 100];
		expect(rows.map(({ id }) => id)).deep.equal(ids.map((number) => `H${`${number}`.padStart(2, "0")}`));
	});

	it("names tests that are there and say what they are for", () => {
		for (const { id, files } of rows) {
			expect(files.length, id).above(0);
			for (const file of files) {
				const path = fileURLToPath(new URL(`test/${file}`, root));
				expect(existsSync(path), file).equal(true);
				expect(readFileSync(path, "utf8"), `${id} in ${file}`).match(new RegExp(`\\b${id}\\b`));
			}
		}
	});
});
