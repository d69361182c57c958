/** The compilers that generated code is promised to compile under, each as a process of its own. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const worker = join(import.meta.dirname, "compile-projects.mjs");

/** By version, the package that has it. */
const packages = {
	"5.4": "typescript-5.4",
	"5.9": "typescript-5.9",
	"6.0": "typescript",
	"7.0": "typescript-7.0",
} as const;

export type Version = keyof typeof packages;
export const versions = Object.keys(packages) as Version[];

/** Of the one that is installed for it. */
export function exactVersion(version: Version): string {
	return (require(`${packages[version]}/package.json`) as { version: string }).version;
}

/** What generated code promises to compile under, as a tsconfig has it. */
export const strictestOptions: Readonly<Record<string, unknown>> = {
	target: "ES2022",
	lib: ["ES2023", "ESNext.Disposable"],
	types: ["node"],
	strict: true,
	exactOptionalPropertyTypes: true,
	noUncheckedIndexedAccess: true,
	noImplicitOverride: true,
	noImplicitReturns: true,
	noPropertyAccessFromIndexSignature: true,
	noUnusedLocals: true,
	isolatedModules: true,
	skipLibCheck: true,
	noEmit: true,
};

/** Of one project. */
export interface Compiled {
	/** Absolute paths of those that it names. */
	readonly files: readonly string[];
	/** In these, or in no file: `src/expected/bank.ts(3,5): error TS2322: ...`. */
	readonly errors: readonly string[];
}

/** What a compiler says of projects: absolute paths of tsconfigs. */
export async function compileProjects(version: Version, projects: readonly string[]): Promise<readonly Compiled[]> {
	const compiler = dirname(require.resolve(`${packages[version]}/package.json`));
	if (version === "7.0") return Promise.all(projects.map((project) => compileByCommand(compiler, project)));
	const { stdout } = await run(process.execPath, [worker, compiler, ...projects], { maxBuffer: 1 << 24 });
	return JSON.parse(stdout);
}

/** That version has no interface for programs yet. */
async function compileByCommand(compiler: string, project: string): Promise<Compiled> {
	const args = [join(compiler, "bin/tsc"), "-p", project, "--pretty", "false", "--listFiles"];
	const { stdout } = await run(process.execPath, args, { cwd: dirname(project), maxBuffer: 1 << 24 }).catch(
		(error: { stdout: string }) => error,
	);
	const lines = stdout.split("\n");
	const read = new Set(lines);
	const files = filesOf(project).filter((file) => read.has(file));
	const own = new Set(files.map((file) => relative(dirname(project), file)));
	const errors = lines.filter((line) => {
		const place = /^(?:(.+?)\(\d+,\d+\): )?error TS/.exec(line);
		return place !== null && (place[1] === undefined || own.has(place[1]));
	});
	return { files, errors };
}

function filesOf(project: string): readonly string[] {
	const { config } = ts.readConfigFile(project, ts.sys.readFile);
	return ts.parseJsonConfigFileContent(config, ts.sys, dirname(project)).fileNames;
}
