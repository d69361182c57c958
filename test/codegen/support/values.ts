/** Compares values that have been on the wire with what they were. */

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * What is the same on the wire is the same here: there is one zero, octets are octets whatever their class, and a property
 * that is `undefined` is left out.
 */
export function plain(value: unknown): unknown {
	if (value === 0) return 0;
	if (value instanceof Uint8Array) return [...value];
	if (Array.isArray(value)) return value.map(plain);
	if (value instanceof Set) return [...value].map(plain);
	if (value instanceof Map) return [...value].map(plain);
	if (!isObject(value)) return value;
	const there = Object.entries(value).filter(([, one]) => one !== undefined);
	return Object.fromEntries(there.map(([key, one]) => [key, plain(one)]));
}
