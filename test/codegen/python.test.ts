import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type GenerateResult, generate } from "@homing/codegen";
import { expect } from "chai";
import { pythonPattern } from "../../packages/codegen/src/emit/python/patterns.js";
import { writeWhole } from "../../packages/codegen/src/output.js";
import { needsPyzmq, python } from "../support/runtime/python.js";
import { fixtureFiles, fixtures } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";
import { homingCodegen, Workspace } from "./support/terminal.js";

describe("generated Python", function () {
	this.timeout(180_000);
	const out = join(fixtures, "expected/python");
	let result: GenerateResult;

	before(() => {
		result = generate({ files: fixtureFiles("."), out, lang: "python" });
	});

	// Every form, every type, names that clash, types that contain themselves, constraints; the others are compiled.
	for (const name of ["constraints", "crossing", "defaults", "documented", "forms", "names", "recursion", "rest"]) {
		it(`is as expected for ${name}.ts`, () => {
			const file = result.files.find(({ source }) => source === join(fixtures, `${name}.ts`));
			expect(file?.path).to.equal(join(out, `${name}.py`));
			expectGolden(file?.text ?? "", join(out, `${name}.py`));
		});
	}

	it("has one module beside it that all share: the package's own, behind a line that says so", () => {
		const shared = result.files.filter(({ path }) => basename(path) === "_homing.py");
		expect(shared).to.have.length(1);
		const [first, ...rest] = shared[0]!.text.split("\n");
		expect(first).to.match(/^# Copied by @homing\/codegen .*\. Do not edit\.$/);
		const own = join(import.meta.dirname, "../../packages/codegen/python/_homing.py");
		expect(rest.join("\n")).to.equal(readFileSync(own, "utf8"));
	});

	it("leaves out what takes streams or functions, and says which and why", () => {
		const [sum, tell] = result.omissions.filter(({ method }) => method.startsWith("Crossing."));
		expect(sum).to.deep.equal({ method: "Crossing.sum", reason: "its parameter `values` is a stream" });
		expect(tell).to.deep.equal({ method: "Crossing.tell", reason: "its parameter `onWord` is a function" });
		expect(generate({ files: fixtureFiles("."), out }).omissions).to.deep.equal([]);
	});

	it("is the same text whatever else is generated in the same run", () => {
		const alone = generate({ files: [join(fixtures, "forms.ts")], out, lang: "python" });
		const text = ({ files }: GenerateResult) => files.find(({ path }) => path.endsWith("/forms.py"))?.text;
		expect(text(alone)).to.equal(text(result));
	});

	describe("for the interpreter", () => {
		needsPyzmq();
		let folder: string;

		before(() => {
			folder = mkdtempSync(join(tmpdir(), "homing-python-"));
			for (const { path, text, source } of result.files)
				writeWhole({ path: join(folder, "package_of_stubs", basename(path)), text, source });
		});
		after(() => rmSync(folder, { recursive: true }));

		const run = (...args: string[]) => spawnSync(python, args, { cwd: folder, encoding: "utf8" });

		it("compiles", () => {
			const files = result.files.map(({ path }) => join("package_of_stubs", basename(path)));
			expect(run("-W", "error", "-m", "py_compile", ...files)).to.include({ status: 0, stderr: "" });
		});

		it("can be imported, and its annotations mean what they say", () => {
			const modules = result.files.map(({ path }) => basename(path, ".py")).filter((name) => name !== "_homing");
			const script = [
				"import importlib, inspect, sys, typing",
				"for name in sys.argv[1:]:",
				"    module = importlib.import_module(f'package_of_stubs.{name}')",
				"    for exported in module.__all__:",
				"        one = getattr(module, exported)",
				"        if inspect.isclass(one):",
				"            for _, method in inspect.getmembers(one, inspect.isfunction):",
				"                if method.__module__ == module.__name__: typing.get_type_hints(method)",
			].join("\n");
			expect(run("-W", "error", "-c", script, ...modules)).to.include({ status: 0, stderr: "" });
		});

		it("finds defaults where nothing was sent, each time anew", () => {
			const script = [
				"import datetime, json, msgpack",
				"from package_of_stubs import defaults",
				"methods = defaults._catalogue.methods",
				"body = msgpack.packb([{'text': 'x', 'after': msgpack.Timestamp(0)}, None])",
				"first, limit, order = methods['search'].decode_arguments(body, False)",
				"first['tags'].append('changed')",
				"second = methods['search'].decode_arguments(body, False)[0]",
				"del second['after']",
				"print(json.dumps([second, limit, order]))",
				"print(json.dumps(methods['page'].decode_arguments(msgpack.packb([None, None, None]), False)))",
				"print(methods['search'].encode_arguments([second | {'after': datetime.datetime.now(datetime.timezone.utc)}, None, None])[:1].hex())",
			].join("\n");
			const { stdout, stderr } = run("-c", script);
			expect(stderr).to.equal("");
			const [search, page, sent] = stdout.split("\n");
			const found = { text: "x", limit: 20, order: "price", tags: [], range: { low: 0, high: 100 }, colour: "red" };
			expect(JSON.parse(search!)).to.deep.equal([{ ...found, memo: null, isExact: true, more: {} }, 20, "name"]);
			expect(JSON.parse(page!)).to.deep.equal([null, 10, null, null]);
			expect(sent).to.equal("91");
		});

		it("takes any number of arguments, and sends them as one list, or none", () => {
			const script = [
				"from package_of_stubs import rest",
				"class Connection:",
				"    def call(self, method, args, timeout_ms, metadata):",
				"        return method.encode_arguments(args).hex(), timeout_ms",
				"sums = rest.SumsClient(Connection())",
				"print(*sums.sum('a', 1, 2, timeout_ms=5), *sums.sum('a'))",
				"method = rest._sums.methods['sum']",
				"print([method.decode_arguments(bytes.fromhex(body), False) for body in ['92a161920102', '91a161']], method.has_rest)",
				"try:",
				"    sums.sum('a', *range(10001))",
				"except Exception as error:",
				"    print(type(error).__name__)",
			].join("\n");
			const { stdout, stderr } = run("-c", script);
			expect(stderr).to.equal("");
			expect(stdout.split("\n")).to.deep.equal([
				"92a161920102 5 91a161 None",
				"[['a', [1, 2]], ['a', []]] True",
				"InvalidValue",
				"",
			]);
		});
	});
});

describe("homing-codegen generate --lang python", function () {
	this.timeout(60_000);
	const source = "export interface Clock {\n\tnow(): Promise<Date>;\n\ttick(onTick: () => void): Promise<void>;\n}\n";
	let workspace: Workspace;
	beforeEach(() => {
		workspace = new Workspace({
			"src/wall-clock.ts": source,
			"src/deep-down/class.ts": source.replace("Clock", "Other"),
		});
	});
	afterEach(() => workspace.remove());
	const generateIn = (...args: string[]) =>
		homingCodegen(workspace.path, "generate", "src", "--out", "py", "--lang", "python", ...args);

	it("writes modules that can be imported, the folders of the sources among them", async () => {
		const { status, error } = await generateIn();
		expect(status).to.equal(0);
		for (const line of ["py/_homing.py", "py/wall_clock.py", "py/deep_down/class_.py"])
			expect(error).to.include(`Wrote ${line}\n`);
		expect(readFileSync(join(workspace.path, "py/deep_down/class_.py"), "utf8")).to.include(
			"\nfrom .. import _homing\n",
		);
		expect(readFileSync(join(workspace.path, "py/wall_clock.py"), "utf8")).to.include("\nfrom . import _homing\n");
	});

	it("says what is left out, in every format", async () => {
		expect((await generateIn()).error).to.include("Clock.tick is left out: its parameter `onTick` is a function.\n");
		const { out } = await generateIn("--error-format", "json");
		expect(JSON.parse(out).omissions).to.deep.equal([
			{ method: "Other.tick", reason: "its parameter `onTick` is a function" },
			{ method: "Clock.tick", reason: "its parameter `onTick` is a function" },
		]);
		expect((await generateIn("--error-format", "github-actions")).error).to.include("Clock.tick is left out");
	});

	it("writes nothing with --dry-run", async () => {
		const { status, error } = await generateIn("--dry-run");
		expect(status).to.equal(0);
		expect(error).to.include("Would write py/_homing.py\n").and.to.include("Would write py/wall_clock.py\n");
		expect((await generateIn("--check")).error).to.include("py/wall_clock.py is missing.");
	});

	it("finds what is stale with --check, the shared module too, and says what to run", async () => {
		await generateIn();
		expect((await generateIn("--check")).status).to.equal(0);
		workspace.write("py/_homing.py", "changed");
		const { status, error } = await generateIn("--check");
		expect(status).to.equal(3);
		expect(error)
			.to.include("py/_homing.py is stale.")
			.and.to.include("Run `homing-codegen generate src --out py --lang python`");
		expect((await generateIn()).error)
			.to.include("Wrote py/_homing.py\n")
			.and.to.include("2 unchanged.");
	});

	it("refuses two sources that would be one module", async () => {
		workspace.write("src/wall_clock.ts", source.replace("Clock", "Another"));
		expect((await generateIn()).error)
			.to.include("HC029")
			.and.to.include("would both become py/wall_clock.py");
	});

	it("keeps the shared module's name for it", async () => {
		workspace.write("src/_homing.ts", source.replace("Clock", "Mine"));
		expect((await generateIn()).error)
			.to.include("Wrote py/_homing.py\n")
			.and.to.include("Wrote py/_homing_.py\n");
	});

	it("knows no other language", async () => {
		const { status, error } = await homingCodegen(workspace.path, "generate", "src", "--out", "py", "--lang", "perl");
		expect(status).to.equal(2);
		expect(error).to.include("typescript, python");
	});
});

describe("a pattern of JavaScript's in Python", () => {
	const cases: readonly (readonly [source: string, translated: string | undefined])[] = [
		["^[A-Z]{2}[0-9]{6}$", "^[A-Z]{2}[0-9]{6}\\Z"],
		["^[^@/]+@[a-z]+$", "^[^@/]+@[a-z]+\\Z"],
		["a/b\\/c", "a/b/c"],
		["^.$", "^[^\\n\\r\\u2028\\u2029]\\Z"],
		["^(?:a|b)(?=c)", "^(?:a|b)(?=c)"],
		["\\$[$.]", "\\$[$.]"],
		// What Python reads otherwise is left to the other end.
		["\\s", undefined],
		["\\p{L}", undefined],
		["\\u{1F600}", undefined],
		["(?<year>\\d+)", undefined],
		["(?<=a)b", undefined],
		["(a)\\1", undefined],
		["[]", undefined],
		["[^]", undefined],
		["[a&&b]", undefined],
		["[\\s]", undefined],
	];
	for (const [source, translated] of cases) {
		it(`${source} is ${translated ?? "not translated"}`, () => expect(pythonPattern(source)).to.equal(translated));
	}
});
