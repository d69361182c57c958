// Generates the committed stubs: all of them, or those of the services named. With --check nothing is written, and stale
// stubs are an error.
import { run } from "./run/child.mjs";

const services = {
	"file-census": ["packages/examples/src/file-census/census.ts", "packages/examples/src/file-census/generated"],
	hello: ["packages/examples/src/hello/greeter.ts", "packages/examples/src/hello/generated"],
	bank: ["packages/examples/src/bank/bank.ts", "packages/examples/src/bank/generated", "--fakes"],
	"any-language": ["packages/examples/src/any-language/calculator.ts", "packages/examples/src/any-language/generated"],
	replicas: ["packages/examples/src/replicas/rates.ts", "packages/examples/src/replicas/generated"],
	office: ["packages/examples/src/office/office.ts", "packages/examples/src/office/generated"],
	browser: ["test/browser/workshop.ts", "test/browser/generated"],
	hostile: ["test/support/runtime/hostile-shapes.ts", "test/support/runtime/generated"],
	python: [
		"packages/examples/src/any-language/calculator.ts",
		"packages/examples/src/any-language/generated",
		"--lang",
		"python",
	],
	bench: ["packages/bench/src/services/echo.ts", "packages/bench/src/generated"],
	"bench-shapes": ["packages/bench/src/services/shapes.ts", "packages/bench/src/generated"],
};

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("--"));
const names = args.filter((arg) => !arg.startsWith("--"));

for (const name of names.length === 0 ? Object.keys(services) : names) {
	const [source, out, ...options] = services[name];
	try {
		const bin = "packages/codegen/bin/homing-codegen.js";
		// What it says is for people: standard output belongs to the program that `npm start` runs next.
		await run(process.execPath, [bin, "generate", source, "--out", out, ...options, ...flags], { isQuietStdout: true });
	} catch (error) {
		process.exitCode = error.exitCode ?? 1;
	}
}
