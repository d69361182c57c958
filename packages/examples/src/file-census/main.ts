/** The story: a queue, a pool of workers, and a client that awaits one call for each file of a folder. */
import { relative } from "node:path";
import { connect, Queue } from "@homing/runtime";
import { findFiles } from "./find-files.js";
import { CensusClient } from "./generated/census.js";
import { inspectAll } from "./inspect-all.js";
import { readOptions } from "./options.js";
import { Progress } from "./progress.js";
import { formatCount, formatTable } from "./table.js";
import { Tally } from "./tally.js";
import { WorkerPool } from "./worker-pool.js";

const options = readOptions(process.argv.slice(2));

const findings = await findFiles(options.folder, options.limit, options.maxMebibytes * 1024 * 1024).catch(
	(error: Error) => {
		console.error(`npm start: the folder cannot be read: ${error.message}`);
		process.exit(2);
	},
);
const { files } = findings;

const queue = new Queue({ clients: "tcp://127.0.0.1:0", workers: "tcp://127.0.0.1:0" });
const endpoints = await queue.start();

const progress = new Progress(files.length);
const pool = new WorkerPool(
	endpoints.workers[0]!,
	({ died, replacedBy }) => progress.note(`worker ${replacedBy} took the place of worker ${died}`),
	(error) => fail(error.message),
);
process.on("SIGINT", () => leave(130));
process.on("SIGTERM", () => leave(143));
const workers = await pool.start(options.workers).catch((error: Error) => fail(error.message));
progress.note(
	`${formatCount(files.length)} files under ${options.folder}\n` +
		`queue at ${endpoints.clients[0]}, workers ${workers.join(", ")}`,
);

const connection = connect(endpoints.clients);
const census = new CensusClient(connection);
const tally = new Tally();
const unreadable: string[] = [];
const startedAt = performance.now();
const seconds = () => (performance.now() - startedAt) / 1000;
const killAt = Math.floor(files.length / 2);
let killed: number | undefined;

await inspectAll(census, files, options.inFlight, {
	onTurn(done) {
		progress.update(done, done / seconds());
		if (!options.kill || killed !== undefined || done < killAt) return;
		killed = pool.killOne();
		progress.note(
			`killed worker ${killed} (SIGKILL) after ${formatCount(done)} of ${formatCount(files.length)} calls; ` +
				"another one is starting",
		);
	},
	onReport: (path, report) => tally.add(relative(options.folder, path), report),
	onUnreadable: (path) => unreadable.push(path),
}).catch((error: Error) => fail(`a call failed: ${error.message}`));

const tookSeconds = seconds();
progress.stop();
const { redelivered } = queue.stats();
await connection.close();
await pool.close();
await queue.close();

console.log(formatTable(tally));
console.log(`fingerprint of all results: ${tally.fingerprint()}`);
for (const line of leftOut()) console.log(line);
console.log();
for (const [worker, calls] of tally.workers()) {
	console.log(`worker ${worker} answered ${formatCount(calls)} calls${worker === killed ? ", then was killed" : ""}`);
}
if (killed !== undefined) {
	console.log(`calls it had in hand, given to other workers by the queue: ${redelivered}; calls lost: 0`);
}
console.log(
	`${formatCount(files.length)} calls in ${tookSeconds.toFixed(1)} s: ${Math.round(files.length / tookSeconds)} calls/s`,
);

function leftOut(): string[] {
	const reasons: [count: number, reason: string][] = [
		[findings.tooLarge, `files larger than ${options.maxMebibytes} MiB (--max-mebibytes)`],
		[findings.beyondLimit, "files beyond --limit"],
		[findings.unreadable, "folders that cannot be read"],
		[unreadable.length, "files that cannot be read"],
	];
	return reasons.filter(([count]) => count > 0).map(([count, reason]) => `left out: ${formatCount(count)} ${reason}`);
}

function leave(status: number): never {
	// The bar hides the cursor.
	progress.stop();
	pool.destroy();
	process.exit(status);
}

function fail(reason: string): never {
	progress.stop();
	console.error(`npm start: ${reason}`);
	return leave(1);
}
