interface Row<Value> {
	readonly name: Uint8Array;
	readonly value: Value;
}

/**
 * Values by method name, looked up by the octets as they lie in a received header: no string is made. Only names that
 * were put in are ever compared with, so a peer can neither fill it nor find what every JavaScript object has.
 */
export class MethodTable<Value> {
	#rows: (Row<Value> | undefined)[] = new Array(16).fill(undefined);
	#size = 0;
	/** The row found last: calls of one method come in runs. */
	#last: Row<Value> | undefined;

	get size(): number {
		return this.#size;
	}

	/** Puts a value under a name, which is copied. False when the name is taken. */
	add(name: Uint8Array, value: Value): boolean {
		if (this.find(name, 0, name.length) !== undefined) return false;
		if (++this.#size * 2 > this.#rows.length) this.#grow();
		this.#place({ name: Uint8Array.from(name), value });
		return true;
	}

	clear(): void {
		this.#rows = new Array(16).fill(undefined);
		this.#size = 0;
		this.#last = undefined;
	}

	/** The value under the name from `start` to `end` of `buffer`. */
	find(buffer: Uint8Array, start: number, end: number): Value | undefined {
		const last = this.#last;
		if (last !== undefined && isSame(last.name, buffer, start, end)) return last.value;
		const rows = this.#rows;
		const mask = rows.length - 1;
		for (let at = hash(buffer, start, end) & mask; ; at = (at + 1) & mask) {
			const row = rows[at];
			if (row === undefined) return undefined;
			if (isSame(row.name, buffer, start, end)) {
				this.#last = row;
				return row.value;
			}
		}
	}

	#place(row: Row<Value>): void {
		const mask = this.#rows.length - 1;
		let at = hash(row.name, 0, row.name.length) & mask;
		while (this.#rows[at] !== undefined) at = (at + 1) & mask;
		this.#rows[at] = row;
	}

	#grow(): void {
		const rows = this.#rows;
		this.#rows = new Array(rows.length * 2).fill(undefined);
		for (const row of rows) if (row !== undefined) this.#place(row);
	}
}

function isSame(name: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean {
	const { length } = name;
	if (length !== end - start) return false;
	for (let i = 0; i < length; i++) if (name[i] !== buffer[start + i]) return false;
	return true;
}

/** FNV-1a. */
function hash(buffer: Uint8Array, start: number, end: number): number {
	let value = 0x811c9dc5;
	for (let i = start; i < end; i++) value = Math.imul(value ^ buffer[i]!, 0x01000193);
	return value ^ (value >>> 15);
}
