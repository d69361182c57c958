import type * as z from "zod";

/** A value that whatever a function starts, now and later, can look up. */
export interface Storage<T> {
	run<Result>(value: T, start: () => Result): Result;
	getStore(): T | undefined;
}

/** Reads texts beyond ASCII faster than the host does. For one body at a time. */
export interface WideTexts {
	/**
	 * Octets `start` to `end` as text. `undefined`: they are no UTF-8, or more than it takes. Those up to `ahead` may be copied
	 * along: they must not change before `release`.
	 */
	read(octets: Uint8Array, start: number, end: number, ahead: number): string | undefined;
	/** Forgets the octets. */
	release(): void;
}

/**
 * What differs between the hosts that clients run in. `#platform` is the one of the host at hand: the `imports` of
 * package.json choose it, as its `exports` choose the entry.
 */
export interface Platform {
	/** Text as UTF-8. Owned by the caller. */
	encodeText(text: string): Uint8Array;
	/** Octets `start` to `end` as text; what is no UTF-8 becomes U+FFFD. */
	decodeText(octets: Uint8Array, start: number, end: number): string;
	/** Octets of a text as UTF-8; half a pair counts as U+FFFD. */
	textBytes(text: string): number;
	/** Writes a text as UTF-8 where it has the room it needs. Answers how many octets it took. */
	writeText(to: Uint8Array, start: number, end: number, text: string): number;
	encodeBase64url(octets: Uint8Array): string;
	/** Throws, or leaves out what it does not know, when the text is none. */
	decodeBase64url(text: string): Uint8Array;
	/** Memory of undefined content, shared with nothing else. Owned by the caller. */
	allocate(size: number): Uint8Array;
	/** A schema that says the same, faster where that is worth its size. */
	compileSchema<T>(schema: z.ZodType<T>): z.ZodType<T>;
	/** Runs `then` behind the code that runs now and, as far as the host allows, all promise reactions that follow from it. */
	afterThisTurn(then: () => void): void;
	/** Where the host is slow at texts beyond ASCII. `undefined`: it turns out not to be, or nothing can be done about it. */
	readonly createWideTexts?: () => WideTexts | undefined;
	/** Where the host can follow what a function starts. */
	readonly createStorage?: <T>() => Storage<T>;
}
