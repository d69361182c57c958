import { availableParallelism } from "node:os";
import { CommandFailed, run } from "./child.mjs";

/** One process, which gets the signals itself: see .mocharc.cjs. */
const runMocha = (args, options) =>
	run(
		process.execPath,
		["--conditions=homing-source", "--import=tsx", "node_modules/mocha/bin/mocha.js", ...args],
		options,
	);

/** What a mocha of its own runs: beside each other they leave no processor idle while a test waits for its peer. */
const folders = [
	"test/{codegen,property/codegen}/**",
	"test/{bench,browser,docs,examples,layers,published,runtimes,scripts,types}/**",
	// Many of these measure their memory again and again: the less else there is in it, the sooner that is done.
	"test/fault/**",
];

/** By what each is told to choose. Every file is in one of them; what takes longest begins. */
const groups = [...folders.map((glob) => [`${glob}/*.test.ts`]), folders.map((glob) => `--ignore=${glob}`)];

/** No more: they start processes of their own. */
const lanes = Math.min(2, availableParallelism());

/** Runs the tests that mocha's arguments choose; without any, all of them. */
export async function runTests(args) {
	if (args.length > 0) await runMocha(args);
	else await runGroups();
}

async function runGroups() {
	const colour = process.stdout.isTTY ? ["--color"] : [];
	const outputs = groups.map(() => "");
	const failures = [];
	const over = new Set();
	/** The group whose output is not held back, so that each stands in one piece. */
	let shown = 0;

	const runGroup = async (group) => {
		const onStdout = (text) => {
			outputs[group] += text;
			if (group === shown) process.stdout.write(text);
		};
		await runMocha([...groups[group], ...colour], { onStdout }).catch((error) => failures.push(error));
		over.add(group);
		while (over.has(shown)) process.stdout.write(outputs[++shown] ?? "");
	};
	const next = groups.keys();
	const takeTurns = async () => {
		for (const group of next) await runGroup(group);
	};
	await Promise.all(Array.from({ length: lanes }, takeTurns));

	const closing = sumOf(outputs.map(closingLine));
	if (closing !== undefined) process.stdout.write(`\n${closing}\n`);
	if (failures.length > 0) throw failures[0];
	if (closing === undefined) throw new CommandFailed(1, "Some tests ended without saying how many they were.");
}

/** Passed, failed and skipped, as a run's last line has them. */
function closingLine(output) {
	const line = output.slice(output.lastIndexOf("\n", output.length - 2) + 1);
	return /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n$/.exec(line)?.slice(1);
}

/** Undefined when a run did not get to its last line: there is no telling what it has not tried. */
function sumOf(counts) {
	if (counts.includes(undefined)) return undefined;
	const [passed, failed, skipped] = [0, 1, 2].map((at) =>
		counts.reduce((sum, count) => sum + Number(count[at] ?? 0), 0),
	);
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
