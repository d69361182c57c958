/** Columns of text as lines. */

export interface Column {
	readonly title: string;
	/** Numbers stand at the right. */
	readonly isNumber: boolean;
}

export const text = (title: string): Column => ({ title, isNumber: false });
export const number = (title: string): Column => ({ title, isNumber: true });

/** The titles' line first. */
export function layTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
	const lines = [columns.map(({ title }) => title), ...rows];
	const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
	return lines.map((line) =>
		line
			.map((cell, at) => (columns[at]!.isNumber ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
			.join("  ")
			.trimEnd(),
	);
}

/** What a peer calls itself, or its methods, must not move the cursor, nor turn the line around. */
export function plain(name: string): string {
	return name.replaceAll(/\p{C}/gu, "\u00b7");
}

/** `1,234.5`; large ones without what does not matter any more. */
export function formatRate(rate: number): string {
	return rate.toLocaleString("en-US", {
		minimumFractionDigits: rate < 100 ? 1 : 0,
		maximumFractionDigits: rate < 100 ? 1 : 0,
	});
}

export function formatCount(count: number): string {
	return count.toLocaleString("en-US");
}

/** `12s`, `5m 3s`, `2h 13m`, `4d 7h`. */
export function formatTime(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	if (seconds < 60) return `${seconds}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
	return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h`;
}

/** Unit: bytes. */
export function formatBytes(bytes: number): string {
	if (bytes < 1024) return `${bytes} B`;
	if (bytes < 1024 * 1024) return `${formatRate(bytes / 1024)} KiB`;
	return `${formatRate(bytes / 1024 / 1024)} MiB`;
}
