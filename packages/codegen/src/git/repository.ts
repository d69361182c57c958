/** Reads the sources of an older version from git, and changes nothing there. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../usage-error.js";

/** Of what git prints: the names of all files. Unit: octets. */
const maxOutput = 256 * 1024 * 1024;

/** What a model can be made of: sources, and the JSON that says how they are read. */
const wanted = /\.([cm]?tsx?|json)$/;

export class Repository {
	/** Absolute, without symbolic links. */
	readonly root: string;

	/** The repository that a folder is in. Throws a `UsageError` if there is none, or no git. */
	constructor(folder: string) {
		const { status, stdout, stderr } = git(folder, ["rev-parse", "--show-toplevel"]);
		if (status !== 0) throw new UsageError(`${folder} is in no git repository: ${said(stderr)}`);
		this.root = realpathSync(stdout.replace(/\r?\n$/, ""));
	}

	/** The commit that a ref means; `undefined` for one that means none. */
	commitOf(ref: string): string | undefined {
		const { status, stdout } = git(this.root, [
			"rev-parse",
			"--verify",
			"--quiet",
			"--end-of-options",
			`${ref}^{commit}`,
		]);
		return status === 0 ? stdout.trim() : undefined;
	}

	/** The sources of a commit, in a temporary folder. An index of its own keeps the user's as it is. */
	checkOut(commit: string): Checkout {
		const checkout = new Checkout();
		const env = { GIT_INDEX_FILE: join(checkout.folder, "index") };
		const run = (args: readonly string[], input = "") => {
			const { status, stdout, stderr } = git(this.root, args, env, input);
			if (status !== 0) throw new UsageError(`git ${args[0]} failed: ${said(stderr)}`);
			return stdout;
		};
		try {
			run(["read-tree", commit]);
			const files = run(["ls-files", "-z", "--cached"])
				.split("\0")
				.filter((file) => wanted.test(file));
			run(["checkout-index", "--quiet", "--prefix", `${checkout.root}/`, "-z", "--stdin"], files.join("\0"));
			checkout.linkPackages(this.root, files);
		} catch (error) {
			checkout.remove();
			throw error;
		}
		return checkout;
	}
}

export class Checkout {
	readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "homing-codegen-released-")));
	/** What stands for the repository's root. */
	readonly root = join(this.folder, "sources");

	constructor() {
		mkdirSync(this.root);
	}

	/** Installed packages are no part of a commit: those of today serve the older version too. */
	linkPackages(repository: string, files: readonly string[]): void {
		const folders = new Set([""]);
		for (const file of files) {
			for (let at = dirname(file); at !== "." && !folders.has(at); at = dirname(at)) folders.add(at);
		}
		for (const folder of folders) {
			const packages = folder === "" ? nearestPackages(repository) : join(repository, folder, "node_modules");
			const link = join(this.root, folder, "node_modules");
			if (packages !== undefined && existsSync(packages) && !existsSync(link)) symlinkSync(packages, link, "junction");
		}
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Those of the repository, or of a folder that it is in. */
function nearestPackages(repository: string): string | undefined {
	for (let folder = repository; ; folder = dirname(folder)) {
		const found = resolve(folder, "node_modules");
		if (existsSync(found)) return found;
		if (dirname(folder) === folder) return undefined;
	}
}

function git(
	folder: string,
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
	input = "",
): SpawnSyncReturns<string> {
	const options = {
		cwd: folder,
		env: { ...process.env, ...env },
		input,
		encoding: "utf8",
		maxBuffer: maxOutput,
	} as const;
	const result = spawnSync("git", args, options);
	if (result.error === undefined) return result;
	if ((result.error as NodeJS.ErrnoException).code === "ENOENT")
		throw new UsageError("git was not found, and a git ref needs it: install it, or name a lock file.");
	throw result.error;
}

function said(stderr: string): string {
	return stderr.trim().split("\n").at(-1) ?? "";
}
