/** `homing-codegen breaking`. */
import { type Accepted, parseAccepted } from "../breaking/acceptance.js";
import { findBreaking } from "../breaking/compare.js";
import { type Diagnosis, diagnose, type Locate } from "../breaking/diagnose.js";
import { type Breakage, rules } from "../breaking/rules.js";
import { configName } from "../config/name.js";
import { type Flags, settingsOf } from "../config/settings.js";
import { exitStatus } from "../exit-status.js";
import { Generator } from "../generate.js";
import type { BreakingCode } from "../model/breaking-codes.js";
import { hasErrors, sortDiagnostics } from "../model/diagnostics.js";
import { report } from "../report/report.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { olderVersion } from "./older-version.js";

export interface BreakingCommand extends Omit<Flags, "out"> {
	readonly against: string;
	readonly rules: Breakage | "all";
	readonly accept: readonly string[];
}

export function breakingCommand(command: BreakingCommand, terminal: Terminal): number {
	const { against } = command;
	const { jobs, errorFormat, accept } = settingsOf(command, terminal.cwd);
	const accepted = [
		...command.accept.map((text) => acceptedOf("--accept", text)),
		...accept.map((text) => acceptedOf(`\`accept\` in ${configName}`, text)),
	];
	const generator = new Generator(jobs, terminal.cwd);
	const { models: next, diagnostics } = generator.read();
	if (hasErrors(diagnostics)) {
		report({ diagnostics, files: [], isWriting: false }, errorFormat, terminal);
		return exitStatus.findings;
	}
	const old = olderVersion(against, jobs, terminal);
	const findings = findBreaking({ old, next }).filter(({ code }) => isAsked(code, command.rules));
	const locate: Locate = (place) => (place.file === undefined ? undefined : generator.locate(place.file, place));
	const diagnosis = diagnose(findings, accepted, locate);
	report({ diagnostics: sortDiagnostics(diagnosis.diagnostics), files: [], isWriting: false }, errorFormat, terminal);
	if (errorFormat === "text") tell(diagnosis, against, terminal);
	return diagnosis.diagnostics.length === 0 ? exitStatus.ok : exitStatus.findings;
}

function tell({ diagnostics, meant }: Diagnosis, against: string, terminal: Terminal): void {
	if (meant.length > 0) terminal.error(`${meant.length} accepted.\n`);
	else if (diagnostics.length === 0) terminal.error(`Nothing breaks against ${against}.\n`);
}

function acceptedOf(source: string, text: string): Accepted {
	const accepted = parseAccepted(text);
	if (accepted !== undefined) return accepted;
	throw new UsageError(
		`${source} takes a code like HB102, or a code and a place like HB102:Bank.log, and got ${text}.`,
	);
}

function isAsked(code: BreakingCode, asked: Breakage | "all"): boolean {
	const breaks: readonly Breakage[] = rules[code].breaks;
	return asked === "all" || breaks.includes(asked);
}
