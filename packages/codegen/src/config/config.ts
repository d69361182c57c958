/** `homing.config.json`: found, read and checked. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { shown } from "../paths.js";
import { UsageError } from "../usage-error.js";
import { mistakesIn } from "./mistakes.js";
import { configName } from "./name.js";
import { type Config, configSchema } from "./schema.js";

export interface FoundConfig {
	/** Absolute path of the file. */
	readonly path: string;
	readonly config: Config;
}

/** The nearest at or above a folder. */
export function findConfig(folder: string, cwd: string): FoundConfig | undefined {
	for (let current = resolve(folder); ; current = dirname(current)) {
		const candidate = join(current, configName);
		if (existsSync(candidate)) return readConfig(candidate, cwd);
		if (dirname(current) === current) return undefined;
	}
}

/** Throws a `UsageError` that names everything that is wrong with it. */
export function readConfig(path: string, cwd: string): FoundConfig {
	const name = shown(path, cwd);
	const value = parse(path, name);
	const mistakes = mistakesIn(value, configSchema);
	if (mistakes.length > 0) throw new UsageError(mistakes.map((mistake) => `${name}: ${mistake}`).join("\n"));
	return { path, config: value as Config };
}

function parse(path: string, name: string): unknown {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		throw new UsageError(`${name} cannot be read: ${(error as Error).message}`);
	}
	try {
		return JSON.parse(text.replace(/^\uFEFF/, ""));
	} catch (error) {
		throw new UsageError(`${name} is not valid JSON: ${(error as Error).message}`);
	}
}
