import type { IncomingMessage } from "../link/link.js";
import { sizeOfBody, takeFrames } from "../protocol/body-reader.js";
import { type Codec, surprises } from "../protocol/codec.js";
import { isRun, itemHeadBytes, readItemSize } from "../protocol/item-run.js";
import type { Inflow } from "./inflow.js";
import type { Intake } from "./window.js";

/** What its sender did wrong, as the end of a sentence about it, or why the item is no value of the stream's. */
export type Fault = string | Error;

export const beyondCredit = "sent more than it had credit for";

/** Items of a stream on their way in: credit for each is looked at, then the item is read, and left to whoever reads the stream. */
export class Arrivals {
	readonly #codec: Codec<unknown>;
	readonly #intake: Intake;
	readonly #inflow: Inflow<unknown>;
	readonly #onSurprise: () => void;

	/** `onSurprise`: an item was good, and other than its compiled codec expects it. */
	constructor(codec: Codec<unknown>, intake: Intake, inflow: Inflow<unknown>, onSurprise: () => void) {
		this.#codec = codec;
		this.#intake = intake;
		this.#inflow = inflow;
		this.#onSurprise = onSurprise;
	}

	/** Takes an ITEM whose body begins with frame `body`. */
	takeItem(message: IncomingMessage, body: number): Fault | undefined {
		return this.#take(message, body, message.starts[body]!, message.ends[body]!, sizeOfBody(message, body));
	}

	/** Takes ITEMS, each as if it had come alone. When their sizes do not add up none is taken. */
	takeItems(message: IncomingMessage, body: number): Fault | undefined {
		const buffer = message.buffers[body]!;
		const end = message.ends[body]!;
		let at = message.starts[body]!;
		if (message.count !== body + 1 || !isRun(buffer, at, end)) return "sent items together whose sizes do not add up";
		while (at < end) {
			const start = at + itemHeadBytes;
			const size = readItemSize(buffer, at);
			at = start + size;
			const fault = this.#take(message, body, start, at, size);
			if (fault !== undefined) return fault;
		}
		return undefined;
	}

	/** The item that lies from `start` to `end` in frame `body`, and in the frames behind it. */
	#take(message: IncomingMessage, body: number, start: number, end: number, size: number): Fault | undefined {
		if (!this.#intake.arrived(size)) return beyondCredit;
		const before = surprises.count;
		try {
			const frames = message.count === body + 1 ? undefined : takeFrames(message, body + 1);
			this.#inflow.push(this.#codec.decode(message.buffers[body]!, start, end, frames), size);
		} catch (error) {
			return error as Error;
		}
		if (surprises.count !== before) this.#onSurprise();
		return undefined;
	}
}
