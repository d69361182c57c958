import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../../packages/codegen/src/cli.js";

export interface Run {
	readonly status: number;
	readonly out: string;
	readonly error: string;
}

/** Runs the command line inside this process. */
export async function homingCodegen(cwd: string, ...args: readonly string[]): Promise<Run> {
	let out = "";
	let error = "";
	const status = await run(args, {
		cwd,
		isColoured: false,
		out: (text) => {
			out += text;
		},
		error: (text) => {
			error += text;
		},
		signal: new AbortController().signal,
	});
	return { status, out, error };
}

/** A folder with files, for one test. */
export class Workspace {
	readonly path = mkdtempSync(join(tmpdir(), "homing-codegen-"));

	constructor(files: Readonly<Record<string, string>> = {}) {
		for (const [name, text] of Object.entries(files)) this.write(name, text);
	}

	write(name: string, text: string): void {
		const path = join(this.path, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	}

	/** Makes `name` another name of the folder `target`. */
	link(target: string, name: string): void {
		const path = join(this.path, name);
		mkdirSync(dirname(path), { recursive: true });
		symlinkSync(join(this.path, target), path);
	}

	remove(): void {
		rmSync(this.path, { recursive: true, force: true });
	}
}
