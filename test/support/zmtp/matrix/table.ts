import type { Side, Type } from "../side.js";
import { type Cell, type Column, columns } from "./cells.js";
import type { Outcomes } from "./run.js";

/** What a table says of the two meetings in one place: who bound, of the side that the row names first. */
type Mark = "✓" | "binds" | "connects" | "✗" | "";

/** A row: two types, the first one's side named in the table's head, and a mark for each column. */
type Row = readonly [one: Type, other: Type, ...marks: Mark[]];

const headOf = ({ place, mechanism, server }: Column) =>
	`${place.name} ${mechanism}${server === "connecter" ? "*" : ""}`;

function mark(cells: readonly (readonly [Cell, Error | undefined])[], first: Side): Mark {
	const bound = (isFirst: boolean) => cells.filter(([cell]) => ((cell.one === first) === cell.isOneBound) === isFirst);
	const isFilled = (isFirst: boolean) => bound(isFirst).every(([, error]) => error === undefined);
	if (cells.length === 0) return "";
	if (isFilled(true)) return isFilled(false) ? "✓" : "binds";
	return isFilled(false) ? "connects" : "✗";
}

/** The outcomes of all meetings of two sides, `first`'s type first. */
export function rowsOf(outcomes: Outcomes, first: Side, second: Side): Row[] {
	const groups = new Map<string, [Cell, Error | undefined][]>();
	for (const [cell, error] of outcomes) {
		if (!(cell.one === first && cell.other === second) && !(cell.one === second && cell.other === first)) continue;
		const [one, other] = cell.one === first ? [cell.pair.one, cell.pair.other] : [cell.pair.other, cell.pair.one];
		const group = groups.get(`${one} ${other}`) ?? [];
		groups.set(`${one} ${other}`, group);
		group.push([cell, error]);
	}
	return [...groups]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([types, cells]): Row => {
			const [one, other] = types.split(" ") as [Type, Type];
			return [
				one,
				other,
				...columns.map((column) =>
					mark(
						cells.filter(([cell]) => cell.column === column),
						first,
					),
				),
			];
		});
}

/** The rows as a table of Markdown, its columns in line, for people who read it as it is. */
export function tableOf(first: string, second: string, rows: readonly Row[]): string {
	const lines = [[first, second, ...columns.map(headOf)], ...rows];
	const widths = lines[0]!.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
	const print = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
	return [print(lines[0]!), print(widths.map((width) => "-".repeat(width))), ...rows.map(print)].join("\n");
}
