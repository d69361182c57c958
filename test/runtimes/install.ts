/** Bun, Deno and the newest Node lie outside the workspace, so that installing Homing does not download them. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Runtime } from "./runtime.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const stamp = here("node_modules/.installed");
const installTimeoutMs = 300_000;

const { optionalDependencies } = JSON.parse(readFileSync(here("package.json"), "utf8")) as {
	readonly optionalDependencies: Readonly<Record<string, string>>;
};

/** By how the names of their packages begin: one package for each system, which names that system in its manifest. */
const kinds = [
	{ name: "Node", prefix: "node-", binary: "bin/node", flags: [] },
	{ name: "Bun", prefix: "@oven/", binary: "bin/bun", flags: [] },
	{ name: "Deno", prefix: "@deno/", binary: "deno", flags: ["run", "-A", "-q"] },
] as const;

/** What the lock file asks for, installed or not. */
export const otherRuntimes = kinds.map(({ name, prefix, binary, flags }) => {
	const packages = Object.entries(optionalDependencies).filter(([packageName]) => packageName.startsWith(prefix));
	const binaries = packages.map(([packageName]) => here(`node_modules/${packageName}/${binary}`));
	const find = () => binaries.find((path) => existsSync(path)) ?? "none for this system";
	return new Runtime(`${name} ${packages[0]![1]}`, () => [find(), ...flags]);
});

/** Installs them, unless that was done. Rejects with what is missing, for people. */
export async function installRuntimes(): Promise<void> {
	const locked = createHash("sha256")
		.update(readFileSync(here("package-lock.json")))
		.digest("hex");
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === locked) return;
	await install();
	// npm does not mind when an optional package cannot be had.
	const missing = otherRuntimes.find((runtime) => !existsSync(runtime.file));
	if (missing) {
		const system = `${process.platform} on ${process.arch}`;
		throw new Error(`${missing.name} could not be downloaded (is there a network?), or there is none for ${system}`);
	}
	writeFileSync(stamp, locked);
}

async function install(): Promise<void> {
	console.warn("    installing Bun, Deno and the newest Node into test/runtimes/node_modules (the first time)");
	const child = spawn(
		"npm",
		["ci", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"],
		{
			cwd: here("."),
			stdio: ["ignore", "ignore", "inherit"],
			timeout: installTimeoutMs,
		},
	);
	const status = await new Promise<number | null>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
	if (status !== 0) throw new Error(`npm ci in test/runtimes ended with status ${status}`);
}
