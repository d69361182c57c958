/** Says of findings where they are in the sources, and which of them are meant. */
import type { BreakingCode } from "../model/breaking-codes.js";
import type { Diagnostic, Location } from "../model/diagnostics.js";
import type { Place } from "../model/place.js";
import { type Accepted, isAccepted, parseBreaks } from "./acceptance.js";
import type { Finding } from "./findings.js";

export interface Diagnosis {
	readonly diagnostics: readonly Diagnostic<BreakingCode>[];
	/** Findings that are meant, and not among the diagnostics. */
	readonly meant: readonly Finding[];
}

/** Where a place is declared, and the tags of the declarations on the way to it. */
export type Locate = (place: Place) =>
	| {
			readonly location: Location;
			readonly tags: readonly { readonly name: string; readonly argument: string }[];
	  }
	| undefined;

export function diagnose(findings: readonly Finding[], accepted: readonly Accepted[], locate: Locate): Diagnosis {
	const isMeantAt = (code: BreakingCode, place: Place): boolean => {
		const tags = (locate(place)?.tags ?? []).filter(({ name }) => name === "breaks");
		return isAccepted(code, place, [...accepted, ...tags.flatMap(({ argument }) => parseBreaks(argument, place))]);
	};
	const meant = findings.filter(({ code, place, others }) => [place, ...others].every((one) => isMeantAt(code, one)));
	const diagnostics = findings
		.filter((finding) => !meant.includes(finding))
		.map(({ code, place, message, remedy }): Diagnostic<BreakingCode> => {
			return { code, severity: "error", location: locate(place)?.location, message, remedy };
		});
	return { diagnostics, meant };
}
