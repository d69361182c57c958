/** Bun, Deno and the newest Node lie outside the workspace, so that installing Homing does not download them. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installFolder } from "../support/npm-folder.js";
import { Runtime } from "./runtime.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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
export function installRuntimes(): Promise<void> {
	return installFolder(new URL(".", import.meta.url), "Bun, Deno and the newest Node", () => {
		const missing = otherRuntimes.find((runtime) => !existsSync(runtime.file));
		if (missing === undefined) return;
		const system = `${process.platform} on ${process.arch}`;
		throw new Error(`${missing.name} could not be downloaded (is there a network?), or there is none for ${system}`);
	});
}
