/** `homing.config.json`: found, read and checked. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Language, languages } from "../language.js";
import { type ImportExtension, importExtensions } from "../model/import-extension.js";
import { shown } from "../paths.js";
import { type ErrorFormat, errorFormats } from "../report/formats.js";
import { UsageError } from "../usage-error.js";
import { type Form, mistakesIn } from "./form.js";

export const configName = "homing.config.json";

/** How the stubs of some inputs are made. */
export interface ConfigTarget {
	readonly out?: string;
	readonly language?: Language;
	readonly project?: string;
	readonly importExtension?: ImportExtension;
	readonly fakes?: boolean;
	readonly arbitraries?: boolean;
}

export interface ConfigInput extends ConfigTarget {
	readonly files: string | readonly string[];
}

export interface Config extends ConfigTarget {
	readonly $schema?: string;
	readonly inputs: readonly (string | ConfigInput)[];
	readonly errorFormat?: ErrorFormat;
	readonly accept?: readonly string[];
}

export interface FoundConfig {
	/** Absolute path of the file. */
	readonly path: string;
	readonly config: Config;
}

const targetKeys: Readonly<Record<keyof ConfigTarget, Form>> = {
	out: { kind: "text", doc: "The folder for the generated files, from this file's folder." },
	language: { kind: "choice", of: languages, doc: "The language of the stubs. Default: typescript." },
	project: {
		kind: "text",
		doc: "The tsconfig.json to read the sources with. Default: for each file the nearest at or above its folder.",
	},
	importExtension: {
		kind: "choice",
		of: importExtensions,
		doc: "How generated files import the user's own: ./bank.js, ./bank.ts or ./bank. Default: what the tsconfig of the output suits.",
	},
	fakes: { kind: "flag", doc: "Files with stand-ins for unit tests beside the stubs. Default: false." },
	arbitraries: { kind: "flag", doc: "Files with fast-check's arbitraries beside the stubs. Default: false." },
};

const path: Form = { kind: "text", doc: "A source file, a folder or a glob, from this file's folder." };

const input: Form = {
	kind: "object",
	doc: "Sources with settings of their own; what they leave out is as for all.",
	keys: { files: { kind: "either", of: [path, { kind: "list", of: path }] }, ...targetKeys },
	required: ["files"],
};

export const configForm: Form = {
	kind: "object",
	doc: "What `homing-codegen generate` does when it is told no files.",
	keys: {
		$schema: { kind: "text", doc: "Where editors find this schema." },
		inputs: { kind: "list", of: { kind: "either", of: [path, input] }, doc: "What to generate stubs of." },
		...targetKeys,
		errorFormat: { kind: "choice", of: errorFormats, doc: "How to report what is wrong. Default: text." },
		accept: {
			kind: "list",
			of: { kind: "text", doc: "HB102, or HB102:Bank.log there and in it." },
			doc: "Changes that break older versions and are meant, for `homing-codegen breaking`.",
		},
	},
	required: ["inputs"],
};

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
	const mistakes = mistakesIn(value, configForm);
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
