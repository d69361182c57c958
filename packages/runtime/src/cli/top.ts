import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../client/connection.js";
import { RpcError } from "../errors.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target } from "./session.js";
import { askFigures, type Figures } from "./top/figures.js";
import { boundless, fit, type Line, type Size, show } from "./top/lines.js";
import type { SortKey } from "./top/order.js";
import { compare, isContinued, type Reading } from "./top/rates.js";
import { Screen } from "./top/screen.js";
import { formatTime, plain } from "./top/table.js";
import { viewOf } from "./top/view.js";

export interface TopCommand extends Target {
	readonly intervalMs: number;
	/** What the rows of its tables are sorted by; lines of JSON have none. */
	readonly sort: SortKey;
	/** One reading, and no more. */
	readonly isOnce: boolean;
}

/** Shows what a server or a queue does, again and again. Returns the exit status. */
export function top(command: TopCommand): Promise<number> {
	return converse("top", command, async (connection) => {
		if (command.isOnce) await showOnce(connection, command);
		else if (command.isJson) await printLines(connection, command);
		else if (process.stdout.isTTY === true) await watch(connection, command);
		else await showOnce(connection, command);
		return Exit.OK;
	});
}

async function showOnce(connection: Connection, command: TopCommand): Promise<void> {
	const readings = new Readings(connection, command, undefined);
	await readings.begin();
	const reading = await readings.next();
	if (command.isJson) printLine(reading);
	else for (const line of linesOf(command, reading, boundless)) console.log(show(line));
}

/** A line for each interval. One without an answer is told on stderr. */
async function printLines(connection: Connection, command: TopCommand): Promise<void> {
	const ending = new AbortController();
	const end = () => ending.abort();
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
	// Whoever reads has gone: `homing top --json | head`.
	process.stdout.once("error", end);
	const readings = new Readings(connection, command, ending.signal);
	await readings.begin();
	await readings.each(printLine, (error) =>
		console.error(formatValue({ status: error.status, message: error.message }, false)),
	);
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, end);
}

function printLine(reading: Reading): void {
	console.log(formatValue({ at: new Date().toISOString(), ...reading }, false));
}

async function watch(connection: Connection, command: TopCommand): Promise<void> {
	const ending = new AbortController();
	const readings = new Readings(connection, command, ending.signal);
	// Before the terminal is taken: that nobody answers is to be read when this has ended.
	await readings.begin();
	let reading: Reading | undefined;
	let trouble: RpcError | undefined;
	const draw = () => screen.draw(linesOf(command, reading, screen.size, trouble));
	const screen = new Screen(
		() => ending.abort(),
		() => draw(),
	);
	try {
		draw();
		await readings.each(
			(next) => {
				[reading, trouble] = [next, undefined];
				draw();
			},
			(error) => {
				trouble = error;
				draw();
			},
		);
	} finally {
		screen.close();
	}
}

function linesOf(command: TopCommand, reading: Reading | undefined, size: Size, trouble?: RpcError): Line[] {
	const { endpoint, intervalMs, sort } = command;
	const time = new Date().toTimeString().slice(0, 8);
	const head = [[`homing top ${endpoint}`, ...whoOf(reading), time, `every ${intervalMs / 1000}s`]];
	if (size !== boundless) head[0]!.push("q quits");
	if (trouble !== undefined) head.push([`NO ANSWER, ${trouble.status}: ${plain(trouble.message)}`]);
	else if (reading === undefined) head.push(["the first figures come after one interval"]);
	return fit(head, reading === undefined ? undefined : viewOf(reading, sort), size);
}

function whoOf(reading: Reading | undefined): string[] {
	if (reading === undefined) return [];
	const { role, instance, uptimeMs } = reading.stats;
	return [`${role} ${plain(instance)}`, `up ${formatTime(uptimeMs)}`];
}

/** Asks once each interval, and compares each answer with the one before. */
class Readings {
	readonly #connection: Connection;
	readonly #intervalMs: number;
	readonly #signal: AbortSignal | undefined;
	#before: Figures | undefined;
	#askedAt = 0;

	/** `signal`: enough has been read. */
	constructor(connection: Connection, { intervalMs }: TopCommand, signal: AbortSignal | undefined) {
		this.#connection = connection;
		this.#intervalMs = intervalMs;
		this.#signal = signal;
	}

	/** What the first reading is compared with. Rejects with an `RpcError`. */
	async begin(): Promise<void> {
		this.#before = await this.#ask();
	}

	/** The next reading, an interval after the last answer was asked for. `begin()` comes first. Rejects with an `RpcError`. */
	async next(): Promise<Reading> {
		for (;;) {
			const left = this.#askedAt + this.#intervalMs - performance.now();
			if (left > 0) await pause(left, undefined, { ...(this.#signal && { signal: this.#signal }) });
			const before = this.#before!;
			const after = await this.#ask();
			this.#before = after;
			if (isContinued(before, after)) return compare(before, after);
		}
	}

	/** All of them until the signal. What fails is told, and tried again. */
	async each(onReading: (reading: Reading) => void, onTrouble: (error: RpcError) => void): Promise<void> {
		while (!this.#isEnough()) {
			try {
				onReading(await this.next());
			} catch (error) {
				if (this.#isEnough()) return;
				if (!(error instanceof RpcError)) throw error;
				onTrouble(error);
			}
		}
	}

	#isEnough(): boolean {
		return this.#signal?.aborted === true;
	}

	#ask(): Promise<Figures> {
		this.#askedAt = performance.now();
		return askFigures(this.#connection, this.#signal);
	}
}
