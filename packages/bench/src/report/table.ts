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

/** `0 %`, `12 %`; of less than one in a hundred more digits, so that nothing lost is told from a little. */
export function formatPercent(share: number | undefined): string {
	if (share === undefined) return dash;
	return share === 0 ? "0 %" : `${formatNumber(share * 100)} %`;
}

/** `16 B`, `4 KiB`, `1 MiB`. */
export function formatBytes(bytes: number): string {
	for (const [size, unit] of [
		[1024 * 1024, "MiB"],
		[1024, "KiB"],
	] as const) {
		if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
	}
	return `${bytes} B`;
}
