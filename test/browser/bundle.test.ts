import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import { buildPackages } from "../support/build.js";

describe("a bundle of the sockets for browsers", () => {
	before(() => buildPackages("zmtp"));

	it("carries nothing of CURVE, which they have not", async () => {
		const stdin = {
			contents: 'export * from "@homing/zmtp/browser";',
			resolveDir: fileURLToPath(new URL("..", import.meta.url)),
		};
		const { metafile } = await build({
			stdin,
			bundle: true,
			write: false,
			format: "esm",
			platform: "browser",
			metafile: true,
		});
		const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
		expect(files.some((path) => path.includes("mechanism/plain"))).equal(true);
		expect(files.filter((path) => /curve-|cipher/.test(path) && !path.endsWith("/socket/curve-keys.js"))).deep.equal(
			[],
		);
	});
});
