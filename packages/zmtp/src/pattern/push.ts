import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { RoundRobin } from "./round-robin.js";

/** RFC 30, The PUSH Socket Type: round robin out; what a peer sends it is discarded. */
export class PushPattern implements ApplicationPattern {
	readonly needsPeer = false;
	readonly canReceive = false;
	readonly #outgoing = new RoundRobin();

	get canSend(): boolean {
		return this.#outgoing.peek() !== undefined;
	}

	attach(pipe: Pipe): undefined {
		this.#outgoing.add(pipe);
	}

	detach(pipe: Pipe): void {
		this.#outgoing.remove(pipe);
	}

	onWritable(pipe: Pipe): void {
		this.#outgoing.reopen(pipe);
	}

	deliver(): void {}

	send(frames: Frames): boolean {
		const pipe = this.#outgoing.next();
		if (pipe === undefined) return false;
		sendFrames(pipe, frames);
		return true;
	}

	receive(): undefined {}
}
