import { numericOption } from "../numeric-option.js";

/** How much of what many share one of them may hold at a time, so that nobody is left without. */
export class Shares {
	readonly #share: number;
	/** Of those who hold anything. */
	readonly #holdings = new Map<object, Holding>();
	/** Who was looked up last, for calls of one owner come in runs; with nothing, if it holds nothing any more. */
	#lastOwner: object | undefined;
	#last: Holding = nothing;
	/** By all of them together. */
	#total = 0;
	#limit = 1;

	/** `share`: the part of all that one may hold, above 0, at most 1. Throws on another. */
	constructor(share: number, total: number) {
		this.#share = assertShare(share);
		this.divide(total);
	}

	/** There is so much to share from now on. Who holds more than its part keeps it. */
	divide(total: number): void {
		this.#limit = partOf(total, this.#share);
	}

	/** Whether `owner` may take one more. `undefined`: whoever is not counted. */
	hasRoom(owner: object | undefined): boolean {
		// As long as all hold less than one may, nobody need be looked up.
		return owner === undefined || this.#total < this.#limit || this.#heldBy(owner) < this.#limit;
	}

	/** Whether `owner` holds more than its part. */
	isOver(owner: object | undefined): boolean {
		return owner !== undefined && this.#heldBy(owner) > this.#limit;
	}

	take(owner: object | undefined): void {
		if (owner === undefined) return;
		this.#total++;
		const holding = this.#of(owner);
		if (holding !== nothing) holding.count++;
		else this.#open(owner);
	}

	giveBack(owner: object | undefined): void {
		if (owner === undefined) return;
		const holding = this.#of(owner);
		if (holding === nothing) return;
		this.#total--;
		if (--holding.count === 0) this.#close(owner);
	}

	#heldBy(owner: object): number {
		return this.#of(owner).count;
	}

	#of(owner: object): Holding {
		if (owner !== this.#lastOwner) this.#lookUp(owner);
		return this.#last;
	}

	#lookUp(owner: object): void {
		this.#lastOwner = owner;
		this.#last = this.#holdings.get(owner) ?? nothing;
	}

	#open(owner: object): void {
		this.#last = { count: 1 };
		this.#holdings.set(owner, this.#last);
	}

	#close(owner: object): void {
		this.#holdings.delete(owner);
		this.#lastOwner = undefined;
		this.#last = nothing;
	}
}

interface Holding {
	count: number;
}

/** That of whoever holds nothing. Never changed. */
const nothing: Holding = { count: 0 };

/** Shares of a part of what is shared: what one holds of it counts in the whole too, and may be too much of either. */
export class PartShares extends Shares {
	readonly #whole: Shares;

	constructor(share: number, total: number, whole: Shares) {
		super(share, total);
		this.#whole = whole;
	}

	override hasRoom(owner: object | undefined): boolean {
		return super.hasRoom(owner) && this.#whole.hasRoom(owner);
	}

	override isOver(owner: object | undefined): boolean {
		return super.isOver(owner) || this.#whole.isOver(owner);
	}

	override take(owner: object | undefined): void {
		super.take(owner);
		this.#whole.take(owner);
	}

	override giveBack(owner: object | undefined): void {
		super.giveBack(owner);
		this.#whole.giveBack(owner);
	}
}

/** Default of `clientShare`: what is left is enough for the others to be served. */
export const defaultShare = 0.75;

/** One's part of a total: at least 1, and of less than four all. */
export function partOf(total: number, share: number): number {
	return Math.max(1, Math.ceil(total * share));
}

export function assertShare(share: number): number {
	return numericOption("clientShare", share, { above: 0, atMost: 1 });
}
