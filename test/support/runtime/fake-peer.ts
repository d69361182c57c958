import type { LinkPeer, MessageWriter } from "../../../packages/runtime/src/link/link.js";

/** A peer without a wire: what is sent to it lies in `sent`, message by message. */
export class FakePeer implements LinkPeer {
	readonly sent: Buffer[][] = [];
	readonly address = "fake";
	isWritable = true;
	queuedBytes = 0;
	committed = 0;
	flushed = 0;
	context: unknown = undefined;
	isPaused = false;
	isClosed = false;
	readonly #writer = new RecordingWriter();

	begin(): MessageWriter {
		this.#writer.frames = [];
		return this.#writer;
	}

	commit(): void {
		this.committed++;
		this.sent.push(this.#writer.frames);
	}

	rollback(): void {
		this.#writer.frames = [];
	}

	/** What was committed so far has left. */
	flush(): void {
		this.flushed = this.committed;
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
	}

	close(): void {
		this.isClosed = true;
	}
}

/** Keeps to the writer's contract: memory of a given size that grows only on `reserve`. */
export class RecordingWriter implements MessageWriter {
	frames: Buffer[] = [];
	buffer: Buffer = Buffer.alloc(64);
	readonly end = 0;

	frame(body: Uint8Array): void {
		this.frames.push(Buffer.from(body));
	}

	frameOf(source: Uint8Array, start: number, end: number): void {
		this.frames.push(Buffer.from(source.subarray(start, end)));
	}

	emptyFrame(): void {
		this.frames.push(Buffer.alloc(0));
	}

	reserve(size: number): void {
		if (this.buffer.length < size) this.buffer = Buffer.alloc(size);
	}

	openFrame(): number {
		return 2;
	}

	closeFrame(bodyEnd: number): void {
		this.frames.push(Buffer.from(this.buffer.subarray(2, bodyEnd)));
	}
}
