/** The table of docs/types.md. */
import { type DiagnosticCode, diagnosticKinds } from "@homing/codegen";
import type { Survey } from "./survey.js";

/** A row a package. */
export function tableOf(surveys: readonly Survey[]): string {
	const rows = surveys.map((survey) => {
		const { package: one, version, types, refused } = survey;
		const generating = types.length - refused.size;
		const share = `${generating} (${((100 * generating) / types.length).toFixed(1)} %)`;
		return `| \`${one.name}\` ${version}: ${one.about} | ${types.length} | ${share} | ${reasonsOf(survey)} |`;
	});
	return `| package | exported types | generate | the others |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

/** Each type under what is said of it first. */
function reasonsOf({ refused }: Survey): string {
	const counts = new Map<DiagnosticCode, number>();
	for (const [first] of refused.values()) {
		if (first !== undefined) counts.set(first.code, (counts.get(first.code) ?? 0) + 1);
	}
	const sorted = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
	return sorted.map(([code, count]) => `${count}: ${lowerFirst(diagnosticKinds[code].cause)} (${code})`).join("; ");
}

function lowerFirst(sentence: string): string {
	return (sentence.charAt(0).toLowerCase() + sentence.slice(1)).replace(/\.$/, "");
}
