import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Connection } from "../client/connection.js";
import { RpcError } from "../errors.js";
import { anyCodec, type Codec } from "../protocol/codec.js";
import type { MethodDescription } from "../reserved/description.js";
import { type AnyChannel, callback, input, stream, unary } from "../service.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target, UsageError } from "./session.js";
import { describeMethod, look, suggestion } from "./surroundings.js";

export interface CallCommand extends Target {
	readonly method: string;
	/** A JSON list, as given on the command line. */
	readonly args: string | undefined;
	/** `@file`, `@-` for stdin, or the JSON list itself. Of a method that takes a stream: its items, one a line. */
	readonly data: string | undefined;
	readonly metadata: Readonly<Record<string, string>>;
	readonly isIdempotent: boolean;
	/** More than a request and one answer. */
	readonly isStream: boolean;
}

/** Calls one method without generated code. The result goes to stdout, everything else to stderr. Returns the exit status. */
export function call(command: CallCommand): Promise<number> {
	return converse("call", command, async (connection) => {
		try {
			if (command.isStream) await callOpen(connection, command);
			else await callOnce(connection, command);
			return Exit.OK;
		} catch (error) {
			if (!(error instanceof RpcError)) throw error;
			await explain(connection, command, error);
			throw error;
		}
	});
}

async function callOnce(connection: Connection, command: CallCommand): Promise<void> {
	const args = await readArguments(command);
	const method = unary<readonly unknown[], unknown>({
		name: command.method,
		isIdempotent: command.isIdempotent,
		arguments: anyCodec as Codec<readonly unknown[]>,
		result: anyCodec,
	});
	print(command, await connection.call(method, args, { metadata: command.metadata }));
}

/** Its description says what to send and what to wait for. Where there is none it is taken for a stream of results. */
async function callOpen(connection: Connection, command: CallCommand): Promise<void> {
	const described = await describeMethod(connection, command.method);
	const takesItems = described?.channels.some(({ kind }) => kind === "input") ?? false;
	const args = await readArguments(takesItems ? { ...command, data: undefined } : command);
	const options = {
		name: command.method,
		isIdempotent: command.isIdempotent,
		arguments: anyCodec as Codec<readonly unknown[]>,
		result: anyCodec,
		channels: channelsOf(described) as never,
	};
	const channels = (described?.channels ?? []).map((channel, index) =>
		channel.kind === "input" ? readItems(command) : toCallback(index),
	) as never;
	const said = { metadata: command.metadata };
	if (described !== undefined && described.form !== "stream") {
		print(command, await connection.call(unary<readonly unknown[], unknown>(options), args, said, channels));
		return;
	}
	for await (const item of connection.stream(stream<readonly unknown[], unknown>(options), args, said, channels)) {
		print(command, item);
	}
}

function channelsOf(described: MethodDescription | undefined): readonly AnyChannel[] {
	return (described?.channels ?? []).map((channel) =>
		channel.kind === "input"
			? input(anyCodec)
			: callback(anyCodec as Codec<readonly unknown[]>, channel.result === undefined ? undefined : anyCodec),
	);
}

/** Calls of a function among the parameters are told; nobody here has an answer for those that wait for one. */
function toCallback(index: number): (...args: readonly unknown[]) => null {
	return (...args) => {
		console.error(`callback ${index}: ${formatValue(args, false)}`);
		return null;
	};
}

function print(command: CallCommand, value: unknown): void {
	console.log(formatValue(value, !command.isJson && process.stdout.isTTY === true));
}

/** Says what would have been right, where that can be found out. */
async function explain(connection: Connection, command: CallCommand, error: RpcError): Promise<void> {
	if (error.origin === "local" && error.status === "FAILED_PRECONDITION" && !command.isStream) {
		throw new UsageError(`${command.method} answers with a stream, or takes one: add --stream`);
	}
	if (error.origin !== "peer" || error.status !== "UNIMPLEMENTED") return;
	let near = "";
	try {
		near = suggestion((await look(connection)).services, command.method);
	} catch {
		// Nothing more can be said: the answer stands.
	}
	if (near !== "" && !command.isJson) console.error(`There is no ${command.method} here${near}`);
}

/** Lines of JSON, from `@file`, from stdin with `@-`, or as given. */
async function* readItems({ data }: CallCommand): AsyncGenerator<unknown> {
	if (data === undefined) return;
	const lines = data.startsWith("@")
		? createInterface({ input: data === "@-" ? process.stdin : createReadStream(data.slice(1)) })
		: data.split("\n");
	for await (const line of lines) {
		if (line.trim() !== "") yield parse(line, "an item is no JSON");
	}
}

async function readArguments({ args, data }: CallCommand): Promise<readonly unknown[]> {
	if (args !== undefined && data !== undefined)
		throw new UsageError("give the arguments once: on the command line or with --data");
	const json = data?.startsWith("@") ? await readSource(data.slice(1)) : (args ?? data ?? "[]");
	const value = parse(json, "the arguments are no JSON");
	if (!Array.isArray(value))
		throw new UsageError(`the arguments are a JSON list, one element for each parameter: '[${json}]'`);
	return value;
}

async function readSource(source: string): Promise<string> {
	try {
		return await (source === "-" ? text(process.stdin) : readFile(source, "utf8"));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

function parse(json: string, problem: string): unknown {
	try {
		return JSON.parse(json) as unknown;
	} catch (error) {
		throw new UsageError(`${problem}: ${(error as Error).message}`);
	}
}
