/** The models of an older version: of a lock file, or of a commit. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { Generator } from "../generate.js";
import { type Checkout, Repository } from "../git/repository.js";
import { isGlob } from "../inputs.js";
import type { JobOptions } from "../job.js";
import { readLock } from "../lock/lock.js";
import { released } from "../lock/released.js";
import type { Diagnostic } from "../model/diagnostics.js";
import type { SourceModel } from "../model/model.js";
import { isInside, shown, slashed } from "../paths.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";

/** Mistakes in the older version's sources that are told. */
const maxTold = 5;

/** Paths of files are those of today. A name that is both a file's and a ref's means the file. */
export function olderVersion(against: string, jobs: readonly JobOptions[], terminal: Terminal): SourceModel[] {
	const { cwd } = terminal;
	const path = slashed(resolve(cwd, against));
	if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
		return readLock(readFileSync(path, "utf8"), path, shown(path, cwd));
	}
	if (against.endsWith(".json")) throw new UsageError(`There is no lock file ${shown(path, cwd)}.`);
	const repository = new Repository(cwd);
	const commit = repository.commitOf(against);
	if (commit === undefined) {
		throw new UsageError(
			`${against} is neither a lock file nor a git ref here. A clone that is shallow has few refs: fetch it first.`,
		);
	}
	const checkout = repository.checkOut(commit);
	try {
		return readCommit(against, jobs, { repository, checkout }, terminal);
	} finally {
		checkout.remove();
	}
}

interface Places {
	readonly repository: Repository;
	readonly checkout: Checkout;
}

function readCommit(ref: string, jobs: readonly JobOptions[], places: Places, terminal: Terminal): SourceModel[] {
	const { repository, checkout } = places;
	const folder = realpathSync(terminal.cwd);
	const then = (path: string) => {
		const real = isAbsolute(path) && existsSync(path) ? realpathSync(path) : path;
		return isInside(real, repository.root) ? join(checkout.root, relative(repository.root, real)) : path;
	};
	const now = (path: string) =>
		isInside(path, checkout.root) ? slashed(join(repository.root, relative(checkout.root, path))) : path;
	const older = jobs.flatMap((job): JobOptions[] => {
		const cwd = then(job.cwd === undefined ? folder : realpathSync(job.cwd));
		const files = job.files
			.map((file) => (isAbsolute(file) ? then(file) : file))
			.filter((file) => isGlob(file) || existsSync(resolve(cwd, file)));
		if (files.length === 0) return [];
		const place = (path: string | undefined) => (path === undefined ? undefined : then(resolve(folder, path)));
		return [{ ...job, files, cwd, out: place(job.out), project: place(job.project) }];
	});
	const generator = new Generator(older, checkout.root);
	const { models, diagnostics } = generator.read();
	// A file that was named may have got its service later.
	const errors = diagnostics.filter(({ severity, code }) => severity === "error" && code !== "HC001");
	if (errors.length > 0) throw new UsageError(unreadable(ref, errors, checkout));
	for (const file of generator.ownFiles()) {
		if (isInside(file, checkout.root) || !isInside(file, repository.root)) continue;
		terminal.error(
			`${shown(file, folder)} was read as it is now, not as it was in ${ref}: it is no part of the commit.\n`,
		);
	}
	return released(models, now);
}

function unreadable(ref: string, errors: readonly Diagnostic[], { root }: Checkout): string {
	const told = errors.slice(0, maxTold).map(({ code, location, message }) => {
		const place = location === undefined ? "" : ` ${shown(location.file, root)}:${location.line}:${location.column}`;
		return `${code}${place} ${message}`;
	});
	const more = errors.length > maxTold ? [`and ${errors.length - maxTold} more`] : [];
	return [`The services as they were in ${ref} cannot be read:`, ...told, ...more].join("\n");
}
