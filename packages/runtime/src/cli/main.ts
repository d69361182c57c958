import { Command, Option } from "commander";
import { collect, collectPair, parseCount, parseDuration } from "./arguments.js";
import { Exit } from "./exit.js";
import { type SortKey, sortKeys } from "./top/order.js";

/** Each command's module is loaded when it is run: `--help` costs no socket and no codec. */
function createProgram(): Command {
	const program = new Command("homing")
		.description("Typed RPC on ZeroMQ: run a queue, call a method, see what there is.")
		.version("0.1.0")
		.showHelpAfterError("(homing --help shows the commands)")
		.addHelpText("after", exitHelp);
	addQueue(program);
	addCall(program);
	addDescribe(program);
	addLs(program);
	addPing(program);
	addStats(program);
	addTop(program);
	addKeys(program);
	return program;
}

const exitHelp = `
Exit status: 0 ok, 1 internal, 2 usage, 4 unreachable or no worker, 5 deadline exceeded,
6 the service answered with an error. Data goes to stdout, everything else to stderr.`;

const queueExamples = `
Examples:
  homing queue --clients tcp://*:5555 --workers tcp://*:5556
  homing queue --clients tcp://*:6555 --workers tcp://*:6556 --upstream tcp://queue.example:5556`;

function addQueue(program: Command): void {
	program
		.command("queue")
		.description("Stand between clients and a pool of workers until interrupted.")
		.option("--clients <endpoint>", "where clients connect; may be repeated (default: tcp://*:5555)", collect)
		.option("--workers <endpoint>", "where servers join; may be repeated (default: tcp://*:5556)", collect)
		.option("--rep-workers <endpoint>", "where plain REP sockets of any language connect; may be repeated", collect)
		.option(
			"--rep-service <name>",
			"a service that plain workers serve; may be repeated (default: any that nobody else offers)",
			collect,
		)
		.option(
			"--upstream <endpoint>",
			"where another queue takes workers: join it, and serve its clients too; may be repeated",
			collect,
		)
		.addOption(
			new Option("--policy <policy>", "which worker gets a call")
				.choices(["least-loaded", "round-robin"])
				.default("least-loaded"),
		)
		.option("--max-waiting <calls>", "most calls that wait for a worker", parseCount)
		.option("--lease <duration>", "silence after which a worker is given up, as 30s", parseDuration)
		.option("--secret-key-file <file>", "speak CURVE with everybody, by the key in this file (see homing keys)")
		.option(
			"--allowed-clients <file>",
			"clients that are let in: a public key a line, a name behind it (default: who knows the queue's public key)",
		)
		.option("--allowed-workers <file>", "the same for workers; whoever is one sees what clients ask")
		.option("--client-passwords <file>", "clients speak PLAIN (clear text): a name a line, its password behind a space")
		.option("--worker-passwords <file>", "the same for workers")
		.option("--upstream-key <key>", "public key of the queues that are joined (in quotes: '...')")
		.option("--upstream-username <name>", "join queues by PLAIN, under this name")
		.option(
			"--upstream-password-file <file>",
			"the password that goes with it (default: HOMING_UPSTREAM_PASSWORD of the environment)",
		)
		.option("--json", "print the bound endpoints as JSON")
		.addHelpText("after", queueExamples)
		.action(async (options) => {
			const { queue } = await import("./queue.js");
			process.exitCode = await queue({
				clients: options.clients ?? ["tcp://*:5555"],
				workers: options.workers ?? ["tcp://*:5556"],
				repWorkers: options.repWorkers ?? [],
				repServices: options.repService ?? [],
				upstream: options.upstream ?? [],
				policy: options.policy,
				maxWaiting: options.maxWaiting,
				leaseMs: options.lease,
				secretKeyFile: options.secretKeyFile,
				allowedClients: options.allowedClients,
				allowedWorkers: options.allowedWorkers,
				clientPasswords: options.clientPasswords,
				workerPasswords: options.workerPasswords,
				upstreamKey: options.upstreamKey,
				upstreamUsername: options.upstreamUsername,
				upstreamPasswordFile: options.upstreamPasswordFile,
				isJson: options.json === true,
			});
		});
}

const callExamples = `
Examples:
  homing call tcp://127.0.0.1:5555 Bank.balance '["DE123456"]' --timeout 500ms
  homing call tcp://127.0.0.1:5555 Bank.statement '["DE123456"]' --stream
  seq 10 | homing call tcp://127.0.0.1:5555 Bank.deposit --stream -d @-`;

function addCall(program: Command): void {
	addSecurity(program.command("call"))
		.description("Call one method and print its result as JSON.")
		.argument("<endpoint>", "a server's or a queue's, as tcp://127.0.0.1:5555")
		.argument("<method>", "as Bank.balance")
		.argument("[arguments]", `a JSON list, as '["DE123456"]'`)
		.option(
			"-d, --data <source>",
			"the arguments from @file, from stdin with @-, or as given; with --stream, of a method that takes a stream, its items, one a line",
		)
		.option("--stream", "the method answers with a stream, or takes one; its items are printed one a line")
		.option("-t, --timeout <duration>", "how long to wait, as 500ms or 2s", parseDuration, 30_000)
		.option("-m, --metadata <key=value>", "sent beside the arguments; may be repeated", collectPair)
		.option("--idempotent", "the queue may give the call to another worker when one dies")
		.option("--json", "print the result, or the error, on one line")
		.addHelpText("after", callExamples)
		.action(async (endpoint: string, method: string, args: string | undefined, options) => {
			const { call } = await import("./call.js");
			process.exitCode = await call({
				endpoint,
				method,
				args,
				data: options.data,
				timeoutMs: options.timeout,
				metadata: options.metadata ?? {},
				isIdempotent: options.idempotent === true,
				isStream: options.stream === true,
				...securityOf(options),
				isJson: options.json === true,
			});
		});
}

/** How a command that connects is known at the other end. */
function addSecurity(command: Command): Command {
	return command
		.option("--server-key <key>", "speak CURVE with the owner of this public key alone (in quotes: '...')")
		.option("--secret-key-file <file>", "be known there by the key in this file (default: a new key)")
		.option("--username <name>", "speak PLAIN under this name: clear text, for ipc://, wss:// and tunnels")
		.option("--password-file <file>", "the password that goes with it (default: HOMING_PASSWORD of the environment)");
}

interface SecurityOptions {
	readonly serverKey?: string;
	readonly secretKeyFile?: string;
	readonly username?: string;
	readonly passwordFile?: string;
}

function securityOf({ serverKey, secretKeyFile, username, passwordFile }: SecurityOptions) {
	return { serverKey, secretKeyFile, username, passwordFile };
}

/** A command that asks a server or a queue of itself. */
function addAsking(program: Command, name: string, description: string): Command {
	return addSecurity(program.command(name))
		.description(description)
		.argument("<endpoint>", "a server's or a queue's, as tcp://127.0.0.1:5555")
		.option("-t, --timeout <duration>", "how long to wait, as 500ms or 2s", parseDuration, 5000)
		.option("--json", "print JSON, and errors on one line");
}

interface AskingOptions extends SecurityOptions {
	readonly timeout: number;
	readonly json?: boolean;
}

function targetOf(endpoint: string, options: AskingOptions) {
	return { endpoint, timeoutMs: options.timeout, ...securityOf(options), isJson: options.json === true };
}

function addDescribe(program: Command): void {
	addAsking(program, "describe", "Say what can be called there, and what it takes and returns.")
		.argument("[name]", "a service, or Service.method for its JSON Schemas")
		.addHelpText("after", "\nExample:\n  homing describe tcp://127.0.0.1:5555 Bank.balance")
		.action(async (endpoint: string, name: string | undefined, options) => {
			const { describe } = await import("./describe.js");
			process.exitCode = await describe({ ...targetOf(endpoint, options), name });
		});
}

function addLs(program: Command): void {
	addAsking(program, "ls", "List what can be called there, a method a line.")
		.addHelpText("after", "\nExample:\n  homing ls tcp://127.0.0.1:5555")
		.action(async (endpoint: string, options) => {
			const { ls } = await import("./ls.js");
			process.exitCode = await ls(targetOf(endpoint, options));
		});
}

function addPing(program: Command): void {
	addAsking(program, "ping", "Measure round trips. Exit status 4 when none comes back.")
		.option("-c, --count <n>", "how many", parseCount, 4)
		.option("-i, --interval <duration>", "pause between two", parseDuration, 1000)
		.addHelpText("after", "\nExample:\n  homing ping tcp://127.0.0.1:5555 --count 10 --interval 100ms")
		.action(async (endpoint: string, options) => {
			const { ping } = await import("./ping.js");
			const { count, interval } = options;
			process.exitCode = await ping({ ...targetOf(endpoint, options), count, intervalMs: interval });
		});
}

function addStats(program: Command): void {
	addAsking(program, "stats", "Print what a server or a queue counts, as JSON.")
		.addHelpText("after", "\nExample:\n  homing stats tcp://127.0.0.1:5555 --json")
		.action(async (endpoint: string, options) => {
			const { stats } = await import("./stats.js");
			process.exitCode = await stats(targetOf(endpoint, options));
		});
}

const topHelp = `
A server shows its methods, and whose bodies surprised its compiled codecs; a queue its services, workers and lines.
q or Ctrl-C ends it.

Examples:
  homing top tcp://127.0.0.1:5555
  homing top tcp://127.0.0.1:5555 --once --interval 10s
  homing top tcp://127.0.0.1:5555 --sort errors
  homing top tcp://127.0.0.1:5555 --json | jq .perSecond.surprises`;

function addTop(program: Command): void {
	addAsking(program, "top", "Show what a server or a queue does, a second at a time.")
		.option("-i, --interval <duration>", "time between two looks", parseDuration, 1000)
		.addOption(
			new Option("-s, --sort <column>", "what comes first: the most of these, or the names in their order")
				.choices(sortKeys)
				.default("calls" satisfies SortKey),
		)
		.option("--once", "look for one interval, print it and end (default where stdout is no terminal, but for --json)")
		.addHelpText("after", topHelp)
		.action(async (endpoint: string, options) => {
			const { top } = await import("./top.js");
			const { interval, once, sort } = options;
			process.exitCode = await top({
				...targetOf(endpoint, options),
				intervalMs: interval,
				sort: sort as SortKey,
				isOnce: once === true,
			});
		});
}

function addKeys(program: Command): void {
	program
		.command("keys")
		.description("Make a CURVE key pair and print it: 40 digits of Z85 each, to be quoted in a shell.")
		.option(
			"--secret-key-file <file>",
			"write the secret key there, for its owner alone (0600), and print the public one",
		)
		.option("--json", "print the keys as JSON")
		.addHelpText(
			"after",
			"\nExample:\n  homing keys --secret-key-file queue.key\n  homing queue --secret-key-file queue.key",
		)
		.action(async (options) => {
			const { keys } = await import("./keys.js");
			process.exitCode = await keys({ secretKeyFile: options.secretKeyFile, isJson: options.json === true });
		});
}

const program = createProgram();
// commander ends with 1 on a mistake in the words; here that is 2, and help is no mistake.
program.exitOverride((error) => process.exit(error.exitCode === 0 ? Exit.OK : Exit.USAGE));
for (const command of program.commands)
	command.exitOverride((error) => process.exit(error.exitCode === 0 ? Exit.OK : Exit.USAGE));
program.parseAsync().catch((error: unknown) => {
	console.error(`homing: ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = Exit.INTERNAL;
});
