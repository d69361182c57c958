import { platform } from "#platform";
import { maxRunBytes, maxRunItemBytes, maxRunItems } from "../limits.js";
import type { Codec } from "../protocol/codec.js";
import { itemHeadBytes, writeItemSize } from "../protocol/item-run.js";

/** Who sends what a run is made of. */
export interface RunSender {
	/** Sends an item by itself; returns the size of its body. Throws, with nothing sent, when it cannot be. */
	sendItem(item: unknown): number;
	/** Sends `count` items that lie in `run`, from its beginning to `end`, each behind its size. Copied. Must not throw. */
	sendRun(run: Uint8Array, end: number, count: number): void;
}

/** Memory of runs that have been sent; a stream has some only while items of its wait. */
const spare: Uint8Array[] = [];
const maxSpare = 64;

/**
 * Small items of one stream that are made without a pause, and go together: what a message costs, whoever is on the way, is then paid once for
 * all of them. None waits for another: what is there when whoever makes them pauses is sent before anything else happens in the process.
 */
export class ItemRun {
	readonly #sender: RunSender;
	readonly #codec: Codec<unknown>;
	readonly #maxBytes: number;
	#buffer: Uint8Array | undefined;
	#end = 0;
	#count = 0;
	#isScheduled = false;
	/** The last item was too large. It is likely that the next one is: it is not encoded in vain. */
	#isLarge = false;

	constructor(sender: RunSender, codec: Codec<unknown>, maxFrameBytes: number) {
		this.#sender = sender;
		this.#codec = codec;
		this.#maxBytes = Math.min(maxRunBytes, maxFrameBytes);
	}

	/** Sends an item, at once or with those that follow; returns the size of its body. Throws as `sendItem`; those before it are sent then too. */
	add(item: unknown): number {
		const size = this.#isLarge ? -1 : this.#append(item);
		if (size !== -1) return size;
		this.flush();
		const sent = this.#sender.sendItem(item);
		this.#isLarge = sent > maxRunItemBytes;
		return sent;
	}

	/** Sends what waits. */
	flush(): void {
		const [buffer, end, count] = [this.#buffer, this.#end, this.#count];
		if (buffer === undefined || count === 0) return;
		this.#buffer = undefined;
		this.#end = 0;
		this.#count = 0;
		this.#sender.sendRun(buffer, end, count);
		if (spare.length < maxSpare) spare.push(buffer);
	}

	/** Returns the size of the item's body; -1: it has to go by itself. */
	#append(item: unknown): number {
		let size = this.#encode(item);
		if (size === -1 && this.#count > 0) {
			// Perhaps there was too little left.
			this.flush();
			size = this.#encode(item);
		}
		if (size === -1) return -1;
		const start = this.#end;
		writeItemSize(this.#buffer!, start, size);
		this.#end = start + itemHeadBytes + size;
		if (++this.#count === maxRunItems) this.flush();
		else this.#schedule();
		return size;
	}

	#encode(item: unknown): number {
		this.#buffer ??= spare.pop() ?? platform.allocate(maxRunBytes);
		const start = this.#end + itemHeadBytes;
		const end = this.#codec.encode(this.#buffer, start, item);
		return end - start > maxRunItemBytes || end > this.#maxBytes ? -1 : end - start;
	}

	/** Behind all that is done before whoever makes the items waits for something outside. */
	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		platform.afterThisTurn(() => {
			this.#isScheduled = false;
			this.flush();
		});
	}
}
