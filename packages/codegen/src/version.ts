import { readFileSync } from "node:fs";

let version: string | undefined;

export function packageVersion(): string {
	version ??= (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
		.version;
	return version;
}

/** As the first line of generated files has it. */
export function generatorName(): string {
	return `@homing/codegen ${packageVersion()}`;
}
