/** Everything but the report goes to standard error. */
const isTerminal = process.stderr.isTTY === true;
const eraseLine = "\r\u001b[2K";

export function note(text: string): void {
	process.stderr.write(`${isTerminal ? eraseLine : ""}bench: ${text}\n`);
}

/** One line that the next one replaces; nothing where nobody watches. */
export function showProgress(text: string): void {
	if (isTerminal) process.stderr.write(`${eraseLine}${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}

export function clearProgress(): void {
	showProgress("");
}
