/** What parent and children tell each other: one line of JSON each on the child's standard output. */
import { writeSync } from "node:fs";

/** A server's first line. */
export interface Ready {
	/** Where clients connect. A worker of a pool has none. */
	readonly port?: number;
	/** Where workers connect, when there are any. */
	readonly workerPort?: number;
	/** Version of the library under test, where it is not in a package.json. */
	readonly version?: string;
	/** A CURVE server's, in Z85. */
	readonly publicKey?: string;
}

/** A server's answer to the line `usage`. */
export interface Usage {
	/** User and system time of all threads since the process began. Unit: microseconds. */
	readonly cpuUs: number;
}

/** A client's second line; its first is empty of content and says that warming up is over. */
export interface Result {
	readonly seconds: number;
	/** The client's, all threads, during the measured time. Unit: microseconds. */
	readonly cpuUs: number;
}

/** Of round trips. Unit: microseconds. */
export interface Latency {
	readonly p50: number;
	readonly p99: number;
}

export interface EchoResult extends Result {
	readonly calls: number;
	readonly latencyUs: Latency;
}

export interface StreamResult extends Result {
	readonly messages: number;
	/** Skipped between those that came. */
	readonly lost: number;
}

/** Written in one go, so that nothing is lost when the process ends at once. */
export function tell(message: object): void {
	writeSync(1, `${JSON.stringify(message)}\n`);
}

export function readCpuUs(): number {
	const { user, system } = process.cpuUsage();
	return user + system;
}
