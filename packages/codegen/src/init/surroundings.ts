/** What kind of project a folder is in. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../usage-error.js";

export const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;

export type PackageManager = (typeof packageManagers)[number];

export interface Manifest {
	readonly type?: string;
	readonly packageManager?: string;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly devDependencies?: Readonly<Record<string, string>>;
	readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Surroundings {
	/** The folder of the nearest package.json: in a monorepo, that of one package. */
	readonly folder: string;
	readonly manifest: Manifest;
	/** The text of package.json. */
	readonly manifestText: string;
	readonly packageManager: PackageManager;
	readonly isCommonJs: boolean;
	/** Absolute path. */
	readonly tsconfig: string | undefined;
	/** The folder above `node_modules` that has the generator, if it is installed. */
	readonly installed: string | undefined;
}

const lockFiles: Readonly<Record<string, PackageManager>> = {
	"pnpm-lock.yaml": "pnpm",
	"yarn.lock": "yarn",
	"bun.lock": "bun",
	"bun.lockb": "bun",
	"package-lock.json": "npm",
};

/** Throws a `UsageError` where there is no package. */
export function surroundingsOf(cwd: string): Surroundings {
	const folder = upwards(cwd).find((one) => existsSync(join(one, "package.json")));
	if (folder === undefined) throw new UsageError("There is no package.json here or above: make one, as by `npm init`.");
	const manifestText = readFileSync(join(folder, "package.json"), "utf8");
	const manifest = parse(manifestText, join(folder, "package.json"));
	const above = upwards(folder);
	const generator = "node_modules/@homing/codegen/package.json";
	return {
		folder,
		manifest,
		manifestText,
		packageManager: packageManagerOf(above),
		isCommonJs: manifest.type !== "module",
		tsconfig: above.map((one) => join(one, "tsconfig.json")).find(existsSync),
		installed: above.find((one) => existsSync(join(one, generator))),
	};
}

/** The nearest that says so: a package of a monorepo leaves it to the root. */
function packageManagerOf(folders: readonly string[]): PackageManager {
	for (const folder of folders) {
		const path = join(folder, "package.json");
		const named = existsSync(path) ? parse(readFileSync(path, "utf8"), path).packageManager?.split("@")[0] : undefined;
		const known = packageManagers.find((one) => one === named);
		if (known !== undefined) return known;
		const lockFile = Object.keys(lockFiles).find((name) => existsSync(join(folder, name)));
		if (lockFile !== undefined) return lockFiles[lockFile]!;
	}
	return "npm";
}

function parse(text: string, path: string): Manifest {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${path} is not valid JSON: ${(error as Error).message}`);
	}
	if (typeof value !== "object" || value === null) throw new UsageError(`${path} is no object.`);
	return value;
}

/** A folder and all above it, the nearest first. */
function upwards(folder: string): string[] {
	const parent = dirname(folder);
	return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
