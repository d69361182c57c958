/** Columns as wide as their widest cell: the first flush left, the others flush right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	return rows
		.map((row) =>
			row
				.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

export const dash = "-";

/** Three digits that matter, and no fewer than the whole number has: `0.123`, `12.3`, `1 234`. */
export function formatNumber(value: number | undefined): string {
	if (value === undefined || !Number.isFinite(value)) return dash;
	const size = Math.abs(value);
	if (size >= 100) return formatCount(Math.round(value));
	return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** A whole number: `1`, `1 234`. */
export function formatCount(value: number | undefined): string {
	return value === undefined
		? dash
		: Math.round(value)
				.toFixed(0)
				.replace(/\B(?=(\d{3})+$)/g, " ");
}

export function formatRatio(value: number | undefined): string {
	const text = formatNumber(value);
	return text === dash ? dash : `${text}x`;
}
