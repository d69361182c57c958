/** What users get: the packed tarballs, installed by npm into an empty folder without a network. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { packages, packInto, root } from "./pack.js";

const run = promisify(execFile);

/** By entry, then by condition, and conditions within conditions. */
interface Conditions {
	readonly [name: string]: string | Conditions;
}

interface Manifest {
	readonly name: string;
	readonly exports: Conditions;
	readonly imports?: Conditions;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly gypfile?: boolean;
}

/** What a package has besides, by its name. */
const more: Readonly<Record<string, readonly string[]>> = {
	// What generated Python is copied with.
	codegen: ["homing.config.schema.json", "python/_homing.py"],
	// Of what is in the bundles.
	runtime: ["dist/bundled/LICENSES"],
};

const readManifest = async (folder: string): Promise<Manifest> =>
	JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

describe("published packages", function () {
	this.timeout(120_000);
	let folder: string;
	/** Paths in each tarball. */
	const contents = new Map<string, string[]>();

	before(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), "homing-published-")));
		const tarballs = join(folder, "tarballs");
		for (const [name, tarball] of await packInto(tarballs)) {
			const { stdout } = await run("tar", ["-tzf", tarball]);
			contents.set(
				name,
				stdout
					.trim()
					.split("\n")
					.map((path) => path.replace(/^package\//, "")),
			);
		}
		// Dependencies come from the workspace, packed again: what is tried here is our packages, not the registry.
		for (const dependency of await dependenciesOf(packages.map((name) => join(root, "packages", name)))) {
			const tarball = join(tarballs, `dependency-${plainName(dependency)}.tgz`);
			// Copied first: pnpm's store has equal files as hard links, which npm does not unpack.
			const copy = join(folder, "copies", plainName(dependency));
			await cp(dependency, copy, { recursive: true });
			await run("tar", ["-czf", tarball, "-C", dirname(copy), basename(copy)]);
		}
		await cp(new URL("consumer", import.meta.url), folder, { recursive: true });
		await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
		const files = (await readdir(tarballs)).map((file) => join(tarballs, file));
		await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...files], {
			cwd: folder,
		});
	});

	before(async () => {
		await mkdir(join(folder, "node_modules/@types"), { recursive: true });
		await symlink(await realpath(join(root, "node_modules/@types/node")), join(folder, "node_modules/@types/node"));
	});

	after(() => rm(folder, { recursive: true }));

	it("hold JavaScript, types, maps and their sources, and nothing native", () => {
		for (const [name, paths] of contents) {
			expect(paths, name).to.include.members(["package.json", "LICENSE", "dist/index.js", "dist/index.d.ts"]);
			const others = paths.filter((path) => !/^(dist|src|bin|wasm)\/.*\.(js|d\.ts|js\.map|d\.ts\.map|ts)$/.test(path));
			expect(others, name).to.have.members(["package.json", "LICENSE", ...(more[name] ?? [])]);
		}
	});

	it("have every file that their entries name", async () => {
		for (const [name, paths] of contents) {
			const manifest = await readManifest(join(folder, "node_modules/@homing", name));
			const named = [...pathsIn(manifest.exports), ...pathsIn(manifest.imports ?? {})];
			expect(paths, name).to.include.members(named.map((path) => path.slice("./".length)));
		}
	});

	it("need no install script and no native part", async () => {
		for (const installed of await installedIn(join(folder, "node_modules"))) {
			const { name, scripts = {}, gypfile } = await readManifest(installed);
			expect(Object.keys(scripts), name).not.to.include.oneOf(["preinstall", "install", "postinstall"]);
			expect(gypfile ?? false, name).to.equal(false);
			const files = await readdir(installed, { recursive: true });
			const native = files.filter((file) => /\.(node|so|dll|dylib|a|gyp)$/.test(file));
			expect(native, name).to.deep.equal([]);
		}
	});

	it("can be imported and required by each of their entries", async () => {
		for (const name of contents.keys()) {
			const { exports } = await readManifest(join(folder, "node_modules/@homing", name));
			for (const entry of Object.keys(exports)) {
				const specifier = JSON.stringify(`@homing/${name}${entry.slice(1)}`);
				const program = `import { createRequire } from "node:module";
					const imported = await import(${specifier});
					const required = createRequire(${JSON.stringify(join(folder, "x.js"))})(${specifier});
					if (Object.keys(imported).length === 0) throw new Error("empty");
					if (Object.keys(imported).some((key) => imported[key] !== required[key])) throw new Error("two copies");`;
				await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder });
			}
		}
	});

	it("have classes of the same names bundled, as Node loads them, and not", async () => {
		for (const name of contents.keys()) {
			const installed = join(folder, "node_modules/@homing", name);
			for (const [entry, { types }] of Object.entries((await readManifest(installed)).exports) as [
				string,
				{ readonly types?: string },
			][]) {
				if (types === undefined) continue;
				const plain = JSON.stringify(join(installed, types.replace(".d.ts", ".js")));
				const program = `const plain = await import(${plain});
					const found = await import(${JSON.stringify(`@homing/${name}${entry.slice(1)}`)});
					const isClass = (value) => typeof value === "function" && /^class\\b/.test(String(value));
					const classes = Object.keys(plain).filter((key) => isClass(plain[key]));
					const names = classes.map((key) => [key, plain[key].name, found[key].name]);
					console.log(JSON.stringify(names.filter(([, its, other]) => its !== other)));`;
				const words = ["--input-type=module", "--eval", program];
				expect(JSON.parse((await run(process.execPath, words, { cwd: folder })).stdout), name).to.deep.equal([]);
			}
		}
	});

	it("load a few files on Node, none of them zod's, and take little of the heap", async () => {
		const { stdout } = await run(process.execPath, ["--expose-gc", "loaded.mjs"], { cwd: folder });
		const [heapBytes, ...files] = stdout.trim().split("\n");
		const paths = files.map((file) => file.slice(file.lastIndexOf("/node_modules/") + "/node_modules/".length));
		expect(paths).to.include("@homing/runtime/dist/bundled/index.js");
		expect(paths.filter((path) => !/^@homing\/(zmtp|runtime)\/dist\/bundled\//.test(path))).to.deep.equal([]);
		expect(paths).to.have.length.below(30);
		// V8 leaves octets outside of the heap alone while there are less than 8 MiB in it; half of them are Node's.
		expect(Number(heapBytes)).to.be.below(4.5e6);
	});

	it("take schemas of the program's own zod, and these go into each other with generated ones", async () => {
		expect((await run(process.execPath, ["two-zods.mjs"], { cwd: folder })).stdout).to.equal("one\n");
	});

	it("generate a client of an interface that a package publishes, as its consumer", async () => {
		const api = join(folder, "node_modules/@acme/bank-api");
		await mkdir(api, { recursive: true });
		await mkdir(join(folder, "src"), { recursive: true });
		await writeFile(
			join(api, "package.json"),
			'{ "name": "@acme/bank-api", "type": "module", "types": "./bank.d.ts" }',
		);
		await writeFile(
			join(api, "bank.d.ts"),
			"export interface Bank {\n\tbalance(account: Account): Promise<bigint>;\n}\nexport type Account = string;\n",
		);
		await writeFile(
			join(folder, "src/bank.ts"),
			'import type { Bank as Api } from "@acme/bank-api";\nexport interface Bank extends Api {}\n',
		);
		await writeFile(
			join(folder, "homing.config.json"),
			JSON.stringify({
				$schema: "./node_modules/@homing/codegen/homing.config.schema.json",
				inputs: ["src"],
				out: "src/generated",
			}),
		);
		const bin = join(folder, "node_modules/.bin/homing-codegen");
		expect((await run(bin, ["generate"], { cwd: folder })).stderr).to.equal("Wrote src/generated/bank.ts\n");
		expect((await run(bin, ["generate", "--check"], { cwd: folder })).stderr).to.equal("1 up to date.\n");
		const generated = await readFile(join(folder, "src/generated/bank.ts"), "utf8");
		expect(generated).to.include("export class BankClient implements Bank {");
		const compiler = join(root, "node_modules/typescript/bin/tsc");
		const options = "--noEmit --strict --types node --target es2023 --module nodenext --skipLibCheck --ignoreConfig";
		await run(process.execPath, [compiler, ...options.split(" "), "src/generated/bank.ts"], { cwd: folder }).catch(
			(error: { stdout: string }) => expect.fail(error.stdout),
		);
	});

	it("can be imported", async () => {
		expect((await run(process.execPath, ["round-trip.mjs"], { cwd: folder })).stdout).to.equal("round trip\n");
	});

	it("can be required", async () => {
		expect((await run(process.execPath, ["round-trip.cjs"], { cwd: folder })).stdout).to.equal("round trip\n");
	});

	it("have types for each entry, as ES module and as CommonJS, under every resolution", async () => {
		const compiler = join(root, "node_modules/typescript/bin/tsc");
		const strict = ["--noEmit", "--strict", "--types", "node", "--target", "es2023"];
		for (const [module, resolution, ...files] of [
			["nodenext", "nodenext", "types.mts", "types.cts"],
			["esnext", "bundler", "types.mts", "--skipLibCheck"],
		] as [string, string, ...string[]][]) {
			const words = [compiler, ...strict, "--module", module, "--moduleResolution", resolution, ...files];
			await run(process.execPath, words, { cwd: folder }).catch((error: { stdout: string }) =>
				expect.fail(`${resolution}:\n${error.stdout}`),
			);
		}
	});
});

function pathsIn(conditions: Conditions): string[] {
	return Object.values(conditions).flatMap((value) => (typeof value === "string" ? [value] : pathsIn(value)));
}

/** Folders of all that packages of the workspace depend on, ours left out, what is optional too. */
async function dependenciesOf(folders: readonly string[]): Promise<Set<string>> {
	const found = new Set<string>();
	const look = async (package_: string) => {
		const { dependencies = {} } = await readManifest(package_);
		for (const name of Object.keys(dependencies)) {
			if (name.startsWith("@homing/")) continue;
			const dependency = await resolveFrom(package_, name);
			if (found.has(dependency)) continue;
			found.add(dependency);
			await look(dependency);
		}
	};
	for (const package_ of folders) await look(package_);
	found.add(await realpath(join(root, "test/node_modules/zod")));
	return found;
}

/** Node's own search: in the folders above, the nearest first. */
async function resolveFrom(folder: string, name: string): Promise<string> {
	for (let at = folder; at !== "/"; at = join(at, "..")) {
		const found = await realpath(join(at, "node_modules", name)).catch(() => undefined);
		if (found !== undefined) return found;
	}
	throw new Error(`${name} is not installed`);
}

/** Of a package by its folder, with its scope: `@ts-morph+common`. */
function plainName(folder: string): string {
	const [name, scope] = [basename(folder), basename(dirname(folder))];
	return scope.startsWith("@") ? `${scope}+${name}` : name;
}

async function installedIn(modules: string): Promise<string[]> {
	const names = (await readdir(modules)).filter((name) => !name.startsWith("."));
	const nested = names.map(async (name) =>
		name.startsWith("@") ? (await readdir(join(modules, name))).map((inner) => join(name, inner)) : [name],
	);
	return (await Promise.all(nested)).flat().map((name) => join(modules, name));
}
