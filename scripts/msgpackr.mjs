// Bundles msgpackr into packages/runtime/src/protocol/generated/msgpackr.ts: node scripts/msgpackr.mjs
// With --check nothing is written; it fails when what is there is not what the installed package makes.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));
const runtime = fileURLToPath(new URL("../packages/runtime/", import.meta.url));
const target = fileURLToPath(new URL("../packages/runtime/src/protocol/generated/msgpackr.ts", import.meta.url));
const main = createRequire(`${runtime}package.json`).resolve("msgpackr");
const folder = main.slice(0, main.lastIndexOf("/msgpackr/") + "/msgpackr/".length);

const names = ["Packr", "RESET_BUFFER_MODE", "REUSE_BUFFER_MODE"];

/** The half without Node's streams and the native string extractor. */
async function bundle() {
	const { outputFiles } = await build({
		stdin: { contents: `export { ${names.join(", ")} } from "msgpackr/pack";`, resolveDir: runtime },
		bundle: true,
		write: false,
		format: "esm",
		platform: "neutral",
		target: "es2022",
		legalComments: "none",
		charset: "utf8",
		absWorkingDir: folder,
	});
	const [, code, exported] = outputFiles[0].text.match(/^([\s\S]*)\nexport \{([^}]*)\};\n$/);
	if (exported.replaceAll(/\s/g, "") !== names.join(",")) throw new Error(`other names are exported: ${exported}`);
	return code.replaceAll(/[ \t]+$/gm, "");
}

async function write() {
	const { version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
	const licence = readFileSync(`${folder}LICENSE`, "utf8").trim();
	return `// @ts-nocheck
// Written by scripts/msgpackr.mjs from msgpackr ${version}, whose licence follows.
/*
${licence.replaceAll(/^(?=.)/gm, " * ").replaceAll(/^$/gm, " *")}
 */

${await bundle()}
/** What the runtime uses of it. */
export interface Codec {
	pack(value: unknown, mode?: number): Uint8Array;
	unpack(octets: Uint8Array, range?: { readonly start: number; readonly end: number }): unknown;
	useBuffer(buffer: Uint8Array): void;
}

const TypedPackr: new (options: Readonly<Record<string, unknown>>) => Codec = Packr;

export { RESET_BUFFER_MODE, REUSE_BUFFER_MODE, TypedPackr as Packr };
`;
}

const written = await write();
if (!process.argv.includes("--check")) {
	writeFileSync(target, written);
} else if (readFileSync(target, "utf8") !== written) {
	console.error(`${relative(root, target)} is not what the installed msgpackr makes: node scripts/msgpackr.mjs`);
	process.exitCode = 1;
}
