import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds packages, and those they stand on, unless they are fresh, and bundles them: for tests of what is published. */
export async function buildPackages(...names: readonly string[]): Promise<void> {
	await succeed("node_modules/typescript/bin/tsc", "-b", ...names.map((name) => `packages/${name}`));
	await succeed("scripts/bundle.mjs");
}

async function succeed(...words: readonly string[]): Promise<void> {
	const program = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
	const [status] = await once(program, "close");
	if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}`);
}
