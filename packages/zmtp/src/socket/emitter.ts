type Listener<Event> = (event: Event) => void;

interface Entry {
	readonly listener: Listener<never>;
	readonly isOnce: boolean;
}

/**
 * Typed events, each with one value. It has every method of Node's `EventEmitter`, so `events.once` and all that takes one
 * take it too, and needs no Node.
 */
export class Emitter<Events extends object> {
	/** The arrays are replaced, never changed: an `emit` under way is not disturbed by what its listeners do. */
	readonly #entries = new Map<keyof Events, readonly Entry[]>();

	on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.#set(name, [...this.#get(name), { listener, isOnce: false }]);
	}

	once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.#set(name, [...this.#get(name), { listener, isOnce: true }]);
	}

	prependListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.#set(name, [{ listener, isOnce: false }, ...this.#get(name)]);
	}

	prependOnceListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.#set(name, [{ listener, isOnce: true }, ...this.#get(name)]);
	}

	/** Removes the listener, once: the time it was added last. */
	off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		const entry = this.#get(name).findLast((other) => other.listener === listener);
		return entry === undefined ? this : this.#remove(name, entry);
	}

	addListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.on(name, listener);
	}

	removeListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
		return this.off(name, listener);
	}

	removeAllListeners(name?: keyof Events): this {
		if (name !== undefined) return this.#set(name, []);
		this.#entries.clear();
		this.onListenersChanged();
		return this;
	}

	/** Calls the listeners in the order they were added. Returns whether there was one. Throws what they throw. */
	emit<Name extends keyof Events>(name: Name, event: Events[Name]): boolean {
		const entries = this.#get(name);
		for (const entry of entries) {
			if (entry.isOnce) this.#remove(name, entry);
			(entry.listener as Listener<Events[Name]>)(event);
		}
		return entries.length > 0;
	}

	eventNames(): (keyof Events)[] {
		return [...this.#entries.keys()];
	}

	listenerCount(name: keyof Events): number {
		return this.#get(name).length;
	}

	listeners<Name extends keyof Events>(name: Name): Listener<Events[Name]>[] {
		return this.#get(name).map(({ listener }) => listener as Listener<Events[Name]>);
	}

	rawListeners<Name extends keyof Events>(name: Name): Listener<Events[Name]>[] {
		return this.listeners(name);
	}

	/** There is no limit to warn of. */
	getMaxListeners(): number {
		return Number.POSITIVE_INFINITY;
	}

	setMaxListeners(_count: number): this {
		return this;
	}

	#get(name: keyof Events): readonly Entry[] {
		return this.#entries.get(name) ?? [];
	}

	#set(name: keyof Events, entries: readonly Entry[]): this {
		if (entries.length === 0) this.#entries.delete(name);
		else this.#entries.set(name, entries);
		this.onListenersChanged();
		return this;
	}

	/** A listener was added or removed. */
	protected onListenersChanged(): void {}

	#remove(name: keyof Events, entry: Entry): this {
		return this.#set(
			name,
			this.#get(name).filter((other) => other !== entry),
		);
	}
}
