import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const root = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("docs/hostile-peers.md", root), "utf8");
const rows = [...page.matchAll(/^\| (H\d+) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id, tests]) => ({
	id: id!,
	files: [...tests!.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
}));

describe("docs/hostile-peers.md", () => {
	it("has a row for each thing that peers may do", () => {
		expect(rows.length).equal(65);
		expect(new Set(rows.map(({ id }) => id)).size).equal(65);
	});

	it("names tests that are there and say what they are for", () => {
		for (const { id, files } of rows) {
			for (const file of files) {
				const path = fileURLToPath(new URL(`test/${file}`, root));
				expect(existsSync(path), file).equal(true);
				expect(readFileSync(path, "utf8"), `${id} in ${file}`).match(new RegExp(`\\b${id}\\b`));
			}
		}
	});

	it("says which have no test of their own yet", () => {
		expect(rows.filter(({ files }) => files.length === 0).map(({ id }) => id)).deep.equal(["H13", "H15", "H52"]);
	});
});
