/** A view as lines that fit. Pure. */
import { bold } from "../colours.js";
import type { View } from "./view.js";

export interface Size {
	/** Characters in a line. */
	readonly width: number;
	/** Lines. */
	readonly height: number;
}

export const boundless: Size = { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY };

export interface Line {
	readonly text: string;
	readonly isTitle: boolean;
}

/** `head` is broken where it may be, tables are shortened, the longest first. Nothing is shortened to less than one row: what is left over is the screen's to cut. */
export function fit(head: readonly (readonly string[])[], view: View | undefined, { width, height }: Size): Line[] {
	const { summary, tables } = view ?? { summary: [], tables: [] };
	const above = [...head, ...summary].flatMap((parts) => breakUp(parts, width)).map(ordinary);
	const shown = tables.map((table) => table.length);
	const isCut = (at: number) => shown[at]! < tables[at]!.length;
	const used = () => shown.reduce((sum, rows, at) => sum + 1 + rows + (isCut(at) ? 1 : 0), above.length);
	while (used() > height) {
		const longest = shown.indexOf(Math.max(...shown));
		if (shown[longest]! <= 2) break;
		shown[longest]!--;
	}
	const below = tables.flatMap(([title, ...rows], at) => [
		ordinary(""),
		{ text: title!, isTitle: true },
		...rows.slice(0, shown[at]! - 1).map(ordinary),
		...(isCut(at) ? [ordinary(`... and ${tables[at]!.length - shown[at]!} more`)] : []),
	]);
	return [...above, ...below];
}

export function show({ text, isTitle }: Line): string {
	return isTitle ? bold(text) : text;
}

function ordinary(text: string): Line {
	return { text, isTitle: false };
}

function breakUp(parts: readonly string[], width: number): string[] {
	const lines: string[] = [];
	for (const part of parts) {
		const last = lines.at(-1);
		const longer = `${last}   ${part}`;
		if (last === undefined || longer.length > width) lines.push(part);
		else lines[lines.length - 1] = longer;
	}
	return lines;
}
