/** The page of docs/runtimes.md, built and opened as it says. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { type BuildOptions, build } from "esbuild";
import { run as runCodegen } from "../../packages/codegen/src/cli.js";
import { buildPackages } from "../support/build.js";
import { Program, root } from "../support/examples/program.js";
import { useChromium } from "./hosts.js";

/** Code of a page: what its body says once that has these words. */
const bodyWith = (words: string) => `new Promise((resolve) => {
	const look = () => document.body.textContent.includes(${JSON.stringify(words)}) && resolve(document.body.textContent);
	new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
	look();
})`;

describe("docs/runtimes.md, in the browser", function () {
	this.timeout(60_000);
	let text: string;
	let blocks: string[];
	/** Among the examples: that is where dependencies are found. */
	let folder: string;

	before(async function () {
		this.timeout(400_000);
		await buildPackages("runtime");
		text = await readFile(join(root, "docs/runtimes.md"), "utf8");
		blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
		const cache = join(root, "packages/examples/.cache");
		await mkdir(cache, { recursive: true });
		folder = await mkdtemp(join(cache, "browser-guide-"));
		for (const name of ["clock", "page"]) await writeFile(join(folder, `${name}.ts`), file(name));
		const line = blocks.flatMap((block) => block.split("\n")).find((found) => found.startsWith("npx homing-codegen "));
		let said = "";
		const say = (more: string) => {
			said += more;
		};
		const terminal = { cwd: folder, isColoured: false, out: say, error: say, signal: new AbortController().signal };
		expect(await runCodegen(line!.split(" ").slice(2), terminal), said).equal(0);
	});

	after(() => rm(folder, { recursive: true }));

	function file(name: string): string {
		const block = blocks.find((found) => found.startsWith(`// ${name}.ts`));
		if (block === undefined) throw new Error(`the guide has no ${name}.ts`);
		return block;
	}

	async function bundle(page: string, options: BuildOptions = {}): Promise<string> {
		const stdin = { contents: page, loader: "ts", resolveDir: folder } as const;
		const { outputFiles } = await build({
			stdin,
			bundle: true,
			write: false,
			format: "esm",
			logLevel: "error",
			...options,
		});
		return outputFiles![0]!.text;
	}

	describe("in Chromium", () => {
		const open = useChromium();

		it("has a page that says what the server's clock does", async () => {
			const place = "ws://127.0.0.1:5580";
			await writeFile(join(folder, "server.ts"), file("server").replace(place, "ws://127.0.0.1:0"));
			const server = new Program(join(folder, "server.ts"));
			await server.said("open at");
			const endpoint = /open at (\S+)/.exec(server.stdout)![1]!;
			const html = blocks.find((block) => block.startsWith("<!doctype html>"))!;
			const page = await open(html, await bundle(file("page").replace(place, endpoint)));
			expect(await page.evaluate<string>(bodyWith("times."))).match(/^\s*It is \d{4}-\S+Z\. It ticked 3 times\.\s*$/);
			server.kill("SIGTERM");
			await server.result;
		});
	});

	it("has a script of about the size that it names", async () => {
		const [, whole, zod] = /(\d+) KB minified and compressed, of which zod is (\d+)/.exec(text)!;
		const sizeOf = async (options: BuildOptions) =>
			gzipSync(await bundle(file("page"), { minify: true, ...options }), { level: 9 }).length / 1000;
		const size = await sizeOf({});
		// To a tenth: not each change of the client's has to be one of the guide's.
		expect(size).closeTo(Number(whole), Number(whole) / 10);
		expect(size - (await sizeOf({ external: ["zod"] }))).closeTo(Number(zod), Number(zod) / 10);
	});
});
