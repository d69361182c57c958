/** A pattern that is misspelt matches nothing, and a check of nothing would always pass. */
import type { JobOptions } from "../job.js";
import type { SourceModel } from "../model/model.js";
import { UsageError } from "../usage-error.js";

/** What is wrong, if there is no service at all in what was asked for; `models` are of sources without errors. */
export function lackOfServices(models: readonly SourceModel[], jobs: readonly JobOptions[]): string | undefined {
	if (models.some(({ services }) => services.length > 0)) return undefined;
	const asked = [...new Set(jobs.flatMap(({ files }) => files))].map((file) => `\`${file}\``).join(", ");
	const why =
		models.length === 0
			? "no TypeScript file is there, or matches"
			: "no file there exports an interface whose members are all methods";
	return `No service was found in ${asked}: ${why}.`;
}

/** Throws a `UsageError` where there is none. */
export function requireServices(models: readonly SourceModel[], jobs: readonly JobOptions[]): void {
	const lack = lackOfServices(models, jobs);
	if (lack !== undefined) throw new UsageError(lack);
}
