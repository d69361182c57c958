import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { forbidden, options } = (await import(join(root, ".dependency-cruiser.mjs"))).default as {
	readonly forbidden: IForbiddenRuleType[];
	readonly options: ICruiseOptions;
};

/** For each rule a file that breaks it: where it lies, and what it imports. */
const offences: Record<string, readonly [file: string, imported: string]> = {
	"zmtp-errno": ["zmtp/src/errno.ts", "./errors.js"],
	"zmtp-errors": ["zmtp/src/errors.ts", "./wire/frame.js"],
	"zmtp-limits": ["zmtp/src/limits.ts", "./errors.js"],
	"zmtp-wire": ["zmtp/src/wire/up.ts", "../mechanism/null.js"],
	"zmtp-mechanism": ["zmtp/src/mechanism/up.ts", "../connection/connection.js"],
	"zmtp-connection": ["zmtp/src/connection/up.ts", "../transport/tcp.js"],
	"zmtp-transport": ["zmtp/src/transport/across.ts", "../pattern/dealer.js"],
	"zmtp-platform": ["zmtp/src/platform/up.ts", "../socket/engine.js"],
	"zmtp-pattern": ["zmtp/src/pattern/across.ts", "../connection/connection.js"],
	"zmtp-socket": ["zmtp/src/socket/up.ts", "../port.js"],
	"runtime-errors": ["runtime/src/errors.ts", "./limits.js"],
	"runtime-limits": ["runtime/src/limits.ts", "./protocol/header.js"],
	"runtime-numeric-option": ["runtime/src/numeric-option.ts", "./errors.js"],
	"runtime-context-values": ["runtime/src/context-values.ts", "./call-context.js"],
	"runtime-interceptor": ["runtime/src/interceptor.ts", "./client/connection.js"],
	"runtime-call-context": ["runtime/src/call-context.ts", "./server/server.js"],
	"runtime-utf8": ["runtime/src/utf8/up.ts", "../platform/platform.js"],
	"runtime-platform": ["runtime/src/platform/up.ts", "../errors.js"],
	"runtime-emitter": ["runtime/src/emitter.ts", "./errors.js"],
	"runtime-browser": ["runtime/src/browser.ts", "./server/server.js"],
	"runtime-ambient": ["runtime/src/ambient.ts", "./errors.js"],
	"runtime-link": ["runtime/src/link/up.ts", "../protocol/header.js"],
	"runtime-protocol": ["runtime/src/protocol/up.ts", "../link/zmtp-link.js"],
	"runtime-timing": ["runtime/src/timing/up.ts", "../client/connection.js"],
	"runtime-waiting": ["runtime/src/waiting/up.ts", "../server/server.js"],
	"runtime-reply-channel": ["runtime/src/reply-channel/up.ts", "../client/connection.js"],
	"runtime-membership": ["runtime/src/membership/up.ts", "../server/server.js"],
	"runtime-stream": ["runtime/src/stream/up.ts", "../client/connection.js"],
	"runtime-service": ["runtime/src/service.ts", "./server/server.js"],
	"runtime-reserved": ["runtime/src/reserved/up.ts", "../server/server.js"],
	"runtime-client": ["runtime/src/client/across.ts", "../server/server.js"],
	"runtime-server": ["runtime/src/server/across.ts", "../queue/queue.js"],
	"runtime-queue": ["runtime/src/queue/across.ts", "../client/connection.js"],
	"runtime-interceptors": ["runtime/src/interceptors/across.ts", "../queue/queue.js"],
	"runtime-compiled": ["runtime/src/compiled.ts", "./client/connection.js"],
	"runtime-testing": ["runtime/src/testing.ts", "./queue/queue.js"],
	"runtime-zod": ["runtime/src/zod.ts", "./errors.js"],
	"runtime-index": ["runtime/src/index.ts", "./cli/main.js"],
	"codegen-model": ["codegen/src/model/up.ts", "../read/types.js"],
	"codegen-read": ["codegen/src/read/across.ts", "../emit/printer.js"],
	"codegen-emit": ["codegen/src/emit/across.ts", "../read/types.js"],
	"codegen-breaking": ["codegen/src/breaking/across.ts", "../read/types.js"],
	"codegen-lock": ["codegen/src/lock/across.ts", "../read/types.js"],
	"codegen-git": ["codegen/src/git/across.ts", "../model/model.js"],
	"codegen-usage-error": ["codegen/src/usage-error.ts", "./model/model.js"],
	"codegen-report": ["codegen/src/report/across.ts", "../emit/printer.js"],
	"codegen-paths": ["codegen/src/paths.ts", "./model/model.js"],
	"codegen-terminal": ["codegen/src/terminal.ts", "./index.js"],
	"package-zmtp": ["zmtp/src/up.ts", "@homing/runtime"],
	"package-runtime": ["runtime/src/up.ts", "@homing/codegen"],
	"package-codegen": ["codegen/src/across.ts", "@homing/runtime"],
	"package-examples": ["examples/src/deep.ts", "@homing/codegen"],
	"package-bench": ["bench/src/across.ts", "@homing/codegen"],
	"no-cycles": ["bench/src/one.ts", "./other.js"],
	"no-inner-barrels": ["bench/src/barrel.ts", "./inner/index.js"],
	found: ["bench/src/lost.ts", "./nowhere.js"],
	"no-node-on-the-shared-path": ["zmtp/src/wire/impure.ts", "node:crypto"],
	"no-node-in-clients": ["runtime/src/protocol/impure.ts", "node:crypto"],
	"platform-by-its-name": ["runtime/src/client/shortcut.ts", "../platform/node.js"],
	"nodes-part-by-way-of-the-platform": ["zmtp/src/mechanism/shortcut.ts", "./node-boxes.js"],
	"sockets-of-node-in-transport": ["zmtp/src/socket/net.ts", "node:net"],
	"zmtp-stands-alone": ["zmtp/src/dependent.ts", "declared"],
	"one-way-to-zmtp": ["runtime/src/client/sockets.ts", "@homing/zmtp"],
	"compiler-in-read": ["codegen/src/emit/compiler.ts", "ts-morph"],
	"neighbours-by-name": ["bench/src/trespass.ts", "../../zmtp/src/port.js"],
	"declared-dependencies": ["codegen/src/undeclared.ts", "undeclared"],
};

/** What the offences above import, and what stands by: none of it breaks a rule. */
const innocents: Record<string, string> = {
	"zmtp/src/index.ts": "",
	"zmtp/src/port.ts": 'export * from "./socket/engine.js";',
	"zmtp/src/socket/engine.ts": 'import "../pattern/dealer.js"; import "../transport/tcp.js";',
	"zmtp/src/wire/frame.ts": "",
	"zmtp/src/mechanism/null.ts": 'import "../wire/frame.js";',
	"zmtp/src/mechanism/node-boxes.ts": 'import "node:crypto";',
	"zmtp/src/platform/node.ts": 'import "../transport/tcp.js"; import "../mechanism/node-boxes.js";',
	"zmtp/src/connection/connection.ts": 'import "../mechanism/null.js";',
	"zmtp/src/transport/tcp.ts": 'import "node:net";',
	"zmtp/src/pattern/dealer.ts": 'import "../wire/frame.js";',
	"runtime/src/link/link.ts": "",
	"runtime/src/link/zmtp-link.ts": 'import "@homing/zmtp"; import "./link.js";',
	"runtime/src/platform/platform.ts": "",
	"runtime/src/platform/node.ts": 'import "node:async_hooks";',
	"runtime/src/protocol/header.ts": 'import "../link/link.js"; import "../platform/platform.js";',
	"runtime/src/client/connection.ts": 'import "../link/zmtp-link.js"; import "../protocol/header.js";',
	"runtime/src/server/server.ts": 'import "../link/zmtp-link.js";',
	"runtime/src/queue/queue.ts": 'import "../link/zmtp-link.js";',
	"runtime/src/cli/main.ts": 'import "../queue/queue.js"; import "declared";',
	"codegen/src/index.ts": 'import "./read/types.js"; import "./emit/printer.js";',
	"codegen/src/model/model.ts": "",
	"codegen/src/read/types.ts": 'import "../model/model.js"; import "ts-morph";',
	"codegen/src/emit/printer.ts": 'import "../model/model.js";',
	"examples/src/hello.ts": 'import "@homing/runtime";',
	"bench/src/other.ts": 'import "./one.js";',
	"bench/src/inner/index.ts": "",
};

const packages = ["zmtp", "runtime", "codegen", "examples", "bench"];

describe("the rules of imports", () => {
	let folder: string;
	let home: string;
	let found: ICruiseResult["summary"]["violations"];

	before(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), "homing-layers-")));
		await layOut(folder);
		home = process.cwd();
		process.chdir(folder);
		const result = await cruise(["packages"], { ...options, ruleSet: { forbidden }, validate: true });
		found = (result.output as ICruiseResult).summary.violations;
	});

	after(async () => {
		process.chdir(home);
		await rm(folder, { recursive: true });
	});

	for (const { name = "", comment } of forbidden) {
		it(`${name}: ${comment}`, () => {
			const offence = offences[name];
			expect(offence, "a rule without a file that breaks it").to.be.an("array");
			const broken = found.filter((violation) => violation.rule.name === name).map(({ from }) => from);
			expect(broken).to.include(`packages/${offence![0]}`);
		});
	}

	it("leave alone what keeps to them", () => {
		const blamed = new Set(found.filter(({ rule }) => rule.name !== "no-cycles").map(({ from }) => from));
		expect(Object.keys(innocents).filter((file) => blamed.has(`packages/${file}`))).to.deep.equal([]);
	});

	it("are kept by this repository", async () => {
		process.chdir(root);
		const sources = packages.map((name) => `packages/${name}/src`);
		const result = await cruise(sources, { ...options, ruleSet: { forbidden }, validate: true });
		const { violations, totalDependenciesCruised } = (result.output as ICruiseResult).summary;
		expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).to.deep.equal([]);
		expect(totalDependenciesCruised).to.be.above(200);
	});
});

async function layOut(folder: string): Promise<void> {
	const write = async (path: string, text: string) => {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), text);
	};
	await write("package.json", JSON.stringify({ name: "root", private: true, type: "module" }));
	for (const name of ["declared", "undeclared", "ts-morph"]) {
		await write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" }));
		await write(`node_modules/${name}/index.js`, "");
	}
	for (const name of packages) {
		const exports = { ".": { "homing-source": "./src/index.ts" } };
		const dependencies = { declared: "1", "ts-morph": "1" };
		await write(`packages/${name}/package.json`, JSON.stringify({ name: `@homing/${name}`, exports, dependencies }));
		await mkdir(join(folder, "node_modules/@homing"), { recursive: true });
		await symlink(join(folder, "packages", name), join(folder, "node_modules/@homing", name), "dir");
	}
	for (const [file, text] of Object.entries(innocents)) await write(`packages/${file}`, text);
	// As types: what is gone after compiling must count too.
	for (const [file, imported] of Object.values(offences)) {
		await write(`packages/${file}`, `import type {} from ${JSON.stringify(imported)};`);
	}
}
