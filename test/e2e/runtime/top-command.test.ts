import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import * as z from "zod";
import { EchoClient, echoService } from "../../../packages/bench/src/generated/echo.js";
import { connect, curveKeyPair, messageCodec, Queue, Server, unary } from "../../../packages/runtime/src/index.js";
import { Program, type Run, root } from "../../support/examples/program.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ScriptedServer } from "../../support/runtime/scripted-server.js";
import { until } from "../../support/runtime/until.js";

const main = "packages/runtime/src/cli/main.ts";
const start = (...args: readonly string[]) =>
	new Program(main, ["top", ...args], { NO_COLOR: "1", FORCE_COLOR: undefined });
const run = (...args: readonly string[]): Promise<Run> => start(...args).result;

/** Good arguments of Echo.medium that no generated code writes: a property too many, and in another order. */
const surprising = {
	paid: true,
	lines: [{ sku: "a", count: 1, cents: 250 }],
	customer: { name: "Ada Lovelace" },
	id: 70_000,
	note: "nobody asked for it",
};
const medium = unary({
	name: "Echo.medium",
	arguments: messageCodec(z.array(z.unknown())),
	result: messageCodec(z.unknown()),
});

interface Printed {
	readonly seconds: number;
	readonly perSecond: Readonly<Record<string, unknown>>;
	readonly stats: Readonly<Record<string, unknown>>;
}

const printed = (stdout: string) =>
	stdout
		.trim()
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Printed);

describe("homing top", function () {
	this.timeout(120_000);
	const own = closeAfterEach();

	const newServer = () =>
		own(new Server()).add(
			echoService({
				small: (message) => message,
				medium: (order) => order,
				large: (octets) => octets,
				*items() {},
				count: () => 0,
			}),
		);

	/** Calls, one of which surprises, again and again until the test is over. */
	function keepCalling(endpoint: string): void {
		const connection = own(connect(endpoint, { reconnectMs: 5, reconnectMaxMs: 20, timeoutMs: 200 }));
		const client = new EchoClient(connection);
		let isOver = false;
		own({
			close: () => {
				isOver = true;
			},
		});
		const one = async () => {
			while (!isOver) {
				await Promise.allSettled([client.small({ name: "a", id: 1, v: 1 }), connection.call(medium, [surprising])]);
				await new Promise((resolve) => setImmediate(resolve));
			}
		};
		void one();
	}

	it("shows a server's methods, and whose bodies surprised it, once where nobody looks", async () => {
		const endpoint = await newServer().bind(anyPort);
		keepCalling(endpoint);
		const { status, stdout, stderr } = await run(endpoint, "--interval", "300ms");
		expect([status, stderr]).deep.equal([0, ""]);
		expect(stdout).match(/^homing top tcp:\S+ {3}server [0-9a-f]{16} {3}up \d+s .* every 0\.3s\n/);
		expect(stdout).match(/^calls [1-9][\d,.]*\/s {3}errors 0\.0\/s {3}refused 0\.0\/s/m);
		expect(stdout).match(/^surprises [1-9][\d,.]*\/s, [\d,]+ in all/m);
		expect(stdout).match(/^METHOD +CALLS\/S +ERRORS\/S +REFUSED\/S +RUNNING +SURPRISES\/S +CALLS +ERRORS +SURPRISES$/m);
		expect(stdout).match(/^Echo\.small +[1-9][\d,.]* +0\.0 +0\.0 +\d +0\.0 +[\d,]+ +0 +0$/m);
		expect(stdout).match(/^Echo\.medium +[1-9][\d,.]* +0\.0 +0\.0 +\d +[1-9][\d,.]* +[\d,]+ +0 +[1-9][\d,]*$/m);
		expect(stdout).match(/^tcp:\/\/127\.0\.0\.1:\d+ +[1-9][\d,.]* +[1-9][\d,]* +Echo\.medium$/m);
		// Nothing of a terminal's in what may be a file.
		expect(stdout).not.include("\x1b");
	});

	it("shows a queue's services, workers and lines", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
		const { clients, workers } = await queue.start();
		await Promise.all([newServer().join(workers[0]!), newServer().join(workers[0]!)]);
		await until(() => queue.stats().workers.length === 2);
		keepCalling(clients[0]!);
		const { status, stdout, stderr } = await run(clients[0]!, "--once", "--interval", "300ms");
		expect([status, stderr]).deep.equal([0, ""]);
		expect(stdout).match(/^homing top tcp:\S+ {3}queue [0-9a-f]{16} /);
		expect(stdout).match(
			/^calls [1-9][\d,.]*\/s .* in flight \d+ {3}waiting \d+ \(\d+ B\) {3}delegated 0 {3}clients 2$/m,
		);
		expect(stdout).match(/^Echo +[1-9][\d,.]* +0\.0 +2 +2,048 +\d+ +\d+ +0 +[\d,]+ +0$/m);
		const rows = stdout.match(/^tcp:\S+ +[0-9a-f]{16} +ready +0s +\d+ +1,024 +[1-9][\d,.]* +0\.0 +[\d,]+ +0 +Echo$/gm);
		expect(rows, stdout).length(2);
	});

	it("prints a line of JSON each interval until it is interrupted, through a server's end and its next beginning", async () => {
		const server = newServer();
		const endpoint = await server.bind(anyPort);
		keepCalling(endpoint);
		const top = start(endpoint, "--json", "--interval", "50ms", "--timeout", "300ms");
		await until(() => printed(top.stdout).length >= 2, "two lines");
		await server.close();
		await top.said('{"status":');
		await newServer().bind(endpoint);
		const instances = () => new Set(printed(top.stdout).map(({ stats }) => stats["instance"]));
		await until(() => instances().size === 2, "a line of another server");
		top.kill("SIGINT");
		const { status, signal, stdout } = await top.result;
		expect([status, signal]).deep.equal([0, null]);
		const lines = printed(stdout);
		for (const { seconds, perSecond, stats } of lines) {
			expect(seconds).above(0);
			expect(perSecond).keys(
				...["served", "failed", "refused", "surprises", "malformed", "droppedFollowUps", "droppedCallbacks"],
				...["methods", "surprisingPeers"],
			);
			expect(perSecond["served"]).least(0);
			expect(stats)
				.include({ role: "server" })
				.property("methods")
				.keys("Echo.small", "Echo.medium", "Echo.large", "Echo.items");
		}
		expect(lines.some(({ perSecond }) => (perSecond["surprises"] as number) > 0)).equal(true);
	});

	it("sorts by a column, and says which there are", async () => {
		const endpoint = await newServer().bind(anyPort);
		keepCalling(endpoint);
		const { status, stdout } = await run(endpoint, "--interval", "300ms", "--sort", "surprises");
		expect(status).equal(0);
		expect(stdout).match(/^METHOD.*\nEcho\.medium /m);
		const wrong = await run(endpoint, "--sort", "p99");
		expect(wrong.status).equal(2);
		expect(wrong.stderr).include("Allowed choices are calls, errors, refused, running, waiting, surprises, name.");
	});

	it("ends when whoever reads its lines has gone", async () => {
		const endpoint = await newServer().bind(anyPort);
		const shell = spawn(
			"sh",
			["-c", `${shellWords(endpoint, "--json", "--interval", "20ms")} | head -n 1; echo over`],
			{
				cwd: root,
				stdio: ["ignore", "pipe", "inherit"],
			},
		);
		const lines = await outputOf(shell);
		expect(lines.trim().split("\n")).length(2);
		expect(lines).match(/^\{"at":.*\}\nover\n$/);
	});

	it("says that nobody is there and what to look at, and ends with 4", async () => {
		const { status, stdout, stderr } = await run("tcp://127.0.0.1:9", "--timeout", "50ms");
		expect([status, stdout]).deep.equal([4, ""]);
		expect(stderr).include("Nobody at tcp://127.0.0.1:9 took it. Is a server or a queue running there?");
	});

	it("says what is wrong with an answer of another form, and shows none of it", async () => {
		const server = own(new ScriptedServer());
		server.onRequest = (request) => server.succeed(request, { role: "server", served: "\x1b[2J" });
		const { status, stdout, stderr } = await run(await server.bind(anyPort));
		expect([status, stdout]).deep.equal([1, ""]);
		expect(stderr).include("FAILED_PRECONDITION: homing.stats is answered in another form");
		expect(stderr).include("homing stats prints it as it is").not.include("\x1b");
	});

	it("knows the keys that the other commands know", async () => {
		const [keyPair, stranger] = [curveKeyPair(), curveKeyPair()];
		const server = own(new Server({ security: { keyPair } }));
		const endpoint = await server.bind(anyPort);
		const folder = await mkdtemp(join(tmpdir(), "homing-top-"));
		own({ close: () => rm(folder, { recursive: true }) });
		const file = join(folder, "own.key");
		await writeFile(file, `${stranger.secretKey}\n`, { mode: 0o600 });
		const flags = ["--interval", "20ms", "--timeout", "2s"];
		const [known, unknown] = await Promise.all([
			run(endpoint, ...flags, "--server-key", keyPair.publicKey, "--secret-key-file", file),
			run(endpoint, ...flags, "--server-key", stranger.publicKey),
		]);
		expect(known.status, known.stderr).equal(0);
		expect(known.stdout).include("METHOD");
		expect([unknown.status, unknown.stdout]).deep.equal([4, ""]);
	});

	describe("on a terminal", () => {
		/** `script` gives it one, of 60 lines and 120 columns; what it shows before and after `top` is how the terminal is set. */
		function onTerminal(...args: readonly string[]): ChildProcess {
			const settings = "stty -a | tr -d '\\n'; echo";
			const inside = `stty rows 60 cols 120; ${settings}; ${shellWords(...args)}; echo status=$?; ${settings}`;
			return spawn("script", ["--quiet", "--return", "--flush", "--command", inside, "/dev/null"], {
				cwd: root,
				env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, SHELL: "/bin/sh" },
				stdio: ["pipe", "pipe", "inherit"],
			});
		}

		for (const [what, end] of [
			["q", (child: ChildProcess) => child.stdin!.write("q")],
			["Ctrl-C", (child: ChildProcess) => child.stdin!.write("\x03")],
		] as const) {
			it(`is drawn anew each interval, until ${what} gives the terminal back as it was`, async () => {
				const endpoint = await newServer().bind(anyPort);
				keepCalling(endpoint);
				const child = onTerminal(endpoint, "--interval", "50ms");
				let output = "";
				child.stdout!.on("data", (chunk) => {
					output += String(chunk);
				});
				const drawn = () => output.split("\x1b[H").filter((screen) => screen.includes("Echo.medium"));
				await until(() => drawn().length >= 2, "two screens");
				end(child);
				await once(child, "close");
				const [before, rest] = output.split("\x1b[?1049h");
				const after = rest!.split("\x1b[?1049l")[1];
				expect(after, output).match(/status=0\r?\n/);
				const settingsIn = (text: string) => text.split(/\r?\n/).find((line) => line.startsWith("speed"));
				expect(settingsIn(before!)).a("string").equal(settingsIn(after!));
				expect(output).include("\x1b[?25l").include("\x1b[?25h");
				expect(drawn()[0]).include("q quits").include("SURPRISES FROM");
			});
		}
	});
});

/** The command as a shell reads it. */
function shellWords(...args: readonly string[]): string {
	return [process.execPath, "--conditions=homing-source", "--import", "tsx", main, "top", ...args]
		.map((word) => `'${word}'`)
		.join(" ");
}

async function outputOf(child: ChildProcess): Promise<string> {
	let output = "";
	child.stdout!.on("data", (chunk) => {
		output += String(chunk);
	});
	await once(child, "close");
	return output;
}
