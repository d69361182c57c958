import { readStreamMessage } from "../workload.js";
import type { Counter } from "./phases.js";

/** Counts the messages of a stream, and those that were skipped. */
export class StreamMeter implements Counter {
	isOver = false;
	readonly #bytes: number;
	#messages = 0;
	#lost = 0;
	#next = 0;

	/** `bytes`: what each message has. */
	constructor(bytes: number) {
		this.#bytes = bytes;
	}

	received(message: Buffer): void {
		const number = readStreamMessage(message, this.#bytes);
		if (number < this.#next) throw new Error(`message ${number} after ${this.#next - 1}`);
		this.#lost += number - this.#next;
		this.#next = number + 1;
		this.#messages++;
	}

	reset(): void {
		this.#messages = 0;
		this.#lost = 0;
	}

	read(): { readonly messages: number; readonly lost: number } {
		return { messages: this.#messages, lost: this.#lost };
	}

	conclude(): object {
		return {};
	}
}
