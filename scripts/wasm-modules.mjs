// Compiles the modules of WebAssembly into the sources that bring them along: node scripts/wasm-modules.mjs [module...]
// With --check nothing is written; it fails when what is there is not what the source makes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** `pages`: all the memory that the module ever has. */
const modules = {
	curve: {
		source: "packages/zmtp/wasm/curve.ts",
		target: "packages/zmtp/src/mechanism/generated/curve-module.ts",
		pages: "3",
	},
	utf8: {
		source: "packages/runtime/wasm/utf8.ts",
		target: "packages/runtime/src/utf8/generated/utf8-module.ts",
		pages: "2",
	},
};

const root = fileURLToPath(new URL("../", import.meta.url));
const columns = 116;

async function compile({ source, pages }) {
	const options = [
		// No heap, no runtime library: so much memory, and the source's own functions.
		["--runtime", "stub", "--initialMemory", pages, "--maximumMemory", pages],
		["--enable", "simd", "--noAssert"],
		["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge"],
	].flat();
	const warnings = asc.createMemoryStream();
	let binary;
	const { error } = await asc.main(["--baseDir", root, source, "--outFile", "module.wasm", ...options], {
		stderr: warnings,
		writeFile(_name, contents) {
			binary = contents;
		},
	});
	if (error !== null || warnings.toString() !== "") throw new Error(`${error?.message ?? ""}\n${warnings}`);
	return Buffer.from(binary).toString("base64");
}

function write(name, { source }, base64) {
	const lines = base64.match(new RegExp(`.{1,${columns}}`, "g"));
	return `// Written by scripts/wasm-modules.mjs from ${source}, AssemblyScript ${asc.version}.
export const ${name}Module = [
${lines.map((line) => `\t"${line}",`).join("\n")}
].join("");
`;
}

const args = process.argv.slice(2);
const asked = args.filter((arg) => !arg.startsWith("--"));

for (const name of asked.length === 0 ? Object.keys(modules) : asked) {
	const { source, target } = modules[name];
	const written = write(name, modules[name], await compile(modules[name]));
	if (!args.includes("--check")) writeFileSync(`${root}${target}`, written);
	else if (readFileSync(`${root}${target}`, "utf8") !== written) {
		console.error(`${target} is not what ${source} makes: node scripts/wasm-modules.mjs`);
		process.exitCode = 1;
	}
}
