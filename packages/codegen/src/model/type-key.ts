/** Equal for types of which values are equal: documentation is left out. */
export function typeKey(type: unknown): string {
	const key = JSON.stringify(type);
	return key.includes('"doc":') ? JSON.stringify(type, withoutDoc) : key;
}

/** Keys are the model's own: names of users' are values. */
export function withoutDoc(key: string, value: unknown): unknown {
	return key === "doc" ? undefined : value;
}
