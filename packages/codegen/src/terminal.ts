/** What a process gives its program; tests give something else. */
export interface Terminal {
	readonly cwd: string;
	readonly isColoured: boolean;
	out(text: string): void;
	error(text: string): void;
	/** Ends a command that would go on for ever. */
	readonly signal: AbortSignal;
}
