import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { packagePath } from "./paths.js";

const run = promisify(execFile);

/** Has this tree's packages bundled, as they are published: that is what Node loads of them, and the compiler does not make it. */
export async function makeBundles(): Promise<void> {
	await run(process.execPath, [packagePath("../../scripts/bundle.mjs")]);
}
