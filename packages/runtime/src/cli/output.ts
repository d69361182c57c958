/** JSON as people read it on a terminal and programs read it in a pipe; octets as base64, big integers as text. */
export function formatValue(value: unknown, isPretty: boolean): string {
	const text = JSON.stringify(
		value,
		(_key, found: unknown) => {
			if (typeof found === "bigint") return found.toString();
			if (found instanceof Uint8Array) return Buffer.from(found).toString("base64");
			// A Buffer is asked for its JSON form before it comes here.
			if (isBufferJson(found)) return Buffer.from(found.data).toString("base64");
			return found;
		},
		isPretty ? 2 : undefined,
	);
	return text ?? "null";
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
	return (
		typeof value === "object" &&
		value !== null &&
		(value as { type?: unknown }).type === "Buffer" &&
		Array.isArray((value as { data?: unknown }).data)
	);
}
