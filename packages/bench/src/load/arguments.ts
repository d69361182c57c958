import { parseArgs } from "node:util";

/** How a connection is secured. */
export type Mechanism = "NULL" | "CURVE";

/** What a child is told on its command line. What a scenario has no use for is left out. */
export interface LoadArguments {
	readonly port?: number;
	/** Of several servers. */
	readonly ports?: readonly number[];
	readonly scenario: string;
	/** Which one `codec` measures. */
	readonly shape?: string;
	/** Calls in flight, or connections to open. */
	readonly inFlight?: number;
	readonly seconds?: number;
	readonly warmUpSeconds?: number;
	/** What one message takes: on the wire, where it is echoed; its frame alone, where it goes one way. */
	readonly bytes?: number;
	readonly highWaterMark?: number;
	/** How many connections are opened at a time. */
	readonly batch?: number;
	/** What a call has before it is sent a second time; 0: it is not. Unit: ms. */
	readonly hedgeMs?: number;
	readonly mechanism?: Mechanism;
	/** The server's public key in Z85, where the mechanism is CURVE. */
	readonly serverKey?: string;
}

const names: Readonly<Record<keyof LoadArguments, string>> = {
	port: "port",
	ports: "ports",
	scenario: "scenario",
	shape: "shape",
	inFlight: "in-flight",
	seconds: "seconds",
	warmUpSeconds: "warm-up",
	bytes: "bytes",
	highWaterMark: "high-water-mark",
	batch: "batch",
	hedgeMs: "hedge",
	mechanism: "mechanism",
	serverKey: "server-key",
};

/** One word each, since a key in Z85 may start with a dash. */
export function toFlags(load: LoadArguments): string[] {
	return Object.entries(load)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `--${names[name as keyof LoadArguments]}=${value}`);
}

export function readArguments(): Required<LoadArguments> {
	const flag = { type: "string", default: "" } as const;
	const { values } = parseArgs({ options: Object.fromEntries(Object.values(names).map((name) => [name, flag])) });
	const read = (name: keyof LoadArguments) => String(values[names[name]]);
	return {
		port: Number(read("port")),
		ports: read("ports").split(",").map(Number),
		scenario: read("scenario"),
		shape: read("shape"),
		inFlight: Number(read("inFlight")),
		seconds: Number(read("seconds")),
		warmUpSeconds: Number(read("warmUpSeconds")),
		bytes: Number(read("bytes")),
		highWaterMark: Number(read("highWaterMark")),
		batch: Number(read("batch")),
		hedgeMs: Number(read("hedgeMs")),
		mechanism: read("mechanism") === "CURVE" ? "CURVE" : "NULL",
		serverKey: read("serverKey"),
	};
}
