/** The lock file: the model of what was released, in a form that is read in reviews and merged by git. */
import { dirname, relative, resolve } from "node:path";
import { definitionsOf, type SourceModel } from "../model/model.js";
import { schemaHashOf } from "../model/schema-hash.js";
import { withoutDoc } from "../model/type-key.js";
import { slashed } from "../paths.js";
import { UsageError } from "../usage-error.js";
import { checkSources } from "./check.js";
import { printJson } from "./print.js";
import { released } from "./released.js";

/** Raised whenever an older reader would misunderstand what is written. */
export const lockVersion = 1;

export const lockName = "homing.lock.json";

/** The text of a lock file at `path`; the sources' paths in it are relative to its folder. */
export function writeLock(models: readonly SourceModel[], path: string): string {
	const folder = dirname(path);
	const sources = released(models, (file) => slashed(relative(folder, file))).map(withHashes);
	const withoutDocs = JSON.parse(JSON.stringify(sources, withoutDoc));
	return `${printJson({ lockVersion, sources: withoutDocs })}\n`;
}

function withHashes(source: SourceModel): SourceModel {
	const services = source.services.map(({ name, type, doc, methods }) => {
		const schemaHash = schemaHashOf({ name, type, doc, methods }, definitionsOf(source));
		return { name, schemaHash, type, doc, methods };
	});
	return { ...source, services };
}

/** The models in the text of a lock file. Throws a `UsageError` for one of a newer version, and for what is none. */
export function readLock(text: string, path: string, shownPath: string): SourceModel[] {
	const folder = dirname(path);
	let lock: unknown;
	try {
		lock = JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${shownPath} is no lock file: ${(error as Error).message}.`);
	}
	const version =
		typeof lock === "object" && lock !== null ? (lock as { lockVersion?: unknown }).lockVersion : undefined;
	if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
		throw new UsageError(`${shownPath} is no lock file: it has no lockVersion.`);
	if (version > lockVersion) {
		throw new UsageError(
			`${shownPath} was written by a newer homing-codegen: its format is ${version}, and this one reads up to ${lockVersion}. Update @homing/codegen.`,
		);
	}
	const problem = (where: string, what: string) =>
		new UsageError(`${shownPath} is damaged: ${where} ${what}. Write it again with \`homing-codegen lock\`.`);
	const sources = checkSources((lock as { sources?: unknown }).sources, problem);
	return released(sources, (file) => slashed(resolve(folder, file)));
}
