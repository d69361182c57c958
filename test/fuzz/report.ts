import type { News } from "./child.js";

/** One line on a terminal that the next one replaces; nothing where nobody watches. */
export class Progress {
	readonly #inputs: number;
	readonly #isShown = process.stderr.isTTY === true;

	constructor(inputs: number) {
		this.#inputs = inputs;
	}

	show(target: string, done: number): void {
		if (!this.#isShown) return;
		const width = 30;
		const filled = Math.round((done / this.#inputs) * width);
		const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
		process.stderr.write(`\r\u001b[2K${bar} ${target} ${grouped(done)} of ${grouped(this.#inputs)}`);
	}

	clear(): void {
		if (this.#isShown) process.stderr.write("\r\u001b[2K");
	}
}

interface Figures extends News {
	readonly target: string;
	readonly seconds: number;
}

export function formatFigures(figures: readonly Figures[]): string {
	const rows = [["target", "inputs", "a second", "kept", "stretches reached", "slowest ms", "memory MiB", "found"]];
	for (const { target, seconds, report, finding } of figures) {
		rows.push([
			target,
			grouped(report.inputs),
			grouped(Math.round(report.inputs / seconds)),
			grouped(report.corpus),
			grouped(report.stretches),
			report.slowestMs.toFixed(2),
			(report.peakBytes / 2 ** 20).toFixed(0),
			finding?.kind ?? "nothing",
		]);
	}
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	const pad = (cell: string, column: number) =>
		column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
	return rows.map((row) => row.map(pad).join("  ")).join("\n");
}

function grouped(value: number): string {
	return `${value}`.replace(/\B(?=(\d{3})+$)/g, " ");
}
