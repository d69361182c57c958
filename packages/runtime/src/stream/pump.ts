import type { Outflow } from "./window.js";

/** Where a pump's items go. */
export interface Drain<T> {
	readonly outflow: Outflow;
	/** Nobody wants the items any more. */
	readonly isOver: boolean;
	/** Set by the pump; to be called when `isOver` becomes true. */
	onOver: (() => void) | undefined;
	/** `undefined`: another item may be handed over now; else a promise of the moment when to look again. */
	hold(): Promise<void> | undefined;
	/** Sends an item; returns the size of its body. Throws when it cannot be sent. */
	send(item: T): number;
}

/**
 * Takes values out of an iterable as they are wanted, and sends them. Resolves to true behind the last one, to false when
 * nobody wanted more: the iterable has then been told, and has run its `finally`. Rejects with what it throws, or with what
 * the drain threw at one of its values, after which it has been told too.
 */
export async function pump<T>(source: AsyncIterable<T> | Iterable<T>, drain: Drain<T>): Promise<boolean> {
	const iterator = iteratorOf(source);
	let ending: Promise<void> | undefined;
	const end = () => {
		ending ??= endOf(iterator);
		return ending;
	};
	const { outflow } = drain;
	// At once, for an iterator whose next() waits for something; a generator hears of it when it gets there.
	drain.onOver = () => {
		outflow.stop();
		end().catch(() => {});
	};
	try {
		while (!drain.isOver) {
			if (!outflow.isOpen) await outflow.opened();
			for (let held = drain.hold(); held !== undefined && !drain.isOver; held = drain.hold()) await held;
			if (drain.isOver) break;
			const step = iterator.next();
			const { value, done } = isPromise(step) ? await step : step;
			if (done === true) return !drain.isOver;
			if (drain.isOver) continue;
			const failed = handOver(value, drain, end);
			if (failed !== undefined) await failed;
		}
		await end();
		return false;
	} finally {
		drain.onOver = undefined;
	}
}

function handOver<T>(value: T, drain: Drain<T>, end: () => Promise<void>): Promise<void> | undefined {
	try {
		drain.outflow.assertOpen();
		drain.outflow.sent(drain.send(value));
		return undefined;
	} catch (error) {
		return end().then(
			() => Promise.reject(error),
			() => Promise.reject(error),
		);
	}
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
	return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

async function endOf<T>(iterator: AsyncIterator<T> | Iterator<T>): Promise<void> {
	await iterator.return?.();
}

function isPromise<T>(step: T | Promise<T>): step is Promise<T> {
	return typeof (step as { then?: unknown }).then === "function";
}
