import { type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface Findings {
	/** Paths, always in the same order. */
	readonly files: readonly string[];
	/** Files left out because of their size. */
	readonly tooLarge: number;
	/** Files left out because there were enough. */
	readonly beyondLimit: number;
	/** Folders that could not be read. */
	readonly unreadable: number;
}

/** The regular files under a folder, each once: symbolic links are not followed. Rejects when the folder itself cannot be read. */
export async function findFiles(folder: string, limit: number, maxBytes: number): Promise<Findings> {
	const files: string[] = [];
	let tooLarge = 0;
	let beyondLimit = 0;
	let unreadable = 0;

	const look = async (path: string, entries: Dirent[]) => {
		// By code unit: the order must not hang on anybody's language.
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			const inside = join(path, entry.name);
			if (entry.isDirectory()) {
				const below = await readdir(inside, { withFileTypes: true }).catch(() => undefined);
				if (below === undefined) unreadable++;
				else await look(inside, below);
			} else if (entry.isFile()) {
				if ((lstatSync(inside, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) tooLarge++;
				else if (files.length === limit) beyondLimit++;
				else files.push(inside);
			}
		}
	};
	await look(folder, await readdir(folder, { withFileTypes: true }));
	return { files, tooLarge, beyondLimit, unreadable };
}
