import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MeasuredOptions, Measures } from "./measured-server.js";
import { nodeFlags } from "./processes.js";

/** A ROUTER in a process of its own, which tells what it holds. */
export class MeasuredServer {
	readonly endpoint: string;
	readonly #child: ChildProcess;

	constructor(child: ChildProcess, endpoint: string) {
		this.#child = child;
		this.endpoint = endpoint;
	}

	static async start(options: MeasuredOptions): Promise<MeasuredServer> {
		const program = fileURLToPath(new URL("measured-server.ts", import.meta.url));
		const child = fork(program, [JSON.stringify(options)], { execArgv: nodeFlags });
		const [{ endpoint }] = await once(child, "message");
		return new MeasuredServer(child, endpoint);
	}

	/** Once what it is asked for holds; without it, now. */
	async measure(holds: (measures: Measures) => boolean = () => true): Promise<Measures> {
		for (;;) {
			const told = once(this.#child, "message");
			this.#child.send({});
			const [measures] = (await told) as [Measures];
			if (holds(measures)) return measures;
		}
	}

	async close(): Promise<void> {
		const gone = once(this.#child, "exit");
		this.#child.disconnect();
		await gone;
	}
}
