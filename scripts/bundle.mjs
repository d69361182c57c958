// Bundles what Node loads of the published packages into their folders dist/bundled: node scripts/bundle.mjs [package...]
// A file for each module would be some three hundred, which take Node longer to load than all else that a program does first.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const target = "es2022";

/** `copied`: whose code is in the bundle. Its licence goes with it. */
const bundles = {
	zmtp: { entries: ["index", "draft", "port"], copied: [] },
	runtime: { entries: ["index", "compiled", "testing", "zod", "cli/main"], copied: ["zod"] },
};

const packageFolder = (name) => fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));

async function bundle(name) {
	const { entries, copied } = bundles[name];
	const folder = packageFolder(name);
	const outdir = join(folder, "dist", "bundled");
	const { dependencies = {}, peerDependencies = {} } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
	const others = Object.keys({ ...dependencies, ...peerDependencies }).filter((other) => !copied.includes(other));
	const { output } = await build({
		cwd: folder,
		input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
		platform: "node",
		external: (id) => others.some((other) => id === other || id.startsWith(`${other}/`)),
		resolve: { conditionNames: ["homing-source", "import"], extensionAlias: { ".js": [".ts", ".js"] } },
		transform: { target },
		write: false,
		output: {
			dir: outdir,
			format: "esm",
			entryFileNames: "[name].js",
			chunkFileNames: "[name]-[hash].js",
			// Less bytecode, so that more functions fit into those that call them; names and lines that a stack trace can show stay.
			minify: {
				compress: { target, keepNames: { function: true, class: true }, joinVars: false, sequences: false },
				mangle: false,
				codegen: false,
			},
			comments: false,
			sourcemap: true,
			sourcemapExcludeSources: true,
		},
	});
	const files = new Map(output.map((file) => [join(outdir, file.fileName), Buffer.from(file.code ?? file.source)]));
	if (copied.length > 0) files.set(join(outdir, "LICENSES"), Buffer.from(await licencesOf(folder, copied)));
	await replace(outdir, files);
}

async function licencesOf(folder, names) {
	const require = createRequire(join(folder, "package.json"));
	const texts = names.map(async (name) => {
		const entry = require.resolve(name);
		const root = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2);
		const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
		return `Parts of ${name} ${version}:\n\n${(await readFile(join(root, "LICENSE"), "utf8")).trim()}\n`;
	});
	// Its own is among the sources, and so is its licence, in front of it.
	const msgpackr = await readFile(join(folder, "src/protocol/generated/msgpackr.ts"), "utf8");
	const [, version, licence] = msgpackr.match(/from msgpackr (\S+),[^/]*\/\*\n([\s\S]*?)\n \*\/\n/);
	texts.push(`Parts of msgpackr ${version}:\n\n${licence.replaceAll(/^ \* ?/gm, "")}\n`);
	return (await Promise.all(texts)).join("\n\n");
}

/** New files first, and nothing written that is there: somebody may be loading what was there before. */
async function replace(folder, files) {
	for (const [path, contents] of files) {
		const old = await readFile(path).catch(() => undefined);
		if (old?.equals(contents)) continue;
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, contents);
	}
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && !files.has(path)) await rm(path, { force: true });
	}
}

const asked = process.argv.slice(2);
const names = asked.length === 0 ? Object.keys(bundles) : asked;
for (const name of names) await bundle(name);
