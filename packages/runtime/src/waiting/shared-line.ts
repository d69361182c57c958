import { PartShares, Shares } from "./shares.js";
import { type Waiter, WaitingLine, type WaitingRoom } from "./waiting-line.js";

/**
 * A waiting line for a number of places of which everybody has a share. Who holds its share already is passed over: its calls step
 * aside until it holds less. Otherwise as any line: the most urgent first, the oldest among equals.
 *
 * Rule of this file: whoever waits and has room has its next call in `#line`. A call steps aside when it is met there by
 * somebody who looks for the next, so nothing costs more than a few steps in a heap for each call.
 */
export class SharedLine<Call extends Waiter> {
	readonly #room: WaitingRoom;
	readonly #line: WaitingLine<Call>;
	readonly #aside = new Map<object, WaitingLine<Call>>();
	readonly #shares: Shares;
	/** Lines for some of the places, and the one for all of them; `undefined` where there is one line only. */
	#kin: Set<SharedLine<Call>> | undefined;

	/**
	 * `places`: how many there are to share; see `Shares`. `whole`: the line for all places, if this one is for some of them; a share is one
	 * of these, and of all.
	 */
	constructor(room: WaitingRoom, share: number, places: number, whole?: SharedLine<Call>) {
		this.#room = room;
		this.#line = new WaitingLine(room);
		this.#shares = whole === undefined ? new Shares(share, places) : new PartShares(share, places, whole.#shares);
		if (whole === undefined) return;
		whole.#kin ??= new Set([whole]);
		this.#kin = whole.#kin.add(this);
	}

	/** The line is no longer for places of another. Nobody may wait in it. */
	detach(): void {
		this.#kin?.delete(this);
	}

	get length(): number {
		return this.#line.length + this.setAside;
	}

	/** Those that have stepped aside. */
	get setAside(): number {
		let calls = 0;
		for (const aside of this.#aside.values()) calls += aside.length;
		return calls;
	}

	/** There are so many places from now on. */
	divide(places: number): void {
		this.#shares.divide(places);
		for (const line of this.#kin ?? [this]) for (const owner of [...line.#aside.keys()]) line.#recall(owner);
	}

	/** Whether a call of `owner` may have a place now, without a line. */
	isFreeFor(owner: object | undefined): boolean {
		return this.peek() === undefined && this.#shares.hasRoom(owner);
	}

	/** Whether `owner` holds more places than its share. */
	isOver(owner: object | undefined): boolean {
		return this.#shares.isOver(owner);
	}

	/** Takes the call in, whether there is room or not: who asks first decides. */
	add(call: Call): void {
		if (this.#shares.hasRoom(call.owner)) this.#line.add(call);
		else this.#setAside(call.owner!, call);
	}

	/** Takes the call out, if it is in. */
	remove(call: Call): boolean {
		if (this.#line.remove(call)) {
			this.#recall(call.owner);
			return true;
		}
		const aside = call.owner === undefined ? undefined : this.#aside.get(call.owner);
		if (aside?.remove(call) !== true) return false;
		if (aside.length === 0) this.#aside.delete(call.owner!);
		return true;
	}

	/** The next call that may have a place, which stays in line. */
	peek(): Call | undefined {
		for (let call = this.#line.peek(); call !== undefined; call = this.#line.peek()) {
			if (this.#shares.hasRoom(call.owner)) return call;
			this.#line.remove(call);
			this.#setAside(call.owner!, call);
		}
		return undefined;
	}

	/** A call of `owner` has a place now, whether it was in line or not. */
	take(owner: object | undefined): void {
		this.#shares.take(owner);
	}

	/** A call of `owner` has left its place. */
	giveBack(owner: object | undefined): void {
		this.#shares.giveBack(owner);
		if (this.#kin === undefined) this.#recall(owner);
		else for (const line of this.#kin) line.#recall(owner);
	}

	*[Symbol.iterator](): Generator<Call> {
		yield* this.#line;
		for (const aside of this.#aside.values()) yield* aside;
	}

	#setAside(owner: object, call: Call): void {
		let aside = this.#aside.get(owner);
		if (aside === undefined) {
			aside = new WaitingLine(this.#room);
			this.#aside.set(owner, aside);
		}
		aside.add(call);
	}

	/** The next of those of `owner` that stepped aside is in line again, if it has room. */
	#recall(owner: object | undefined): void {
		if (this.#aside.size === 0) return;
		const aside = owner === undefined ? undefined : this.#aside.get(owner);
		const next = aside?.peek();
		if (aside === undefined || next === undefined || !this.#shares.hasRoom(owner)) return;
		this.remove(next);
		this.#line.add(next);
	}
}
