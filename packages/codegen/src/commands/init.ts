/** `homing-codegen init`. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { configName } from "../config/name.js";
import { exitStatus } from "../exit-status.js";
import { type Manifest, type PackageManager, type Surroundings, surroundingsOf } from "../init/surroundings.js";
import { writeWhole } from "../output.js";
import { shown, slashed } from "../paths.js";
import type { Terminal } from "../terminal.js";

export interface InitCommand {
	readonly dryRun?: boolean;
}

const services = "src/services";

const firstService = `/** Says hello. */
export interface Greeter {
	/** @idempotent @timeout 2s */
	greet(name: Name): Promise<string>;
}

/** @minLength 1 @maxLength 100 */
export type Name = string;
`;

const scripts = { generate: "homing-codegen generate", check: "homing-codegen generate --check" } as const;

/** Nothing that is there already is touched, but for scripts added to package.json. */
export function initCommand({ dryRun = false }: InitCommand, terminal: Terminal): number {
	const around = surroundingsOf(terminal.cwd);
	const { folder, manifest, packageManager, isCommonJs, tsconfig } = around;
	const name = (path: string) => shown(join(folder, path), terminal.cwd);
	const say = (line: string) => terminal.error(`${line}\n`);
	say(
		`${name("package.json")}: ${packageManager}, ${isCommonJs ? "CommonJS" : "ES modules"}, ${tsconfig === undefined ? "no tsconfig.json" : shown(tsconfig, terminal.cwd)}.`,
	);
	const wrote = dryRun ? "Would write" : "Wrote";
	const write = (path: string, text: string) => {
		if (!dryRun) writeNew(join(folder, path), text);
		say(`${wrote} ${name(path)}`);
	};

	const isConfigured = existsSync(join(folder, configName));
	if (isConfigured) say(`Left ${name(configName)} as it is.`);
	else write(configName, configText(around));
	if (isConfigured) say("Wrote no first service: the configuration says where yours are.");
	else if (hasSources(join(folder, services))) say(`Wrote no first service: ${name(services)} has files.`);
	else write(`${services}/greeter.ts`, firstService);

	const { added, text, ran } = withScripts(around);
	if (added.length === 0) say(`${name("package.json")} has the scripts.`);
	else {
		if (!dryRun) writeWhole({ path: join(folder, "package.json"), source: "", text });
		say(`${dryRun ? "Would add" : "Added"} ${added.join(" and ")} to the scripts of ${name("package.json")}`);
	}

	say("\nNext:");
	for (const command of [...installations(manifest, packageManager), `${packageManager} run ${ran.generate}`]) {
		say(`  ${command}`);
	}
	say(`In CI: ${packageManager} run ${ran.check}`);
	if (isCommonJs) say("The runtime is an ES module, which CommonJS can require: with NodeNext from TypeScript 5.8 on.");
	if (tsconfig === undefined) say("Without a tsconfig.json, sources are read under `strict` and NodeNext.");
	return exitStatus.ok;
}

function configText({ folder, installed = folder }: Surroundings): string {
	const schema = join(installed, "node_modules/@homing/codegen/homing.config.schema.json");
	const way = slashed(relative(folder, schema));
	const config = { $schema: way.startsWith(".") ? way : `./${way}`, inputs: [services], out: "src/generated" };
	return `${JSON.stringify(config, null, 2)}\n`;
}

/** A script of that name that does something else keeps it. */
function withScripts({ manifest, manifestText }: Surroundings) {
	const before = manifest.scripts ?? {};
	const ran = { generate: "generate", check: "check" };
	const added: string[] = [];
	const after: Record<string, string> = { ...before };
	for (const [short, command] of Object.entries(scripts) as [keyof typeof scripts, string][]) {
		const existing = Object.keys(before).find((key) => before[key] === command);
		const free = [short, `homing:${short}`].find((key) => !Object.hasOwn(after, key)) ?? `homing-codegen:${short}`;
		ran[short] = existing ?? free;
		if (existing !== undefined) continue;
		after[free] = command;
		added.push(`\`${free}\``);
	}
	const indent = /^[\t ]+(?=")/m.exec(manifestText)?.[0] ?? "  ";
	return { added, ran, text: `${JSON.stringify({ ...manifest, scripts: after }, null, indent)}\n` };
}

/** What to install that the package does not name. */
function installations(manifest: Manifest, packageManager: PackageManager): string[] {
	const { dependencies, devDependencies, peerDependencies } = manifest;
	const named = { ...peerDependencies, ...devDependencies, ...dependencies };
	const missing = (names: readonly string[]) => names.filter((one) => !Object.hasOwn(named, one)).join(" ");
	const add = packageManager === "npm" ? "npm install" : `${packageManager} add`;
	const [runtime, generator] = [missing(["@homing/runtime", "zod"]), missing(["@homing/codegen"])];
	return [
		...(runtime === "" ? [] : [`${add} ${runtime}`]),
		...(generator === "" ? [] : [`${add} ${packageManager === "npm" ? "--save-dev" : "-D"} ${generator}`]),
	];
}

function hasSources(folder: string): boolean {
	return (
		existsSync(folder) &&
		readdirSync(folder, { recursive: true, encoding: "utf8" }).some((one) => /\.[cm]?tsx?$/.test(one))
	);
}

/** Fails rather than overwrites what has come meanwhile. */
function writeNew(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text, { flag: "wx" });
}
