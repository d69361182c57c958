import type { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import { defaultLimits, type Limits } from "../../../packages/zmtp/src/limits.js";
import { FrameReader, type FrameSink } from "../../../packages/zmtp/src/wire/frame-reader.js";
import type { Message } from "../../../packages/zmtp/src/wire/message.js";
import { hexOf } from "./frames.js";

/** A frame reader that writes down what it delivers: messages as `hex,hex`, commands as `command hex`. */
export class RecordingSink implements FrameSink {
	readonly events: string[] = [];
	readonly reader: FrameReader;
	afterMessage: () => void = () => {};

	constructor(limits: Partial<Limits> = {}) {
		this.reader = new FrameReader(this, { ...defaultLimits, ...limits });
		this.reader.acceptsMessages = true;
	}

	/** Stops at the first error, as a connection does, and returns it. */
	push(chunks: readonly Uint8Array[]): ZmtpError | undefined {
		for (const chunk of chunks) {
			const error = this.reader.push(chunk);
			if (error !== undefined) return error;
		}
		return undefined;
	}

	onMessage(message: Message): void {
		this.events.push(hexOf(message).join(","));
		this.afterMessage();
	}

	onCommand(buffer: Uint8Array, start: number, end: number): void {
		this.events.push(`command ${Buffer.from(buffer.subarray(start, end)).toString("hex")}`);
	}
}
