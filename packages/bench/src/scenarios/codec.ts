/** Codecs alone: what writing and reading a value of each shape takes, and how many octets it is. */
import type { Checks, Contestant } from "../contestants/contestant.js";
import type { CodecResult } from "../load/codec.js";
import { type ShapeName, shapeNames } from "../shapes.js";
import { startTimeoutMs, withProcesses } from "./processes.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";
import { type Figures, type Measured, type Outcome, type Turns, takeTurns } from "./rounds.js";
import { type Row, ratioWithinRounds, summarize } from "./rows.js";

export interface CodecFigures extends Figures {
	readonly encodeNs: number;
	readonly decodeNs: number;
	readonly octets: number;
}

export interface CodecRow extends Row<CodecFigures> {
	readonly checks: Checks;
	/** The time that it takes, of what Homing takes: the median of the ratios within one round. */
	readonly ofHoming: { readonly encode: number | undefined; readonly decode: number | undefined };
}

export interface ShapeReport {
	readonly shape: ShapeName;
	readonly rows: readonly CodecRow[];
}

export interface CodecReport extends Omit<Outcome<ShapeName, CodecFigures>, "roundsOf"> {
	readonly settings: Turns & { readonly seconds: number };
	readonly shapes: readonly ShapeReport[];
}

const homing = "homing";
/** Beyond the time that it is given. */
const lateMs = 15_000;

export async function runCodecs(
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: CodecReport["settings"],
): Promise<CodecReport> {
	const isTaking = ({ programs: { codec } }: Contestant, shape: ShapeName) =>
		codec !== undefined && (codec.shapes ?? shapeNames).includes(shape);
	const { roundsOf, ...outcome } = await takeTurns<ShapeName, CodecFigures>(
		{
			title: "codec",
			contestants: present,
			settings: shapeNames,
			describe: (shape) => shape,
			takesPart: isTaking,
			measure: (contestant, shape) => measureCodec(contestant, shape, settings.seconds),
		},
		settings,
	);
	const shapes = shapeNames.map((shape): ShapeReport => {
		const taking = all.filter((contestant) => isTaking(contestant, shape));
		const names = taking.map(({ name }) => name);
		const ratioOf = (name: string, figure: (figures: CodecFigures) => number) =>
			ratioWithinRounds(roundsOf(name, shape).map(figure), roundsOf(homing, shape).map(figure));
		const rows = summarize(
			names,
			(name) => roundsOf(name, shape),
			({ encodeNs, decodeNs }) => encodeNs + decodeNs,
		);
		return {
			shape,
			rows: rows.map((row, index) => ({
				...row,
				checks: taking[index]!.programs.codec!.checks,
				ofHoming: {
					encode: ratioOf(row.name, ({ encodeNs }) => encodeNs),
					decode: ratioOf(row.name, ({ decodeNs }) => decodeNs),
				},
			})),
		};
	});
	return { settings, shapes, ...outcome };
}

/** A process of its own for each: what one library has taught the compiler is nothing to the next. */
function measureCodec(contestant: Contestant, shape: ShapeName, seconds: number): Promise<Measured<CodecFigures>> {
	return withProcesses(contestant.name, async (start) => {
		const child = start("codec", contestant.programs.codec!.command, { scenario: "codec", shape, seconds });
		await child.next(startTimeoutMs + seconds * 1000);
		const before = readProcessorTimes();
		const { cpuUs, ...figures } = await child.next<CodecResult>(lateMs + seconds * 1000);
		return { figures: { ...figures, othersShare: shareOfOthers(before, readProcessorTimes(), cpuUs) } };
	});
}
