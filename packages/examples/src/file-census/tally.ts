import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import type { FileReport } from "./census.js";

export interface Totals {
	files: number;
	bytes: number;
	lines: number;
	words: number;
	brotliBytes: number;
}

export interface TypeTotals extends Totals {
	readonly type: string;
}

/** Adds reports up. The order in which they come makes no difference. */
export class Tally {
	readonly all = noTotals();
	readonly #byType = new Map<string, TypeTotals>();
	readonly #byWorker = new Map<number, number>();
	readonly #results: string[] = [];

	/** `path`: where the file lies in its folder. */
	add(path: string, report: FileReport): void {
		const type = typeOf(path);
		let totals = this.#byType.get(type);
		if (totals === undefined) {
			totals = { type, ...noTotals() };
			this.#byType.set(type, totals);
		}
		addTo(totals, report);
		addTo(this.all, report);
		this.#byWorker.set(report.worker, (this.#byWorker.get(report.worker) ?? 0) + 1);
		const { sha256, bytes, lines, words, brotliBytes } = report;
		this.#results.push(JSON.stringify([path, sha256, bytes, lines, words, brotliBytes]));
	}

	/** The types with the most octets first. */
	types(): TypeTotals[] {
		return [...this.#byType.values()].sort((a, b) => b.bytes - a.bytes || (a.type < b.type ? -1 : 1));
	}

	/** Calls that each worker has answered, by its process id. */
	workers(): [worker: number, calls: number][] {
		return [...this.#byWorker].sort(([a], [b]) => a - b);
	}

	/** Of all results: two runs that found the same have the same, wherever the folder is. */
	fingerprint(): string {
		return createHash("sha256").update(this.#results.sort().join("\n")).digest("hex").slice(0, 16);
	}
}

/** Several types as one row. */
export function sum(type: string, rows: readonly Totals[]): TypeTotals {
	const total = { type, ...noTotals() };
	for (const row of rows) {
		total.files += row.files;
		total.bytes += row.bytes;
		total.lines += row.lines;
		total.words += row.words;
		total.brotliBytes += row.brotliBytes;
	}
	return total;
}

function addTo(totals: Totals, report: FileReport): void {
	totals.files++;
	totals.bytes += report.bytes;
	totals.lines += report.lines;
	totals.words += report.words;
	totals.brotliBytes += report.brotliBytes;
}

function noTotals(): Totals {
	return { files: 0, bytes: 0, lines: 0, words: 0, brotliBytes: 0 };
}

function typeOf(path: string): string {
	const declarations = /\.d\.[cm]?ts$/.exec(path);
	if (declarations !== null) return declarations[0];
	return extname(basename(path)).toLowerCase() || "(none)";
}
