import type { IncomingMessage } from "../link/link.js";

/** A received message, borrowed as it is, but for one frame and for those that are left out at its end. */
export class ChangedMessage implements IncomingMessage {
	readonly count: number;
	readonly buffers: readonly Uint8Array[];
	readonly starts: readonly number[];
	readonly ends: readonly number[];

	/** `octets` stand in the place of frame `index`, `count` frames stay. */
	constructor(message: IncomingMessage, index: number, octets: Uint8Array, count = message.count) {
		this.count = count;
		this.buffers = message.buffers.slice(0, count).with(index, octets);
		this.starts = message.starts.slice(0, count).with(index, 0);
		this.ends = message.ends.slice(0, count).with(index, octets.length);
	}

	size(index: number): number {
		return this.ends[index]! - this.starts[index]!;
	}

	dataView(index: number): DataView {
		const { buffer, byteOffset, length } = this.buffers[index]!;
		return new DataView(buffer, byteOffset, length);
	}

	frame(index: number): Uint8Array {
		return this.buffers[index]!.subarray(this.starts[index]!, this.ends[index]!);
	}

	take(index: number): Uint8Array {
		return this.buffers[index]!.slice(this.starts[index]!, this.ends[index]!);
	}
}
