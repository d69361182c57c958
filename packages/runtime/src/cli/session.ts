/** What the commands that ask somebody share: the connection, the report of a failure, the exit status. */
import { type Connection, connect } from "../client/connection.js";
import { RpcError } from "../errors.js";
import { Exit, exitOf } from "./exit.js";
import { formatValue } from "./output.js";
import { type ClientSecurityFlags, clientSecurity } from "./security.js";

export interface Target extends ClientSecurityFlags {
	readonly endpoint: string;
	readonly timeoutMs: number;
	readonly isJson: boolean;
}

/** A mistake of whoever typed the command. */
export class UsageError extends Error {}

/** Connects, has `ask` do its work, and closes. Returns the exit status. */
export async function converse(
	name: string,
	target: Target,
	ask: (connection: Connection) => Promise<number>,
): Promise<number> {
	let connection: Connection;
	try {
		const security = await clientSecurity(target);
		connection = connect(target.endpoint, {
			timeoutMs: target.timeoutMs,
			...(security === undefined ? {} : { security }),
		});
	} catch (error) {
		console.error(`homing ${name}: ${(error as Error).message}`);
		return Exit.USAGE;
	}
	try {
		return await ask(connection);
	} catch (error) {
		if (error instanceof UsageError) {
			console.error(`homing ${name}: ${error.message}`);
			return Exit.USAGE;
		}
		if (!(error instanceof RpcError)) throw error;
		report(target, error);
		return isUnreached(error) ? Exit.UNREACHABLE : exitOf(error);
	} finally {
		await connection.close();
	}
}

/** A call that never found anybody is another failure than one that was not answered in time. */
function isUnreached({ status, outcome, origin }: RpcError): boolean {
	return status === "DEADLINE_EXCEEDED" && outcome === "not-started" && origin === "local";
}

/** Tells a failure, for people or for programs. */
function report(target: Target, error: RpcError): void {
	if (target.isJson) {
		const { status, outcome, origin, message, details } = error;
		console.error(formatValue({ status, outcome, origin, message, details }, false));
		return;
	}
	console.error(`${error.status}: ${error.message}`);
	if (error.outcome === "unknown") console.error("It may have been executed: what became of it is unknown.");
	if (error.status === "DEADLINE_EXCEEDED" && error.outcome === "not-started") {
		console.error(`Nobody at ${target.endpoint} took it. Is a server or a queue running there?`);
	}
	if (error.cause instanceof Error) console.error(error.cause.message);
}
