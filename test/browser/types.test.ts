import { fileURLToPath } from "node:url";
import { expect } from "chai";
import ts from "typescript";
import { buildPackages } from "../support/build.js";

/** What a page says, in TypeScript without the types of Node. */
const programs = {
	sockets: `
import { Dealer, type SocketOptions } from "@homing/zmtp/browser";
const options: SocketOptions<Dealer> = { sendTimeout: 5, routingId: "me" };
const dealer = new Dealer(options);
dealer.connect("ws://localhost:80/");
const frames: Uint8Array[] = await dealer.receive();
for await (const [first] of dealer) await dealer.send([first ?? null, ...frames]);
dealer.events.on("disconnect", ({ address }) => address.length);
`,
	calls: `
import { bearerToken, type Connection, connect, RpcError } from "@homing/runtime";
import { WorkshopClient } from "./generated/workshop.js";
const connection: Connection = connect("ws://localhost:80/", { interceptors: [bearerToken(() => "secret")] });
connection.on("state", (state) => state === "ready");
connection.once("peer", ({ address }) => address.length);
const workshop = new WorkshopClient(connection);
for await (const number of workshop.count({ timeoutMs: 5 })) number.toFixed();
const left: string = await workshop.take("nail", 3).then(String, (error) => (error instanceof RpcError ? error.status : ""));
document.title = left;
`,
};

const file = fileURLToPath(new URL("program.ts", import.meta.url));

/** What the compiler says of a program, and which types of Node it has read for it. */
function compile(program: string, more: ts.CompilerOptions = {}): { messages: string[]; nodes: string[] } {
	const options: ts.CompilerOptions = {
		types: [],
		lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
		target: ts.ScriptTarget.ESNext,
		module: ts.ModuleKind.ESNext,
		moduleResolution: ts.ModuleResolutionKind.Bundler,
		strict: true,
		noEmit: true,
		skipLibCheck: false,
		...more,
	};
	const host = ts.createCompilerHost(options);
	const { getSourceFile, fileExists } = host;
	host.fileExists = (name) => name === file || fileExists(name);
	host.getSourceFile = (name, target) =>
		name === file ? ts.createSourceFile(name, program, target) : getSourceFile(name, target);
	const compiled = ts.createProgram([file], options, host);
	return {
		messages: ts
			.getPreEmitDiagnostics(compiled)
			.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
		nodes: compiled
			.getSourceFiles()
			.map(({ fileName }) => fileName)
			.filter((name) => name.includes("@types/node")),
	};
}

const clean = { messages: [], nodes: [] };

describe("the types of the sockets for browsers", function () {
	this.timeout(180_000);
	before(() => buildPackages("zmtp"));

	it("stand without the types of Node", () => {
		expect(compile(programs.sockets)).deep.equal(clean);
	});
});

describe("the types of a generated client", function () {
	// The compiler looks through the declarations of zod and of the DOM.
	this.timeout(180_000);
	before(() => buildPackages("runtime"));

	it("stand without the types of Node", () => {
		expect(compile(programs.calls)).deep.equal(clean);
	});

	it("with the condition of browsers have nothing that serves", () => {
		const program = `import { Server } from "@homing/runtime";\n${programs.calls}`;
		const { messages } = compile(program, { customConditions: ["browser"], skipLibCheck: true });
		expect(messages).deep.equal([`Module '"@homing/runtime"' has no exported member 'Server'.`]);
	});
});
