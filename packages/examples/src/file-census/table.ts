import Table from "cli-table3";
import pc from "picocolors";
import { sum, type Tally, type TypeTotals } from "./tally.js";

/** Types shown by name; the small rest is one row. */
const namedTypes = 14;

const { bold } = pc.createColors(process.stdout.isTTY === true && !process.env["NO_COLOR"]);

/** The results by file type, as a table for people. */
export function formatTable(tally: Tally): string {
	const table = new Table({
		head: ["type", "files", "bytes", "lines", "words", "brotli", "ratio"].map((title) => bold(title)),
		colAligns: ["left", "right", "right", "right", "right", "right", "right"],
		style: { head: [], border: [], compact: true },
	});
	const types = tally.types();
	const rest = types.slice(namedTypes);
	table.push(...types.slice(0, namedTypes).map(toCells));
	if (rest.length > 0) table.push(toCells(sum(`${rest.length} others`, rest)));
	table.push(toCells({ type: "total", ...tally.all }).map((cell) => bold(cell)));
	return table.toString();
}

export function formatCount(count: number): string {
	return count.toLocaleString("en-US");
}

function toCells({ type, files, bytes, lines, words, brotliBytes }: TypeTotals): string[] {
	const ratio = brotliBytes === 0 ? "-" : (bytes / brotliBytes).toFixed(2);
	return [type, ...[files, bytes, lines, words, brotliBytes].map(formatCount), ratio];
}
