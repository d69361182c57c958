/** Greets people. */
export interface Greeter {
	/** @idempotent */
	greet(name: string): Promise<string>;
}
