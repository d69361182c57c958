import { fileURLToPath } from "node:url";
import { expect } from "chai";
import ts from "typescript";
import { buildPackages } from "../support/build.js";

/** What a page says, in TypeScript without the types of Node. */
const program = `
import { Dealer, type SocketOptions } from "@homing/zmtp/browser";
const options: SocketOptions<Dealer> = { sendTimeout: 5, routingId: "me" };
const dealer = new Dealer(options);
dealer.connect("ws://localhost:80/");
const frames: Uint8Array[] = await dealer.receive();
for await (const [first] of dealer) await dealer.send([first ?? null, ...frames]);
dealer.events.on("disconnect", ({ address }) => address.length);
`;

const file = fileURLToPath(new URL("program.ts", import.meta.url));

describe("the types of the sockets for browsers", () => {
	before(() => buildPackages("zmtp"));

	it("stand without the types of Node", () => {
		const options: ts.CompilerOptions = {
			types: [],
			lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
			target: ts.ScriptTarget.ESNext,
			module: ts.ModuleKind.ESNext,
			moduleResolution: ts.ModuleResolutionKind.Bundler,
			strict: true,
			noEmit: true,
			skipLibCheck: false,
		};
		const host = ts.createCompilerHost(options);
		const { getSourceFile, fileExists } = host;
		host.fileExists = (name) => name === file || fileExists(name);
		host.getSourceFile = (name, target) =>
			name === file ? ts.createSourceFile(name, program, target) : getSourceFile(name, target);
		const compiled = ts.createProgram([file], options, host);
		const messages = ts
			.getPreEmitDiagnostics(compiled)
			.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
		expect(messages).deep.equal([]);
		const nodes = compiled.getSourceFiles().filter(({ fileName }) => fileName.includes("@types/node"));
		expect(nodes).deep.equal([]);
	});
});
