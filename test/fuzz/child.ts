/** Fuzzes one target in a process of its own: what no `catch` sees, the end of the process or of its progress, is a finding too. */
import { openSync, writeSync } from "node:fs";
import { readCorpus } from "./corpus.js";
import { type FuzzReport, fuzz, noFigures } from "./fuzz.js";
import { targets } from "./targets.js";

/** What the parent wants. */
export interface Order {
	readonly target: string;
	readonly inputs: number;
	readonly seed: number;
	readonly isGuided: boolean;
	/** Where each input is written before it is tried. */
	readonly currentPath: string;
}

/** What it hears: `isDone` once. The finding's input as hex. */
export interface News {
	readonly report: Omit<FuzzReport, "finding">;
	readonly isDone: boolean;
	readonly finding?: { readonly kind: string; readonly what: string; readonly input: string } | undefined;
}

/** Between two signs of progress. Unit: ms. */
const newsMs = 200;

async function obey({ target: name, inputs, seed, isGuided, currentPath }: Order): Promise<void> {
	const target = targets.find((one) => one.name === name)!;
	const current = openSync(currentPath, "w");
	const head = Buffer.alloc(4);
	process.send!({ report: noFigures, isDone: false } satisfies News);
	let toldAt = 0;
	const report = await fuzz(target, {
		inputs,
		seed,
		isGuided,
		isTimed: true,
		seeds: readCorpus(name).map(({ octets }) => octets),
		onInput: (input) => {
			head.writeUInt32BE(input.length);
			writeSync(current, Buffer.concat([head, input]), 0, 4 + input.length, 0);
		},
		onProgress: ({ finding: _, ...so_far }) => {
			if (performance.now() - toldAt < newsMs) return;
			toldAt = performance.now();
			process.send!({ report: so_far, isDone: false } satisfies News);
		},
	});
	const { finding, ...figures } = report;
	process.send!({
		report: figures,
		isDone: true,
		finding: finding && {
			kind: finding.verdict.kind,
			what: finding.verdict.what,
			input: Buffer.from(finding.input).toString("hex"),
		},
	} satisfies News);
	process.disconnect();
}

process.once("message", (order: Order) => void obey(order));
// A parent that is gone wants nothing any more.
process.once("disconnect", () => process.exit());
