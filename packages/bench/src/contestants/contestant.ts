import type { Command } from "../children/child.js";
import type { ComparedScenario } from "../scenarios/names.js";

/** The processes of one contestant in one scenario. */
export interface Programs {
	/** Takes the client's connection. */
	readonly server: Command;
	readonly client: Command;
	/** With them the `server` is a queue or proxy, and each of these connects to its second port. */
	readonly workers?: readonly Command[];
}

/** One of those compared. */
export interface Contestant {
	readonly name: string;
	/** One line for the report. */
	readonly summary: string;
	/** Echoes octets: no call, no codec, no validation. */
	readonly isBare: boolean;
	/** What is started for each scenario that it takes part in. */
	readonly programs: Readonly<Partial<Record<ComparedScenario, Programs>>>;
	/** Installs or compiles what is needed. Rejects with what is missing, for people. Resolves to the version under test. */
	prepare(): Promise<string>;
}
