/**
 * The sockets and the runtime on other runtimes than the one that the tests run on. They get the packages as they are
 * published, built, and each program is the same file everywhere; what it says is compared with what it says here.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import { buildPackages } from "../support/build.js";
import { installRuntimes, otherRuntimes } from "./install.js";
import { Runtime } from "./runtime.js";

const here = new Runtime(`Node ${process.versions.node}`, () => [process.execPath]);

describe("runtimes", function () {
	this.timeout(120_000);
	let folder: string | undefined;
	let bundle: string;

	before(async function () {
		this.timeout(400_000);
		try {
			await installRuntimes();
		} catch (error) {
			if (process.env["CI"] === "true") throw error;
			const reason = (error as Error).message;
			console.warn(`\n    SKIPPED: nothing was tried on other runtimes: ${reason}\n`);
			this.skip();
		}
		await buildPackages("zmtp", "runtime", "examples");
		folder = await mkdtemp(join(tmpdir(), "homing-runtimes-"));
		bundle = join(folder, "bundle.mjs");
		await build({
			entryPoints: [fileURLToPath(new URL("programs/bundled.mjs", import.meta.url))],
			outfile: bundle,
			bundle: true,
			platform: "node",
			format: "esm",
			target: "node20",
			logLevel: "error",
		});
	});

	after(() => folder && rm(folder, { recursive: true }));

	/** What a program says on this Node. */
	const said = new Map<string, Promise<string[]>>();
	const expected = (...words: [string, ...string[]]) => {
		const key = words.join(" ");
		const lines = said.get(key) ?? here.succeed(...words);
		said.set(key, lines);
		return lines;
	};

	for (const runtime of otherRuntimes) {
		describe(runtime.name, () => {
			const same = async (...words: [string, ...string[]]) => {
				const lines = await expected(...words);
				expect(lines.every((line) => line.startsWith("ok "))).to.equal(true);
				expect(await runtime.succeed(...words)).to.deep.equal(lines);
			};

			it("has every socket class over tcp, ipc, ws and inproc", () =>
				same("programs/sockets.mjs", "tcp", "ipc", "ws", "inproc"));

			it("keeps the life cycle of sockets", () => same("programs/life.mjs"));

			it("ends when only idle sockets remain", () => same("programs/idle.mjs"));

			it("speaks PLAIN and CURVE, and keeps out whom the authenticator does not know", () =>
				same("programs/security.mjs"));

			it("has sockets in worker threads", () => same("programs/threads.mjs"));

			it("calls through generated stubs, straight and through a queue", () => same("programs/rpc.mjs"));

			it("runs a bundle of server and client", async () => {
				expect(await runtime.succeed(bundle)).to.deep.equal(["ok calls", "ok sockets"]);
			});

			for (const [endpoint, mechanism] of [
				["tcp://127.0.0.1:*", "NULL"],
				["tcp://127.0.0.1:*", "CURVE"],
				["ipc://*", "NULL"],
				["ws://127.0.0.1:*", "NULL"],
				["ws://127.0.0.1:*", "CURVE"],
			] as const) {
				for (const [side, binding, connecting] of [
					["binds", runtime, here],
					["connects", here, runtime],
				] as const) {
					it(`${side}, and talks to ${here.name} over ${endpoint.split(":")[0]}, ${mechanism}`, async () => {
						const server = binding.start("programs/peer-server.mjs", endpoint, mechanism);
						try {
							const { echo, end, publicKey } = JSON.parse(await server.next());
							const key = mechanism === "CURVE" ? [publicKey] : [];
							const said = await connecting.succeed("programs/peer-client.mjs", echo, end, ...key);
							expect(said).to.deep.equal(["ok echoed"]);
							expect((await server.result).status).to.equal(0);
						} finally {
							server.kill("SIGKILL");
						}
					});
				}
			}
		});
	}

	it("on Deno need no other permission than to use the network", async () => {
		const deno = otherRuntimes.find(({ name }) => name.startsWith("Deno"))!;
		const confined = new Runtime(deno.name, () => [deno.file, "run", "-q", "--no-prompt", "--allow-net"]);
		const words = ["programs/sockets.mjs", "tcp", "ws", "inproc"] as const;
		expect(await confined.succeed(...words)).to.deep.equal(await expected(...words));
	});
});
