/** How the stubs grow with the services that they are made from. No time is taken: the same sources give the same figures. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packagePath } from "../children/paths.js";
import { runTool } from "../children/tool.js";
import { type Files, numbers } from "../made/files.js";
import { interfaces } from "../made/homing.js";
import { withProject } from "../made/projects.js";
import { showProgress } from "../report/note.js";

export interface CodeSize {
	readonly methods: number;
	readonly services: number;
	readonly sources: Size;
	readonly stubs: Size;
	/** Of the stubs, packed file by file as a server of web pages does. */
	readonly packedOctets: number;
}

export interface Size {
	readonly octets: number;
	readonly lines: number;
}

const stubs = "src/generated";

export async function runCodeSize(sizes: readonly number[]): Promise<readonly CodeSize[]> {
	const figures: CodeSize[] = [];
	for (const methods of sizes) {
		showProgress(`code-size, ${methods} methods`);
		const sources = interfaces(methods);
		figures.push(await withProject(sources, [], (folder) => measure(folder, methods, sources)));
	}
	return figures;
}

async function measure(folder: string, methods: number, sources: Files): Promise<CodeSize> {
	const command = packagePath("../codegen/bin/homing-codegen.js");
	await runTool(command, ["generate", "src/services", "--out", stubs], folder);
	const written = readdirSync(join(folder, stubs)).map((name) => readFileSync(join(folder, stubs, name), "utf8"));
	const services = Object.entries(sources).filter(([path]) => path.startsWith("src/services/"));
	return {
		methods,
		services: numbers(methods).length,
		sources: sizeOf(services.map(([, text]) => text)),
		stubs: sizeOf(written),
		packedOctets: written.reduce((sum, text) => sum + gzipSync(text).length, 0),
	};
}

function sizeOf(texts: readonly string[]): Size {
	const all = texts.join("");
	return { octets: Buffer.byteLength(all), lines: all.split("\n").length - 1 };
}
