import { parseArgs } from "node:util";

/** What a child is told on its command line. Times in seconds. */
export interface LoadArguments {
	readonly port: number;
	readonly scenario: string;
	readonly inFlight: number;
	readonly seconds: number;
	readonly warmUpSeconds: number;
	/** What one message takes on the wire. */
	readonly bytes: number;
}

export function toFlags(load: LoadArguments): string[] {
	return [
		["--port", load.port],
		["--scenario", load.scenario],
		["--in-flight", load.inFlight],
		["--seconds", load.seconds],
		["--warm-up", load.warmUpSeconds],
		["--bytes", load.bytes],
	].flatMap(([name, value]) => [String(name), String(value)]);
}

export function readArguments(): LoadArguments {
	const flag = { type: "string", default: "0" } as const;
	const { values } = parseArgs({
		options: { port: flag, scenario: flag, "in-flight": flag, seconds: flag, "warm-up": flag, bytes: flag },
	});
	return {
		port: Number(values.port),
		scenario: values.scenario,
		inFlight: Number(values["in-flight"]),
		seconds: Number(values.seconds),
		warmUpSeconds: Number(values["warm-up"]),
		bytes: Number(values.bytes),
	};
}
