/** Arithmetic. */
export interface Calculator {
	/** @idempotent */
	add(a: number, b: number): Promise<number>;
}
