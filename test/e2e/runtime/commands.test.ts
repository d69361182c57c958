import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { Queue, Server } from "../../../packages/runtime/src/index.js";
import { Program, type Run, root } from "../../support/examples/program.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledgerService, vaultService } from "../../support/runtime/ledger.js";
import { until } from "../../support/runtime/until.js";
import { servedFrom } from "../../support/runtime/versions.js";

/** A pipe that nobody asked to colour, in an environment in which tools like to. */
const uncoloured = { CI: "true", FORCE_COLOR: undefined, NO_COLOR: undefined };

/** Runs `homing` as a user does, with `input` on its stdin. */
async function homing(args: readonly string[], input = ""): Promise<Run> {
	const flags = ["--conditions=homing-source", "--import", "tsx", "packages/runtime/src/cli/main.ts"];
	const child = spawn(process.execPath, [...flags, ...args], { cwd: root, env: { ...process.env, ...uncoloured } });
	child.stdin.end(input);
	const [stdout, stderr, [status, signal]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, "close"),
	]);
	return { status, signal, stdout, stderr };
}

const linesOf = (output: string) => output.trim().split("\n");

describe("homing on the command line", function () {
	this.timeout(120_000);
	const own = closeAfterEach();
	let endpoint: string;

	async function serve(): Promise<void> {
		const server = own(new Server())
			.add(echoService())
			.add(ledgerService())
			.add(vaultService(() => undefined));
		endpoint = await server.bind(anyPort);
	}

	it("ls lists methods; describe prints signatures, of one method its schemas, and says what was meant", async () => {
		await serve();
		const [ls, everything, method, json, wrong] = await Promise.all([
			homing(["ls", endpoint]),
			homing(["describe", endpoint]),
			homing(["describe", endpoint, "Echo.order"]),
			homing(["describe", endpoint, "Ledger", "--json"]),
			homing(["describe", endpoint, "Echo.oder"]),
		]);
		expect(ls.status, ls.stderr).equal(0);
		expect(linesOf(ls.stdout)).include.members(["Echo.say", "Echo.note", "Ledger.sum", "Vault.withdraw"]);
		expect(everything.stdout).include("say(text: string): string  [idempotent]");
		expect(everything.stdout).include("list(count: integer): stream of integer");
		expect(everything.stdout).include("sum(stream of integer): integer");
		expect(everything.stdout).include("audit(count: integer, callback(integer), callback(integer): boolean): string");
		expect(everything.stdout).include("[throws InsufficientFunds, AccountClosed]");
		expect(method.stdout).include('"cents": {');
		expect((JSON.parse(json.stdout) as { methods: object }).methods).keys("list", "sum", "running", "audit", "bytes");
		expect([wrong.status, wrong.stdout]).deep.equal([2, ""]);
		expect(wrong.stderr).include("there is no Echo.oder here. Did you mean Echo.order?");
	});

	it("describe tells what the interface's comments say, and no terminal what to do", async () => {
		const { descriptor, handlers } = echoService();
		const order = { text: "Takes an order.\nAs \u001b[31mit\u009b is.", arguments: { order: "What is wanted." } };
		const docs = () => ({ text: "Says it again.", methods: { order } });
		endpoint = await own(new Server())
			.add({ descriptor: { ...descriptor, docs }, handlers })
			.bind(anyPort);
		const [service, method] = await Promise.all([
			homing(["describe", endpoint]),
			homing(["describe", endpoint, "Echo.order"]),
		]);
		expect(service.stdout).match(/^Echo {2}\w+\n {2}Says it again\.\n/);
		expect(service.stdout).match(/\n {2}order\(.*\n {4}Takes an order\.\n {2}\w/);
		expect(method.stdout).match(/^Echo\.order\(.*\nTakes an order\.\nAs \uFFFD\[31mit\uFFFD is\.\n\narguments:/);
		expect(method.stdout).include('"description": "What is wanted."');
	});

	it("asks a queue's workers what they offer, and lists what they do not describe", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
		const { clients, workers } = await queue.start();
		const server = own(new Server()).add(echoService());
		await server.join(workers[0]!);
		const silent = own(new Server({ isDescribed: false })).add(ledgerService());
		await silent.join(workers[0]!);
		await until(() => queue.stats().workers.length === 2);
		const [ls, json, stats] = await Promise.all([
			homing(["ls", clients[0]!]),
			homing(["ls", clients[0]!, "--json"]),
			homing(["stats", clients[0]!, "--json"]),
		]);
		expect(ls.status, ls.stderr).equal(0);
		expect(linesOf(ls.stdout).sort()).deep.equal([
			...["Echo.note", "Echo.order", "Echo.risky", "Echo.say", "Echo.work", "Ledger"],
		]);
		expect(JSON.parse(json.stdout)).deep.include({
			name: "Ledger",
			schemaHashes: ["l"],
			workers: 1,
			methods: [],
		});
		expect(JSON.parse(stats.stdout)).property("workers").length(2);
	});

	it("tells the versions of a service apart that a queue has workers of", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
		const { clients, workers } = await queue.start();
		for (const version of ["1a2b", "1a2b", "3c4d"]) {
			await own(new Server()).add(servedFrom(version, echoService())).join(workers[0]!);
		}
		await until(() => queue.stats().workers.length === 3);
		const [ls, describe, stats] = await Promise.all([
			homing(["ls", clients[0]!]),
			homing(["describe", clients[0]!]),
			homing(["stats", clients[0]!, "--json"]),
		]);
		expect(linesOf(ls.stdout)).include("Echo.say").length(5);
		expect(ls.stderr).include("Echo is served from several schemas: 1a2b (2 workers), 3c4d (1 worker)");
		expect(linesOf(describe.stdout)[0]).equal("Echo  1a2b (2 workers), 3c4d (1 worker), 3 workers");
		const counted = JSON.parse(stats.stdout) as { workers: readonly { schemaHashes: { Echo: string[] } }[] };
		expect(counted.workers.flatMap(({ schemaHashes }) => schemaHashes.Echo).sort()).deep.equal([
			"1a2b",
			"1a2b",
			"3c4d",
		]);
	});

	it("ping tells round trips and loss, and ends with 4 when nobody is there", async () => {
		await serve();
		const [json, people, nobody] = await Promise.all([
			homing(["ping", endpoint, "--count", "3", "--interval", "1ms", "--json"]),
			homing(["ping", endpoint, "-c", "2", "-i", "1ms"]),
			homing(["ping", "tcp://127.0.0.1:9", "--count", "1", "--timeout", "50ms"]),
		]);
		const lines = linesOf(json.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
		expect(json.status, json.stderr).equal(0);
		expect(lines.slice(0, 3).map(({ number, role }) => [number, role])).deep.equal([
			[1, "server"],
			[2, "server"],
			[3, "server"],
		]);
		expect(lines[3]).include({ sent: 3, answered: 3, lost: 0 }).property("median").a("number");
		expect(people.stdout).match(/^1: [\d.]+ ms, server [0-9a-f]{16}\n2: /);
		expect(people.stderr).include("2 sent, 2 answered, 0 % lost");
		expect([nobody.status, nobody.stdout]).deep.equal([4, "1: DEADLINE_EXCEEDED\n"]);
		expect(nobody.stderr).include("1 sent, 0 answered, 100 % lost");
	});

	it("call --stream prints items as they come, sends those of stdin, and both", async () => {
		await serve();
		const [list, sum, running, audit] = await Promise.all([
			homing(["call", endpoint, "Ledger.list", "[3]", "--stream"]),
			homing(["call", endpoint, "Ledger.sum", "--stream", "-d", "@-"], "1\n2\n\n39\n"),
			homing(["call", endpoint, "Ledger.running", "--stream", "-d", "@-", "--json"], "1\n2\n3\n"),
			homing(["call", endpoint, "Ledger.sum", "--stream", "-d", "@-"], "1\nnonsense\n"),
		]);
		expect([list.status, list.stdout, list.stderr]).deep.equal([0, "0\n1\n2\n", ""]);
		expect([sum.status, sum.stdout, sum.stderr]).deep.equal([0, "42\n", ""]);
		expect([running.status, running.stdout, running.stderr]).deep.equal([0, "1\n3\n6\n", ""]);
		expect(audit.status).not.equal(0);
		expect(audit.stderr).include("an item is no JSON");
	});

	it("call says what is wrong with the name, or the form, of a method", async () => {
		await serve();
		const [misspelt, open, invalid, nobody] = await Promise.all([
			homing(["call", endpoint, "Echo.sya", '["a"]']),
			homing(["call", endpoint, "Ledger.list", "[3]"]),
			homing(["call", endpoint, "Echo.order", '[{"to":"x","cents":0}]']),
			homing(["call", "tcp://127.0.0.1:9", "Echo.say", '["a"]', "--timeout", "50ms"]),
		]);
		expect([misspelt.status, misspelt.stdout]).deep.equal([6, ""]);
		expect(misspelt.stderr).include("There is no Echo.sya here. Did you mean Echo.say?");
		expect(open.status).equal(2);
		expect(open.stderr).include("add --stream");
		expect(invalid.status).equal(6);
		expect(invalid.stderr).include("order.cents");
		expect(nobody.status).equal(4);
	});

	it("queue tells of a queue below it that has no workers yet", async () => {
		const command = ["queue", "--clients", anyPort, "--workers", anyPort];
		const upper = new Program("packages/runtime/src/cli/main.ts", command, uncoloured);
		own({ close: () => void upper.kill("SIGKILL") });
		// One line may come before the other.
		const place = /workers +(tcp:\S+)\s/;
		await until(() => place.test(upper.stdout));
		const upstream = place.exec(upper.stdout)![1]!;
		await own(new Queue({ clients: anyPort, workers: anyPort, upstream })).start();
		await upper.said("joined (no service yet, 1 at a time)");
	});

	it("every command has help with an example, and ends with 2 on a mistake in the words", async () => {
		const commands = ["describe", "ls", "ping", "stats", "top", "call"];
		const [helps, mistakes] = await Promise.all([
			Promise.all(commands.map((command) => homing([command, "--help"]))),
			Promise.all(commands.map((command) => homing([command]))),
		]);
		for (const [index, { status, stdout }] of helps.entries()) {
			expect([status, stdout.includes(`homing ${commands[index]} tcp://`)], stdout).deep.equal([0, true]);
		}
		for (const { status, stdout } of mistakes) expect([status, stdout]).deep.equal([2, ""]);
	});
});
