/** The user asked for something that cannot be: told in one line, without a stack. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** By name: it may come from another copy of this module. */
export function isUsageError(error: unknown): error is UsageError {
	return error instanceof Error && error.name === "UsageError";
}
