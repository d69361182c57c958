/** `codec` as a picture: for each shape a bar for each contestant, to encode and to decode, in Homing's time. */
import type { CodecReport, CodecRow, ShapeReport } from "../scenarios/codec.js";
import { descriptions } from "../shapes.js";
import { formatNumber } from "./table.js";

const columns = 3;
const [width, barHeight, headHeight, margin] = [430, 15, 34, 16];
const [labelWidth, valueWidth] = [124, 46];
/** Longer bars end here: their number says how long they are. */
const mostTimes = 8;
const unit = (width - labelWidth - valueWidth) / mostTimes;
/** Encoding is the darker part. Those that check all that the interface says, types alone, or nothing. */
const colours = { all: ["#1f5c99", "#6fa8dc"], types: ["#5f7f3f", "#a9c98a"], none: ["#777777", "#bbbbbb"] } as const;

export function plotCodecReport({ shapes }: CodecReport): string {
	const rows = Array.from({ length: Math.ceil(shapes.length / columns) }, (_, row) =>
		shapes.slice(row * columns, (row + 1) * columns),
	);
	let y = margin;
	const panels: string[] = [];
	for (const row of rows) {
		panels.push(...row.map((shape, column) => panel(shape, margin + column * (width + margin), y)));
		y += headHeight + barHeight * Math.max(...row.map((shape) => shape.rows.length)) + margin;
	}
	const legend = Object.entries(colours).map(
		([checks, [dark, light]], index) =>
			`<g transform="translate(${margin + index * 260},${y})"><rect width="12" height="10" fill="${dark}"/><rect x="12" width="12" height="10" fill="${light}"/>${text(30, 9, `checks ${checks}: encode, decode`)}</g>`,
	);
	const size = `width="${margin + columns * (width + margin)}" height="${y + 26}"`;
	return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">\n<title>Codecs alone, shape by shape: the CPU of each contestant</title>\n<rect width="100%" height="100%" fill="white"/>\n${[...panels, ...legend].join("\n")}\n</svg>\n`;
}

function panel({ shape, rows }: ShapeReport, x: number, y: number): string {
	const homing = rows.find(({ name }) => name === "homing")?.median;
	const whole = homing === undefined ? Number.NaN : homing.encodeNs + homing.decodeNs;
	const bars = rows.flatMap((row, index) => bar(row, whole, headHeight + index * barHeight));
	const head = `${text(0, 11, shape, "bold")}\n${text(0, 25, descriptions[shape])}`;
	return `<g transform="translate(${x},${y})">\n${head}\n${bars.join("\n")}\n</g>`;
}

function bar({ name, median, checks }: CodecRow, whole: number, y: number): string[] {
	const label = text(0, y + 10, name);
	if (median === undefined || Number.isNaN(whole)) return [label];
	const [encode, decode] = [median.encodeNs / whole, median.decodeNs / whole];
	const scale = unit * Math.min(1, mostTimes / (encode + decode));
	const [dark, light] = colours[checks];
	const end = labelWidth + (encode + decode) * scale;
	return [
		label,
		`<rect x="${labelWidth}" y="${y}" width="${(encode * scale).toFixed(1)}" height="${barHeight - 3}" fill="${dark}"/>`,
		`<rect x="${(labelWidth + encode * scale).toFixed(1)}" y="${y}" width="${(decode * scale).toFixed(1)}" height="${barHeight - 3}" fill="${light}"/>`,
		text(end + 4, y + 10, `${formatNumber(encode + decode)}x`),
	];
}

function text(x: number, y: number, content: string, weight = "normal"): string {
	const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
	return `<text x="${x.toFixed(1)}" y="${y}" font-weight="${weight}">${escaped}</text>`;
}
