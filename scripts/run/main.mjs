import { build, compile, generateStubs } from "./build.mjs";
import { CommandFailed, isInterrupted, run, runNode } from "./child.mjs";
import { install, runPnpm } from "./install.mjs";
import { runTests } from "./tests.mjs";

const commands = {
	async start(args) {
		await install("programs");
		await build("start", async () => {
			await compile("packages/codegen", "packages/runtime");
			await generateStubs("file-census");
			await compile("packages/examples");
		});
		await runNode("packages/examples/dist/file-census/main.js", args, { cwd: process.cwd() });
	},

	async bench(args) {
		await install("programs");
		await build("bench", () => compile("packages/bench"));
		await runNode("packages/bench/dist/main.js", args);
	},

	async test(args) {
		await install("all");
		await build("test", () => compile("."));
		await runTests(args);
	},

	/** Runs from the sources: what has just been changed is what is tried. */
	async fuzz(args) {
		await install("all");
		await run(process.execPath, ["--conditions=homing-source", "--import=tsx", "test/fuzz/main.ts", ...args]);
	},

	/** The pinned pnpm, for machines that have none: `node scripts/run.mjs pnpm lint`. */
	async pnpm(args) {
		await install("all");
		await runPnpm(args);
	},
};

export async function main([name, ...args]) {
	const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
	if (command === undefined) {
		console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join("|")} [arguments]`);
		process.exitCode = 2;
		return;
	}
	try {
		await command(args);
	} catch (error) {
		if (!(error instanceof CommandFailed)) throw error;
		if (error.message !== "" && !isInterrupted()) console.error(`\n${error.message}`);
		process.exitCode = error.exitCode;
	}
}
