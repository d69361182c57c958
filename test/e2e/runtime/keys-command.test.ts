import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { curveKeyPair, curvePublicKey, Server, type ServerSecurity } from "../../../packages/runtime/src/index.js";
import { Program, type Run } from "../../support/examples/program.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echoService } from "../../support/runtime/echo.js";

const start = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
	new Program("packages/runtime/src/cli/main.ts", args, env);
const homing = (...args: readonly string[]): Promise<Run> => start(args).result;

/** What each command that connects is given behind the endpoint, and what it then prints. */
const asking: readonly { readonly command: string; readonly args: readonly string[]; readonly prints: RegExp }[] = [
	{ command: "call", args: ["Echo.say", '["hello"]'], prints: /^"hello"$/m },
	{ command: "describe", args: ["Echo"], prints: /say\(text: string\): string/ },
	{ command: "ls", args: [], prints: /^Echo\.say$/m },
	{ command: "ping", args: ["--count", "1"], prints: /^1: [\d.]+ ms, (server|queue) / },
	{ command: "stats", args: [], prints: /^\{"role":"(server|queue)",/ },
	{ command: "top", args: ["--interval", "10ms"], prints: /^homing top \S+ {3}(server|queue) / },
];

const call = asking[0]!;

/** What they are given in common, and where the password is. */
interface Standing {
	readonly flags: readonly string[];
	readonly env?: NodeJS.ProcessEnv;
	/** Default: all. */
	readonly commands?: typeof asking;
}

async function expectServed(endpoint: string, { flags, env = {}, commands = asking }: Standing): Promise<void> {
	await Promise.all(
		commands.map(async ({ command, args, prints }) => {
			const { status, stdout, stderr } = await start([command, endpoint, ...args, ...flags], env).result;
			expect(status, `${command}: ${stderr}`).to.equal(0);
			expect(stdout).to.match(prints);
		}),
	);
}

/** It is kept out, and says that nobody took its call. Processes are dear: what keeps one out keeps all out. */
async function expectRefused(endpoint: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
	const { status, stdout } = await start(["ls", endpoint, ...flags, "--timeout", "1s"], env).result;
	expect([status, stdout]).to.deep.equal([4, ""]);
}

describe("keys on the command line", function () {
	this.timeout(120_000);
	const own = closeAfterEach();
	let folder: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), "homing-keys-"));
	});

	afterEach(() => rm(folder, { recursive: true }));

	it("homing keys prints a pair that belongs together", async () => {
		const { status, stdout, stderr } = await homing("keys", "--json");
		expect(status, stderr).to.equal(0);
		const { publicKey, secretKey } = JSON.parse(stdout) as { publicKey: string; secretKey: string };
		expect(curvePublicKey(secretKey)).to.equal(publicKey);
	});

	it("homing keys writes the secret to a file for its owner alone, prints the public key, and writes over nothing", async () => {
		const file = join(folder, "secret.key");
		const { status, stdout } = await homing("keys", "--secret-key-file", file);
		expect(status).to.equal(0);
		const secretKey = (await readFile(file, "utf8")).trim();
		expect((await stat(file)).mode & 0o777).to.equal(0o600);
		expect(stdout).to.equal(`publicKey  ${curvePublicKey(secretKey)}\n`);
		const again = await homing("keys", "--secret-key-file", file);
		expect(again.status).to.equal(2);
		expect(again.stderr).to.include("EEXIST");
		expect((await readFile(file, "utf8")).trim()).to.equal(secretKey);
	});

	it("homing queue lets in whom its lists name, and every command that asks is one of them by its key", async () => {
		const [queueKeys, workerKeys, clientKeys] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
		const [queueFile, clientFile] = [join(folder, "queue.key"), join(folder, "client.key")];
		const [clients, workers] = [join(folder, "clients"), join(folder, "workers")];
		await writeFile(queueFile, `${queueKeys.secretKey}\n`);
		await writeFile(clientFile, clientKeys.secretKey);
		await writeFile(clients, `\n${clientKeys.publicKey} the pigeon\n`);
		await writeFile(workers, workerKeys.publicKey);
		const queue = start([
			...["queue", "--clients", `ipc://${folder}/clients.sock`, "--workers", `ipc://${folder}/workers.sock`],
			...["--secret-key-file", queueFile, "--allowed-clients", clients, "--allowed-workers", workers, "--json"],
		]);
		own({ close: () => queue.kill("SIGKILL") });
		await queue.said("workers.sock");
		const server = own(
			new Server({ queueSecurity: { serverKey: queueKeys.publicKey, keyPair: workerKeys } }).add(echoService()),
		);
		await server.join(`ipc://${folder}/workers.sock`);
		const endpoint = `ipc://${folder}/clients.sock`;
		const flags = ["--server-key", queueKeys.publicKey];
		await expectServed(endpoint, { flags: [...flags, "--secret-key-file", clientFile] });
		await expectRefused(endpoint, flags);
		await queue.said("kept out");
	});

	it("every command that asks reaches a server that has a key, and nobody without its public one", async () => {
		const keyPair = curveKeyPair();
		const server = own(new Server({ security: { keyPair } }).add(echoService()));
		const endpoint = await server.bind("tcp://127.0.0.1:0");
		await expectServed(endpoint, { flags: ["--server-key", keyPair.publicKey] });
		await expectRefused(endpoint, ["--server-key", curveKeyPair().publicKey]);
	});

	it("every command that asks speaks PLAIN, with the password of a file or of the environment", async () => {
		const security: ServerSecurity = {
			mechanism: "PLAIN",
			authenticate: ({ username, password }) => username === "pigeon" && password === "coo coo",
		};
		const server = own(new Server({ security }).add(echoService()));
		const endpoint = await server.bind(`ipc://${folder}/server.sock`);
		const file = join(folder, "password");
		await writeFile(file, "coo coo\n");
		const name = ["--username", "pigeon"];
		const env = { HOMING_PASSWORD: "the file goes first" };
		await expectServed(endpoint, { flags: [...name, "--password-file", file], env });
		await expectServed(endpoint, { flags: name, env: { HOMING_PASSWORD: "coo coo" }, commands: [call] });
		await expectRefused(endpoint, name, { HOMING_PASSWORD: "coo" });
	});

	it("homing queue takes passwords for both sides, and has one towards a queue above", async () => {
		const [clients, workers] = [join(folder, "clients"), join(folder, "workers")];
		await writeFile(clients, "pigeon coo coo\n\ndove  two spaces\n");
		await writeFile(workers, "below s3cret\nworker 2\n");
		const above = start([
			...["queue", "--clients", `ipc://${folder}/above.sock`, "--workers", `ipc://${folder}/above-workers.sock`],
			...["--client-passwords", clients, "--worker-passwords", workers, "--json"],
		]);
		own({ close: () => above.kill("SIGKILL") });
		await above.said("above-workers.sock");
		const below = start(
			[
				...["queue", "--clients", `ipc://${folder}/below.sock`, "--workers", `ipc://${folder}/below-workers.sock`],
				...["--upstream", `ipc://${folder}/above-workers.sock`, "--upstream-username", "below"],
			],
			{ HOMING_UPSTREAM_PASSWORD: "s3cret" },
		);
		own({ close: () => below.kill("SIGKILL") });
		await below.said("below-workers.sock");
		const server = own(new Server().add(echoService()));
		await server.join(`ipc://${folder}/below-workers.sock`);
		await above.said("(Echo, ");
		const endpoint = `ipc://${folder}/above.sock`;
		const as = (username: string, password: string) =>
			expectServed(endpoint, {
				flags: ["--username", username],
				env: { HOMING_PASSWORD: password },
				commands: [call],
			});
		await as("pigeon", "coo coo");
		await as("dove", " two spaces");
		await expectRefused(endpoint, ["--username", "pigeon"], { HOMING_PASSWORD: "two spaces" });
		// A worker's password is none of a client's.
		await expectRefused(endpoint, ["--username", "below"], { HOMING_PASSWORD: "s3cret" });
	});

	it("flags that need each other, or exclude each other, say so", async () => {
		const [passwords, none] = [join(folder, "passwords"), join(folder, "none")];
		await writeFile(passwords, "pigeon coo\nhunter2\n");
		const key = curveKeyPair().publicKey;
		const mistakes: readonly (readonly [args: readonly string[], says: string])[] = [
			...asking.map(
				({ command, args }) =>
					[[command, "tcp://127.0.0.1:1", ...args, "--username", "pigeon"], "needs a password"] as const,
			),
			[["ls", "tcp://127.0.0.1:1", "--password-file", passwords], "--password-file needs --username"],
			[["ls", "tcp://127.0.0.1:1", "--username", "pigeon", "--server-key", key], "give one of them"],
			[["ls", "tcp://127.0.0.1:1", "--username", "pigeon", "--password-file", none], "ENOENT"],
			[["queue", "--client-passwords", passwords], "passwords:2: write a name, a space, and the password"],
			[["queue", "--client-passwords", passwords, "--allowed-clients", none], "clients come in by one of them"],
			[["queue", "--upstream-username", "below"], "HOMING_UPSTREAM_PASSWORD"],
		];
		const runs = await Promise.all(mistakes.map(([args]) => homing(...args)));
		for (const [index, { status, stdout, stderr }] of runs.entries()) {
			const [args, says] = mistakes[index]!;
			expect([status, stdout], args.join(" ")).to.deep.equal([2, ""]);
			expect(stderr).to.include(says).and.not.include("hunter2");
		}
	});
});
