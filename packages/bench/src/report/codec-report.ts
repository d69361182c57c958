import { generalCodec } from "../contestants/codecs.js";
import type { CodecReport, CodecRow, ShapeReport } from "../scenarios/codec.js";
import { descriptions } from "../shapes.js";
import { formatClosing } from "./closing.js";
import { dash, formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

export function formatCodecReport(report: CodecReport): string {
	const { seconds, rounds } = report.settings;
	const title = `codec: how many times the CPU of Homing's compiled codecs the others take, to encode and to decode; ${rounds} x ${seconds} s, medians`;
	return [title, formatSummary(report.shapes), ...report.shapes.map(formatShape), formatClosing(report)].join("\n\n");
}

/** Against the general codec, and against the fastest of the others that check anything. */
function formatSummary(shapes: readonly ShapeReport[]): string {
	const head = ["", `encode: ${generalCodec}`, "decode", "encode: the fastest that checks", "decode"];
	const rows = shapes.map(({ shape, rows }) => {
		const general = rows.find(({ name }) => name === generalCodec);
		const fastest = (part: "encode" | "decode") => {
			const others = rows.filter(({ checks, ofHoming }) => checks !== "none" && (ofHoming[part] ?? 1) !== 1);
			const [first] = others.toSorted((a, b) => a.ofHoming[part]! - b.ofHoming[part]!);
			return first === undefined ? dash : `${first.name} ${formatRatio(first.ofHoming[part])}`;
		};
		return [
			shape,
			formatRatio(general?.ofHoming.encode),
			formatRatio(general?.ofHoming.decode),
			fastest("encode"),
			fastest("decode"),
		];
	});
	return formatTable([head, ...rows]);
}

function formatShape({ shape, rows }: ShapeReport): string {
	const head = [shape, "encode", "decode", "encode ns", "decode ns", "octets", "checks"];
	const row = ({ name, checks, ofHoming, median }: CodecRow) => [
		name,
		formatRatio(ofHoming.encode),
		formatRatio(ofHoming.decode),
		formatNumber(median?.encodeNs),
		formatNumber(median?.decodeNs),
		formatCount(median?.octets),
		checks,
	];
	return [`${shape}: ${descriptions[shape]}`, formatTable([head, ...rows.map(row)])].join("\n");
}
