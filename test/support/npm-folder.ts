/** Heavy things of tests lie in folders of their own, with a package.json and a lock, so that installing Homing does not download them. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const installTimeoutMs = 300_000;

/**
 * Installs what the folder's lock file says, unless that was done. `what`: for people. `verify`: throws when something is
 * missing all the same; npm does not mind when an optional package cannot be had.
 */
export async function installFolder(folder: URL, what: string, verify: () => void = () => {}): Promise<void> {
	const locked = createHash("sha256")
		.update(readFileSync(new URL("package-lock.json", folder)))
		.digest("hex");
	const stamp = new URL("node_modules/.installed", folder);
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === locked) return;
	console.warn(`    installing ${what} into ${fileURLToPath(folder)}node_modules (the first time)`);
	await install(fileURLToPath(folder));
	verify();
	writeFileSync(stamp, locked);
}

async function install(folder: string): Promise<void> {
	const child = spawn(
		"npm",
		[
			"ci",
			"--ignore-scripts",
			"--no-engine-strict",
			"--loglevel=error",
			"--fetch-retries=1",
			"--fetch-retry-mintimeout=1000",
		],
		{ cwd: folder, stdio: ["ignore", "ignore", "inherit"], timeout: installTimeoutMs },
	);
	const status = await new Promise<number | null>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
	if (status !== 0) throw new Error(`npm ci in ${folder} ended with status ${status}`);
}
