import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { run as runCodegen } from "../../packages/codegen/src/cli.js";
import { Program, root } from "../support/examples/program.js";

/** The code blocks of the guide, in order. */
async function blocksOf(document: string): Promise<string[]> {
	const text = await readFile(join(root, document), "utf8");
	return [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
}

describe("docs/getting-started.md", function () {
	this.timeout(60_000);
	let blocks: string[];
	/** Among the examples, where the guide has its reader work: it finds their dependencies. */
	let folder: string;
	let sockets: string;
	let clients: string;

	before(async () => {
		blocks = await blocksOf("docs/getting-started.md");
		const cache = join(root, "packages/examples/.cache");
		await mkdir(cache, { recursive: true });
		folder = await mkdtemp(join(cache, "getting-started-"));
		sockets = await mkdtemp(join(tmpdir(), "homing-guide-"));
		clients = `ipc://${join(sockets, "clients")}`;
		for (const name of ["shop", "server", "client"]) await write(name, file(name));
		// The guide's worker is its server with another end.
		const lines = file("server").trimEnd().split("\n");
		await write("worker", [...lines.slice(0, -1), file("worker")].join("\n"));
		const generate = ["generate", "src/shop/shop.ts", "--out", "src/shop/generated"];
		expect(blocks).to.include(`npx homing-codegen ${generate.join(" ")}\n`);
		let said = "";
		const say = (text: string) => {
			said += text;
		};
		const terminal = { cwd: folder, isColoured: false, out: say, error: say, signal: new AbortController().signal };
		expect(await runCodegen(generate, terminal), said).to.equal(0);
	});

	after(async () => {
		await rm(folder, { recursive: true });
		await rm(sockets, { recursive: true });
	});

	function file(name: string): string {
		const block = blocks.find((text) => text.startsWith(`// src/shop/${name}.ts`));
		if (block === undefined) throw new Error(`the guide has no ${name}.ts`);
		return block;
	}

	/** Endpoints of its own instead of the guide's: its ports may be taken. */
	async function write(name: string, text: string): Promise<void> {
		const path = join(folder, "src/shop", `${name}.ts`);
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, withOwnEndpoints(text));
	}

	function withOwnEndpoints(text: string): string {
		return text
			.replaceAll("tcp://127.0.0.1:5555", clients)
			.replaceAll("tcp://127.0.0.1:5556", `ipc://${join(sockets, "workers")}`);
	}

	const program = (name: string) => new Program(join(folder, "src/shop", `${name}.ts`));

	/** What a command line of the guide would run, from the sources. */
	function homing(command: string): Program {
		const line = blocks.find((text) => text.startsWith(`npx homing ${command} `));
		const args = [...line!.trim().matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
		return new Program("packages/runtime/src/cli/main.ts", args.slice(2).map(withOwnEndpoints));
	}

	async function end(running: Program): Promise<void> {
		running.kill("SIGTERM");
		await running.result;
	}

	const output = () => blocks.find((text) => text.startsWith("tea: "))!;

	it("has a server and a client that say what it says they do", async () => {
		const server = program("server");
		const client = await program("client").result;
		expect(client.stdout, client.stderr).to.equal(output());
		await server.said("somebody looked at /teapots");
		await end(server);
	});

	it("has a client that can be started first", async () => {
		const client = program("client");
		const server = program("server");
		expect((await client.result).stdout).to.equal(output());
		await end(server);
	});

	it("has a queue, workers and the same client that do the same", async () => {
		const queue = homing("queue");
		const workers = [program("worker"), program("worker")];
		await Promise.all(workers.map((worker) => worker.said("at work")));
		const client = await program("client").result;
		expect(client.stdout, client.stderr).to.equal(output());
		const call = await homing("call").result;
		expect(call.stdout, call.stderr).to.equal("450\n");
		await Promise.all([...workers, queue].map(end));
	});
});
