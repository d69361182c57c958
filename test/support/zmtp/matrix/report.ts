import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { ours } from "../our-side.js";
import type { ZmqSide } from "../zmq-side.js";
import type { Outcomes } from "./run.js";
import { rowsOf, tableOf } from "./table.js";

const begin = "<!-- What follows is written by test/interop/zmtp/matrix.test.ts; UPDATE_GOLDEN=1 writes it anew. -->";
const end = "<!-- Up to here. -->";
const page = new URL("../../../../docs/interop.md", import.meta.url);

/** Everything that ran, for people: our sockets with each library in a table, the controls in a line each. */
export function reportOf(outcomes: Outcomes, libraries: readonly ZmqSide[], holes: number): string {
	const tables = libraries.map(
		(library) => `### ${library.version}\n\n${tableOf("ours", "libzmq", rowsOf(outcomes, ours, library))}\n`,
	);
	const controls = [ours, ...libraries].map((side) => {
		const cells = [...outcomes].filter(([{ one, other }]) => one === side && other === side);
		const filled = cells.filter(([, error]) => error === undefined).length;
		const who = side === ours ? "Ours" : libraries.find((library) => library === side)!.version;
		return `- ${who} with itself: ${filled} of ${cells.length} meetings${side === ours ? "" : `; ${holes} it cannot have`}`;
	});
	return `${tables.join("\n")}\n### Controls\n\n${controls.join("\n")}\n`;
}

/** Compares the report with the page in the documentation, or writes it there. */
export function expectDocumented(report: string): void {
	const text = readFileSync(page, "utf8");
	const from = text.indexOf(begin) + begin.length;
	const to = text.indexOf(end);
	if (process.env["UPDATE_GOLDEN"] === "1") {
		writeFileSync(page, `${text.slice(0, from)}\n\n${report}\n${text.slice(to)}`);
		return;
	}
	expect(text.slice(from, to).trim()).equal(report.trim());
}
