import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, say } from "./child.mjs";

export const pnpmVersion = "12.21.0";

const stampPath = join(root, "node_modules", ".homing.json");

/** What an install must bring. `programs`: what building and running takes, without the tools of tests and lint. */
const selections = {
	programs: ["--prod", "--filter", "@homing/examples...", "--filter", "@homing/bench..."],
	all: [],
};

/**
 * Installs the dependencies unless that was done. What was once installed whole stays so: a `npm start` does not take the
 * tools away from someone who works here.
 */
export async function install(wanted) {
	const key = lockKey();
	const stamp = readStamp();
	if (stamp?.key === key && (stamp.scope === wanted || stamp.scope === "all")) return;
	const isWholeAlready = stamp === undefined ? existsSync(join(root, "node_modules", ".pnpm")) : stamp.scope === "all";
	const scope = isWholeAlready ? "all" : wanted;
	say(
		`installing ${scope === "all" ? "all dependencies" : "what it needs"} with pnpm ${pnpmVersion}` +
			(stamp === undefined ? " (the first time takes up to a minute)" : ""),
	);
	// Outside a terminal pnpm asks before it rebuilds node_modules, unless it takes this for CI; and with NODE_ENV at
	// `production` it would leave out what the tests need.
	// npm's own patience, a silent minute before it says that there is no network, is too much.
	const patience = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "5000" };
	const env = { ...patience, ...process.env, CI: "true", NODE_ENV: "" };
	await runNpx(["install", "--frozen-lockfile", "--reporter=append-only", ...selections[scope]], {
		env,
		isQuietStdout: true,
		explain,
	});
	writeFileSync(stampPath, JSON.stringify({ key, scope }));
}

/** Runs the pinned pnpm, as its own command line. */
export function runPnpm(args) {
	return runNpx(args, {});
}

function runNpx(args, options) {
	// On Windows npx is a script, which only a shell can run.
	return run("npx", ["--yes", `pnpm@${pnpmVersion}`, ...args], { ...options, shell: process.platform === "win32" });
}

/** Changes when what is to be installed does. */
function lockKey() {
	const hash = createHash("sha256");
	const packages = readdirSync(join(root, "packages")).sort();
	const manifests = ["", "test", ...packages.map((name) => join("packages", name))].map((folder) =>
		join(folder, "package.json"),
	);
	for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
		if (existsSync(join(root, path))) hash.update(path).update(readFileSync(join(root, path)));
	}
	return hash.update(`${process.platform} ${process.arch}`).digest("hex");
}

function readStamp() {
	try {
		return JSON.parse(readFileSync(stampPath, "utf8"));
	} catch {
		return undefined;
	}
}

const networkTrouble =
	/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL|network/i;

function explain(text) {
	if (/npx: .*ENOENT|spawn npx ENOENT/.test(text)) return "\nnpx is missing: it comes with npm, which comes with Node.";
	if (networkTrouble.test(text)) {
		return (
			"The dependencies could not be downloaded: the package registry cannot be reached.\n" +
			"Check the network (behind a proxy: npm config set proxy http://host:port) and run the command again."
		);
	}
	if (/OUTDATED_LOCKFILE/.test(text)) {
		return `pnpm-lock.yaml does not fit a package.json. Run: npx pnpm@${pnpmVersion} install`;
	}
	return "The dependencies could not be installed; the reason is above.";
}
