/** The languages that stubs are generated in: what their files are called, and what is in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emitArbitraries } from "./emit/arbitraries.js";
import { emitFakes } from "./emit/fakes.js";
import { emitFile } from "./emit/file.js";
import { emitPythonFile } from "./emit/python/file.js";
import { identifier, PythonNames, snakeCase } from "./emit/python/names.js";
import { type Omission, omissionsOf } from "./emit/python/service.js";
import { belowFolder, outputPath } from "./inputs.js";
import type { Language } from "./language.js";
import type { ImportExtension } from "./model/import-extension.js";
import type { ServiceModel, SourceModel } from "./model/model.js";
import { slashed } from "./paths.js";

interface Place {
	/** Absolute path of the generated file, with forward slashes. */
	readonly path: string;
	/** The folder that `--out` names. */
	readonly out: string;
	readonly generator: string;
	/** Of languages that name files in imports. */
	readonly importExtension: ImportExtension;
}

/** Files beside the stubs of a source, for tests. */
export const companions = ["fakes", "arbitraries"] as const;

export type Companion = (typeof companions)[number];

interface CompanionTarget {
	/** `bank.fake.ts` beside `bank.ts`. */
	readonly infix: string;
	emit(model: SourceModel, place: Omit<Place, "out"> & { readonly stubs: string }): string;
}

export interface Target {
	/** Where the file for a source goes: `folder` is what the output repeats the structure of. */
	outputPath(source: string, folder: string, out: string): string;
	emit(model: SourceModel, place: Place): string;
	/** What the language has of these. */
	readonly companions?: Readonly<Partial<Record<Companion, CompanionTarget>>>;
	/** Files that all others use. */
	shared?(out: string, generator: string): { readonly path: string; readonly source: string; readonly text: string }[];
	/** The methods that the language does not have. */
	omissionsOf(service: ServiceModel): Omission[];
}

const runtimeName = "_homing.py";
const pythonRuntime = fileURLToPath(new URL(`../python/${runtimeName}`, import.meta.url));

export const targets: Readonly<Record<Language, Target>> = {
	typescript: {
		outputPath,
		emit: emitFile,
		companions: {
			fakes: { infix: "fake", emit: emitFakes },
			arbitraries: { infix: "arbitraries", emit: emitArbitraries },
		},
		omissionsOf: () => [],
	},
	python: {
		outputPath: (source, folder, out) => {
			const parts = belowFolder(source, folder)
				.replace(/(\.d)?\.[cm]?tsx?$/, "")
				.split("/");
			return slashed(join(out, `${parts.map(moduleName).join("/")}.py`));
		},
		emit: (model, { path, out, generator }) =>
			emitPythonFile(model, { path, generator, depth: belowFolder(path, out).split("/").length - 1 }),
		shared: (out, generator) => [
			{
				path: slashed(join(out, runtimeName)),
				source: slashed(pythonRuntime),
				text: `# Copied by ${generator}. Do not edit.\n${readFileSync(pythonRuntime, "utf8").replaceAll("\r\n", "\n")}`,
			},
		],
		omissionsOf,
	},
};

/** Modules, and the packages that folders are, are named in programs. */
function moduleName(name: string): string {
	return new PythonNames().take(identifier(snakeCase(name)));
}
