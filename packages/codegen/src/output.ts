/** Compares generated files with those on disk, and writes them. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { GeneratedFile } from "./generate.js";

export type FileState = "new" | "changed" | "unchanged";

export interface Comparison {
	readonly file: GeneratedFile;
	readonly state: FileState;
}

/** Line ends do not count: git may have changed them on checkout. */
export function compareWithDisk(files: readonly GeneratedFile[]): Comparison[] {
	return files.map((file) => {
		const onDisk = readIfThere(file.path);
		if (onDisk === undefined) return { file, state: "new" };
		return { file, state: onDisk.replaceAll("\r\n", "\n") === file.text ? "unchanged" : "changed" };
	});
}

/** Whoever reads meanwhile, a watcher or a build, sees the old file or the new one and nothing between. */
export function writeWhole({ path, text }: GeneratedFile): void {
	mkdirSync(dirname(path), { recursive: true });
	const draft = `${path}.${process.pid}.tmp`;
	try {
		writeFileSync(draft, text);
		renameSync(draft, path);
	} catch (error) {
		rmSync(draft, { force: true });
		throw error;
	}
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
