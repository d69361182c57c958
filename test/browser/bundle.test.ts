import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type BuildOptions, build } from "esbuild";
import { buildPackages } from "../support/build.js";

interface Bundle {
	readonly text: string;
	/** All that was looked at. */
	readonly files: readonly string[];
}

/** What a bundler for browsers makes of a program, without a polyfill and with nothing left out. */
async function bundle(contents: string, options: BuildOptions = {}): Promise<Bundle> {
	const { metafile, outputFiles } = await build({
		stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
		bundle: true,
		write: false,
		format: "esm",
		platform: "browser",
		metafile: true,
		logLevel: "silent",
		...options,
	});
	const files = Object.values(metafile!.outputs).flatMap((output) => Object.keys(output.inputs));
	return { text: outputFiles![0]!.text, files };
}

describe("a bundle of the sockets for browsers", () => {
	before(() => buildPackages("zmtp"));

	it("carries nothing of CURVE, which they have not", async () => {
		const { files } = await bundle('export * from "@homing/zmtp/browser";');
		expect(files.some((path) => path.includes("mechanism/plain"))).equal(true);
		expect(files.filter((path) => /curve-|cipher/.test(path) && !path.endsWith("/socket/curve-keys.js"))).deep.equal(
			[],
		);
	});
});

/** A generated client, and what it is opened with. */
const client = 'export { connect } from "@homing/runtime"; export { WorkshopClient } from "./generated/workshop.js";';

describe("a bundle of a generated client for Node", () => {
	before(() => buildPackages("runtime"));

	it("carries nothing that serves", async () => {
		// On Node it is made of what is bundled already, which does not say what was in which file.
		const classesIn = ({ text }: Bundle) => text.match(/\b\w+(?= = class\b)/g);
		const serving = ["Server", "Dispatcher", "Queue", "Crew", "Membership"];
		const found = classesIn(await bundle(client, { platform: "node" }));
		expect(found).include.members(["Connection", "Exchange"]);
		expect(found).not.include.oneOf(serving);
		const server = 'export { Queue, Server } from "@homing/runtime";';
		expect(classesIn(await bundle(server, { platform: "node" }))).include.members(serving);
	});
});

describe("a bundle of a generated client for browsers", () => {
	before(() => buildPackages("runtime"));

	it("carries nothing that serves", async () => {
		const { files } = await bundle(client);
		expect(files.some((path) => path.endsWith("runtime/dist/client/connection.js"))).equal(true);
		expect(files.filter((path) => /runtime\/dist\/(server|queue|membership|cli)\//.test(path))).deep.equal([]);
		expect(files.filter((path) => /platform\/node|\/node-/.test(path))).deep.equal([]);
	});

	it("names nothing of Node's, but for what msgpackr asks whether it is there", async () => {
		const globals = ["Buffer", "process", "require", "setImmediate", "global", "__dirname"];
		// Free names alone are replaced: a property or a local of that name is none of Node's.
		const define = Object.fromEntries(globals.map((name) => [name, `NODE_${name}`]));
		const { text } = await bundle(client, { define });
		expect(text).not.match(/(from|import|require\()\s*["']/);
		// Each part stands behind a line that names its file.
		const parts = text.split(/^\/\/ (?=\S+\.[jt]s$)/m).slice(1);
		const namers = parts.flatMap((part) => {
			const file = part.slice(0, part.indexOf("\n"));
			return [...new Set(part.match(/\bNODE_\w+/g))].map((name) => `${file}: ${name}`);
		});
		expect(parts.length).above(80);
		expect(namers).deep.equal(["packages/runtime/dist/protocol/generated/msgpackr.js: NODE_Buffer"]);
	});

	it("is refused, and told why, when the program needs what serves", async () => {
		const failure = await bundle('import { Server } from "@homing/runtime"; new Server();').then(
			() => "none",
			({ message }: Error) => message,
		);
		expect(failure).match(/No matching export in "[^"]*runtime\/dist\/browser.js" for import "Server"/);
	});
});
