import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const packages = ["zmtp", "runtime", "codegen"] as const;

/** The packages as npm publishes them; their script `prepack` builds them. Resolves to each one's tarball in `folder`, which is made. */
export async function packInto(folder: string): Promise<ReadonlyMap<string, string>> {
	await mkdir(folder);
	const paths = packages.map((name) => `./packages/${name}`);
	await run("npm", ["pack", "--pack-destination", folder, ...paths], { cwd: root });
	const files = await readdir(folder);
	return new Map(
		packages.map((name) => [name, join(folder, files.find((file) => file.startsWith(`homing-${name}-`))!)]),
	);
}
