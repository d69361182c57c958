import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { curveKeyPair, curvePublicKey, Server } from "../../../packages/runtime/src/index.js";
import { Program, type Run } from "../../support/examples/program.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echoService } from "../../support/runtime/echo.js";

const start = (...args: readonly string[]) => new Program("packages/runtime/src/cli/main.ts", args);
const homing = (...args: readonly string[]): Promise<Run> => start(...args).result;

describe("keys on the command line", function () {
	this.timeout(60_000);
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

	it("homing queue lets in whom its lists name, and homing call is one of them by its key", async () => {
		const [queueKeys, workerKeys, clientKeys] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
		const [queueFile, clientFile] = [join(folder, "queue.key"), join(folder, "client.key")];
		const [clients, workers] = [join(folder, "clients"), join(folder, "workers")];
		await writeFile(queueFile, `${queueKeys.secretKey}\n`);
		await writeFile(clientFile, clientKeys.secretKey);
		await writeFile(clients, `\n${clientKeys.publicKey} the pigeon\n`);
		await writeFile(workers, workerKeys.publicKey);
		const queue = start(
			...["queue", "--clients", `ipc://${folder}/clients.sock`, "--workers", `ipc://${folder}/workers.sock`],
			...["--secret-key-file", queueFile, "--allowed-clients", clients, "--allowed-workers", workers, "--json"],
		);
		own({ close: () => queue.kill("SIGKILL") });
		await queue.said("workers.sock");
		const server = own(
			new Server({ queueSecurity: { serverKey: queueKeys.publicKey, keyPair: workerKeys } }).add(echoService()),
		);
		await server.join(`ipc://${folder}/workers.sock`);
		const call = ["call", `ipc://${folder}/clients.sock`, "Echo.say", '["hello"]', "--server-key", queueKeys.publicKey];
		const served = await homing(...call, "--secret-key-file", clientFile);
		expect(served.stderr).to.equal("");
		expect([served.status, served.stdout]).to.deep.equal([0, '"hello"\n']);
		const refused = await homing(...call, "--timeout", "1s");
		expect(refused.status).to.equal(4);
		expect(refused.stdout).to.equal("");
		await queue.said("kept out");
	});

	it("flags that need each other say so", async () => {
		const call = await homing("call", "tcp://127.0.0.1:1", "Echo.say", "--secret-key-file", join(folder, "none"));
		expect([call.status, call.stderr.includes("--server-key")]).to.deep.equal([2, true]);
		const queue = await homing("queue", "--allowed-workers", join(folder, "none"));
		expect([queue.status, queue.stderr.includes("--secret-key-file")]).to.deep.equal([2, true]);
	});
});
