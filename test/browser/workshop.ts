import { ServiceError } from "@homing/runtime";

/** What of calls there is for a page to try. */
export interface Workshop {
	/** The same again. @idempotent */
	mirror(parcel: Parcel): Promise<Parcel>;
	/** @throws {SoldOut} */
	take(item: string, count: number): Promise<number>;
	/** Counts from 0 on, for ever. */
	count(): AsyncIterable<number>;
	/** @returns the sum of what came */
	sum(numbers: AsyncIterable<number>): Promise<number>;
	/** Has each question answered, and tells how many are done. */
	ask(
		questions: string[],
		answer: (question: string) => Promise<string>,
		onDone: (count: number) => void,
	): Promise<string[]>;
	/** Never answers. */
	wait(): Promise<void>;
	note(text: string): void;
	/** The name in the metadata. @idempotent */
	caller(): Promise<string>;
}

export interface Parcel {
	at: Date;
	bytes: Uint8Array;
	large: bigint;
	amounts: Map<string, number>;
	tags: Set<string>;
	note?: string;
}

/** There are fewer than were asked for. */
export class SoldOut extends ServiceError<{ left: number }> {}
