import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { compile, moduleSettings, strictest } from "../codegen/support/compile.js";
import { root } from "../support/examples/program.js";

describe("code in the guides of the RPC layer", function () {
	this.timeout(60_000);
	let folder: string;

	before(async () => {
		const cache = join(root, "packages/examples/.cache");
		await mkdir(cache, { recursive: true });
		// Among the examples: that is where dependencies are found.
		folder = await mkdtemp(join(cache, "guides-"));
	});

	after(() => rm(folder, { recursive: true }));

	for (const document of ["docs/interceptors.md", "docs/security.md"]) {
		it(`${document}: each block on its own is what a strict compiler takes`, async () => {
			const text = await readFile(join(root, document), "utf8");
			const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
			const own = blocks.filter((block) => block.includes('"@homing/runtime"'));
			expect(own).to.not.have.length(0);
			const files = own.map((_, index) => join(folder, `${document.replace(/\W/g, "-")}-${index}.ts`));
			await Promise.all(own.map((block, index) => writeFile(files[index]!, block)));
			// What a guide declares it need not use.
			const options = { ...strictest, ...moduleSettings["NodeNext"], noUnusedLocals: false };
			expect(compile(files, options)).to.deep.equal([]);
		});
	}
});
