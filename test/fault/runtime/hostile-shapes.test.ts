import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

describe("hostile bodies to generated stubs, in a process with 128 MB of heap", () => {
	it("H61 to H69: compiled codecs take what is sound, all else is refused, and a bystander is served all along", () => {
		const script = fileURLToPath(new URL("../../support/runtime/hostile-shapes-server.ts", import.meta.url));
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[...process.execArgv, "--max-old-space-size=128", script],
			{ encoding: "utf8", timeout: 110_000 },
		);
		expect(status, stderr.slice(-2000)).to.equal(0);
		expect(JSON.parse(stdout)).to.deep.equal({
			seen: {
				H61: { refused: 50, taken: 0, other: 0 },
				H62: { refused: 30, taken: 0, other: 0 },
				H63: { refused: 20, taken: 0, other: 0 },
				H64: { refused: 80, taken: 0, other: 0 },
				H65: { refused: 69, taken: 12, other: 0 },
				H66: { refused: 69, taken: 6, other: 0 },
				H67: { refused: 5, taken: 0, other: 0 },
				H68: { refused: 6, taken: 0, other: 0 },
				H69: { refused: 6, taken: 2, other: 0 },
			},
			// Keys twice, NaN, broken UTF-8: the general codec makes something of them. The bystander surprises nobody.
			surprised: { "Shapes.names": 1, "Shapes.anything": 1, "Shapes.texts": 2 },
			polluted: false,
		});
	}).timeout(120_000);
});
