import { fileURLToPath } from "node:url";
import type { Command } from "./child.js";

/** Where this package lies, seen from `dist/children/`. */
const packageUrl = new URL("../../", import.meta.url);

export function packagePath(path: string): string {
	return fileURLToPath(new URL(path, packageUrl));
}

/** A program of `src/programs/`, as it was built. */
export function program(name: string, flags: readonly string[] = [], nodeFlags: readonly string[] = []): Command {
	return { file: process.execPath, flags: [...nodeFlags, packagePath(`dist/programs/${name}.js`), ...flags] };
}

/** A program of `peers/`. */
export function peerProgram(name: string, nodeFlags: readonly string[] = []): Command {
	return { file: process.execPath, flags: [...nodeFlags, packagePath(`peers/${name}.mjs`)] };
}
