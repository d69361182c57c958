// Compiles packages/zmtp/wasm into packages/zmtp/src/mechanism/generated/curve-module.ts: node scripts/curve-module.mjs
// With --check nothing is written; it fails when what is there is not what the source makes.
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../", import.meta.url));
const source = "packages/zmtp/wasm/curve.ts";
const target = fileURLToPath(new URL("../packages/zmtp/src/mechanism/generated/curve-module.ts", import.meta.url));
const columns = 116;

const options = [
	// No heap, no runtime library: three pages of memory, and the source's own functions.
	["--runtime", "stub", "--initialMemory", "3", "--maximumMemory", "3"],
	["--enable", "simd", "--noAssert"],
	["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge"],
].flat();

async function compile() {
	const warnings = asc.createMemoryStream();
	let binary;
	const { error } = await asc.main(["--baseDir", root, source, "--outFile", "curve.wasm", ...options], {
		stderr: warnings,
		writeFile(_name, contents) {
			binary = contents;
		},
	});
	if (error !== null || warnings.toString() !== "") throw new Error(`${error?.message ?? ""}\n${warnings}`);
	return Buffer.from(binary).toString("base64");
}

function write(base64) {
	const lines = base64.match(new RegExp(`.{1,${columns}}`, "g"));
	return `// Written by scripts/curve-module.mjs from ${source}, AssemblyScript ${asc.version}.
export const curveModule = [
${lines.map((line) => `\t"${line}",`).join("\n")}
].join("");
`;
}

const written = write(await compile());
if (!process.argv.includes("--check")) {
	writeFileSync(target, written);
} else if (readFileSync(target, "utf8") !== written) {
	console.error(`${relative(root, target)} is not what ${source} makes: node scripts/curve-module.mjs`);
	process.exitCode = 1;
}
