import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Connection, connect } from "../client/connection.js";
import { RpcError } from "../errors.js";
import { anyCodec, type Codec } from "../protocol/codec.js";
import { unary } from "../service.js";
import { Exit, exitOf } from "./exit.js";
import { formatValue } from "./output.js";
import { type ClientSecurityFlags, clientSecurity } from "./security.js";

export interface CallCommand extends ClientSecurityFlags {
	readonly endpoint: string;
	readonly method: string;
	/** A JSON list, as given on the command line. */
	readonly args: string | undefined;
	/** `@file`, `@-` for stdin, or the JSON list itself. */
	readonly data: string | undefined;
	readonly timeoutMs: number;
	readonly metadata: Readonly<Record<string, string>>;
	readonly isIdempotent: boolean;
	readonly isJson: boolean;
}

/** Calls one method without generated code. The result goes to stdout, everything else to stderr. Returns the exit status. */
export async function call(command: CallCommand): Promise<number> {
	let args: readonly unknown[];
	let connection: Connection;
	try {
		args = await readArguments(command);
		const security = await clientSecurity(command);
		connection = connect(command.endpoint, {
			timeoutMs: command.timeoutMs,
			...(security === undefined ? {} : { security }),
		});
	} catch (error) {
		console.error(`homing call: ${(error as Error).message}`);
		return Exit.USAGE;
	}
	const method = unary<readonly unknown[], unknown>({
		name: command.method,
		isIdempotent: command.isIdempotent,
		arguments: anyCodec as Codec<readonly unknown[]>,
		result: anyCodec,
	});
	try {
		const result = await connection.call(method, args, { metadata: command.metadata });
		console.log(formatValue(result, !command.isJson && process.stdout.isTTY === true));
		return Exit.OK;
	} catch (error) {
		report(command, error);
		// A call that never found anybody is another failure than one that was not answered in time.
		const isUnreached = error instanceof RpcError && error.outcome === "not-started" && error.origin === "local";
		return isUnreached && error.status === "DEADLINE_EXCEEDED" ? Exit.UNREACHABLE : exitOf(error);
	} finally {
		await connection.close();
	}
}

async function readArguments({ args, data }: CallCommand): Promise<readonly unknown[]> {
	if (args !== undefined && data !== undefined)
		throw new Error("give the arguments once: on the command line or with --data");
	const json = data?.startsWith("@") ? await readSource(data.slice(1)) : (args ?? data ?? "[]");
	let value: unknown;
	try {
		value = JSON.parse(json);
	} catch (error) {
		throw new Error(`the arguments are no JSON: ${(error as Error).message}`);
	}
	if (!Array.isArray(value))
		throw new Error(`the arguments are a JSON list, one element for each parameter: '[${json}]'`);
	return value;
}

function readSource(source: string): Promise<string> {
	return source === "-" ? text(process.stdin) : readFile(source, "utf8");
}

function report(command: CallCommand, error: unknown): void {
	if (!(error instanceof RpcError)) throw error;
	if (command.isJson) {
		const { status, outcome, origin, message, details } = error;
		console.error(formatValue({ status, outcome, origin, message, details }, false));
		return;
	}
	console.error(`${error.status}: ${error.message}`);
	if (error.outcome === "unknown") console.error("It may have been executed: what became of it is unknown.");
	if (error.status === "DEADLINE_EXCEEDED" && error.outcome === "not-started") {
		console.error(`Nobody at ${command.endpoint} took it. Is a server or a queue running there?`);
	}
	if (error.cause instanceof Error) console.error(error.cause.message);
}
