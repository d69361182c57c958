/** The packages compared against lie outside the workspace, so that installing Homing does not download them. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { packagePath } from "../children/paths.js";
import { note } from "../report/note.js";

const installTimeoutMs = 300_000;

let installing: Promise<void> | undefined;

/** Installs them unless that was done. Resolves to the version of `name`. */
export async function preparePeer(name: string): Promise<string> {
	installing ??= install();
	await installing;
	return readVersion(name);
}

async function install(): Promise<void> {
	if (await isInstalled()) return;
	note("installing the peers into packages/bench/peers/node_modules (npm ci --ignore-scripts)");
	// Silent but for errors: standard output belongs to the report.
	const child = spawn("npm", ["ci", "--ignore-scripts", "--loglevel=error"], {
		cwd: packagePath("peers"),
		stdio: ["ignore", "ignore", "inherit"],
		shell: process.platform === "win32",
		timeout: installTimeoutMs,
	});
	const status = await new Promise<number | null>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
	if (status !== 0) throw new Error(`npm ci in packages/bench/peers ended with status ${status}`);
}

/** What is there must be what the lock file says: a newer clone may ask for other versions. */
async function isInstalled(): Promise<boolean> {
	if (!existsSync(packagePath("peers/node_modules/.package-lock.json"))) return false;
	const manifest = JSON.parse(await readFile(packagePath("peers/package.json"), "utf8")) as {
		dependencies: Record<string, string>;
	};
	for (const [name, version] of Object.entries(manifest.dependencies)) {
		if (!existsSync(manifestPath(name)) || (await readVersion(name)) !== version) return false;
	}
	return true;
}

function manifestPath(name: string): string {
	return packagePath(`peers/node_modules/${name}/package.json`);
}

async function readVersion(name: string): Promise<string> {
	return (JSON.parse(await readFile(manifestPath(name), "utf8")) as { version: string }).version;
}
