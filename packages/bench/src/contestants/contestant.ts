import type { Command } from "../children/child.js";
import type { Files } from "../made/files.js";
import type { ServedScenario } from "../scenarios/names.js";
import type { ShapeName } from "../shapes.js";

/** The processes of one contestant in one scenario. */
export interface Programs {
	/** Takes the client's connection. */
	readonly server: Command;
	readonly client: Command;
	/** With them the `server` is a queue or proxy, and each of these connects to its second port. */
	readonly workers?: readonly Command[];
}

/** What a codec looks at beyond what it needs itself: all that the interface says, types alone, or nothing. */
export type Checks = "all" | "types" | "none";

/** The one process of a contestant in `codec`. */
export interface CodecProgram {
	readonly command: Command;
	readonly checks: Checks;
	/** Those that it has a schema for. Default: all. */
	readonly shapes?: readonly ShapeName[];
}

/** A program of so many methods, with server and client, in `codegen`: what compilers check. */
export interface MadeProgram {
	files(methods: number): Files;
	/** What those import. */
	readonly packages: readonly string[];
	/** Stubs are generated before it is whole. */
	readonly hasStubs: boolean;
}

/** One of those compared. */
export interface Contestant {
	readonly name: string;
	/** One line for the report. */
	readonly summary: string;
	/** Echoes octets: no call, no codec, no validation. */
	readonly isBare: boolean;
	/** What is started for each scenario that it takes part in. */
	readonly programs: Readonly<
		Partial<Record<ServedScenario, Programs> & { codec: CodecProgram; codegen: MadeProgram }>
	>;
	/** Installs or compiles what is needed. Rejects with what is missing, for people. Resolves to the version under test. */
	prepare(): Promise<string>;
}
