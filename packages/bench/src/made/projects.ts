/** Folders with made sources in which tools find the packages that those import. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packagePath } from "../children/paths.js";
import { type Files, writeFiles } from "./files.js";

const require = createRequire(import.meta.url);

/** Packages of this workspace, and those that only the peers have. */
const sources: Readonly<Record<string, () => string>> = {
	"@homing/runtime": () => packagePath("../runtime"),
	"@types/node": () => dirname(require.resolve("@types/node/package.json")),
	zod: () => dirname(require.resolve("zod/package.json")),
	"@trpc/client": () => packagePath("peers/node_modules/@trpc/client"),
	"@trpc/server": () => packagePath("peers/node_modules/@trpc/server"),
};

/** Calls `use` with the folder's path, and removes the folder. */
export async function withProject<T>(
	files: Files,
	packages: readonly string[],
	use: (folder: string) => Promise<T>,
): Promise<T> {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "homing-bench-")));
	try {
		writeFiles(folder, { "package.json": '{ "type": "module" }', ...files });
		for (const name of packages) {
			const link = join(folder, "node_modules", name);
			mkdirSync(dirname(link), { recursive: true });
			symlinkSync(sources[name]!(), link);
		}
		return await use(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
