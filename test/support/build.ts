import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds packages, and those they stand on, unless they are fresh: for tests of what is published. */
export async function buildPackages(...names: readonly string[]): Promise<void> {
	const projects = names.map((name) => `packages/${name}`);
	const compiler = spawn(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...projects], {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit"],
	});
	const [status] = await once(compiler, "close");
	if (status !== 0) throw new Error(`tsc -b ${projects.join(" ")} ended with ${status}`);
}
