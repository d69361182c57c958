import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, runNode, say } from "./child.mjs";

/** Runs `steps`, and bundles what of it Node loads, unless no source has changed since that last succeeded. */
export async function build(name, steps) {
	const stampPath = join(root, "node_modules", ".cache", "homing", `built-for-${name}.json`);
	if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === fingerprint()) return;
	await steps();
	await runNode("scripts/bundle.mjs", []);
	mkdirSync(dirname(stampPath), { recursive: true });
	writeFileSync(stampPath, fingerprint());
}

/** Builds packages and those that they stand on. */
export async function compile(...projects) {
	say(`building ${projects[0] === "." ? "all packages" : projects.join(", ")}`);
	await runNode("node_modules/typescript/bin/tsc", ["-b", ...projects], {
		explain: () => "TypeScript found the errors above.",
	});
}

/** Makes client and server stubs of one example from its interface. */
export async function generateStubs(example) {
	say(`generating client and server stubs of ${example}`);
	await runNode("scripts/stubs.mjs", [example]);
}

/** Sources and what was built of them, by size and time: a build thrown away is noticed too. */
function fingerprint() {
	const entries = [];
	const look = (path) => {
		const stats = statSync(join(root, path), { throwIfNoEntry: false });
		if (stats === undefined) entries.push(`${path} -`);
		else if (stats.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) look(join(path, name));
		else entries.push(`${path} ${stats.size} ${stats.mtimeMs}`);
	};
	for (const name of readdirSync(join(root, "packages")).sort()) {
		for (const part of ["src", "bin", "dist/.tsbuildinfo", "dist/bundled", "package.json", "tsconfig.json"]) {
			look(join("packages", name, part));
		}
	}
	look("tsconfig.base.json");
	look("scripts/bundle.mjs");
	look("node_modules/.homing.json");
	return JSON.stringify(entries);
}
