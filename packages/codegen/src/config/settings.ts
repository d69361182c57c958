/** What a command is to do: the flags, and the configuration where they say nothing. */
import { dirname, resolve } from "node:path";
import type { JobOptions } from "../job.js";
import type { Language } from "../language.js";
import type { ImportExtension } from "../model/import-extension.js";
import type { ErrorFormat } from "../report/formats.js";
import { UsageError } from "../usage-error.js";
import { type FoundConfig, findConfig, readConfig } from "./config.js";
import { configName } from "./name.js";
import type { ConfigTarget } from "./schema.js";

/** As they came on the command line. */
export interface Flags {
	readonly files: readonly string[];
	readonly config?: string;
	readonly out?: string;
	readonly lang?: Language;
	readonly project?: string;
	readonly importExtension?: ImportExtension;
	readonly fakes?: boolean;
	readonly arbitraries?: boolean;
	readonly errorFormat?: ErrorFormat;
}

export interface Settings {
	readonly jobs: readonly JobOptions[];
	readonly errorFormat: ErrorFormat;
	/** Breaks that are meant, as the configuration has them. */
	readonly accept: readonly string[];
	/** Absolute path of the configuration in use. */
	readonly config: string | undefined;
}

/** Flags win over the configuration, and what it says of one input over what it says of all. */
export function settingsOf(flags: Flags, cwd: string): Settings {
	const found = flags.config === undefined ? findConfig(cwd, cwd) : readConfig(resolve(cwd, flags.config), cwd);
	const errorFormat = flags.errorFormat ?? found?.config.errorFormat ?? "text";
	const accept = found?.config.accept ?? [];
	return { jobs: jobsOf(flags, found, cwd), errorFormat, accept, config: found?.path };
}

/** Throws a `UsageError` where nothing says where generated files go. */
export function requireOut(jobs: readonly JobOptions[]): void {
	if (jobs.every(({ out }) => out !== undefined)) return;
	throw new UsageError(`No output folder was named: give --out <folder>, or \`out\` in ${configName}.`);
}

function jobsOf(flags: Flags, found: FoundConfig | undefined, cwd: string): JobOptions[] {
	const folder = found === undefined ? cwd : dirname(found.path);
	const job = (files: readonly string[], start: string, own: ConfigTarget = {}): JobOptions => {
		const config = { ...found?.config, ...own };
		return {
			files,
			cwd: start,
			out: place(flags.out, cwd, config.out, folder),
			project: place(flags.project, cwd, config.project, folder),
			lang: flags.lang ?? config.language,
			importExtension: flags.importExtension ?? config.importExtension,
			fakes: flags.fakes ?? config.fakes,
			arbitraries: flags.arbitraries ?? config.arbitraries,
		};
	};
	if (flags.files.length > 0) return [job(flags.files, cwd)];
	if (found === undefined) {
		throw new UsageError(
			`No source files were named, and there is no ${configName} here or above; \`homing-codegen init\` writes one.`,
		);
	}
	const { inputs } = found.config;
	const plain = inputs.filter((input) => typeof input === "string");
	const special = inputs.filter((input) => typeof input !== "string");
	return [
		...(plain.length === 0 ? [] : [job(plain, folder)]),
		...special.map((input) => job([input.files].flat(), folder, input)),
	];
}

/** A path from where it was written. */
function place(flag: string | undefined, cwd: string, configured: string | undefined, folder: string) {
	if (flag !== undefined) return resolve(cwd, flag);
	return configured === undefined ? undefined : resolve(folder, configured);
}
