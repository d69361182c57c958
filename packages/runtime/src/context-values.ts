/** Names one value that a call may have, and its type. Made by `createContextKey`. */
export class ContextKey<T> {
	/** What `get` gives where nothing was set. */
	readonly defaultValue: T;

	constructor(defaultValue: T) {
		this.defaultValue = defaultValue;
	}
}

/** A key for one kind of value beside a call. Two keys are never the same, whatever their defaults. */
export function createContextKey<T>(defaultValue: T): ContextKey<T> {
	return new ContextKey(defaultValue);
}

/** What interceptors, and at a server the handler, tell each other about one call. Stays in this process. */
export class ContextValues {
	/** Most calls have none. */
	#values: Map<ContextKey<unknown>, unknown> | undefined;

	get<T>(key: ContextKey<T>): T {
		const values = this.#values;
		return values?.has(key as ContextKey<unknown>) ? (values.get(key as ContextKey<unknown>) as T) : key.defaultValue;
	}

	set<T>(key: ContextKey<T>, value: T): this {
		this.#values ??= new Map();
		this.#values.set(key as ContextKey<unknown>, value);
		return this;
	}
}
