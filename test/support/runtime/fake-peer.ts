import type { LinkPeer, MessageWriter } from "../../../packages/runtime/src/link/link.js";

/** A peer without a wire: what is sent to it lies in `sent`, message by message. */
export class FakePeer implements LinkPeer {
	readonly sent: Buffer[][] = [];
	readonly address = "fake";
	isWritable = true;
	queuedBytes = 0;
	committed = 0;
	flushed = 0;
	receivedAt = performance.now();
	context: unknown = undefined;
	isPaused = false;
	isClosed = false;
	readonly #writer = new RecordingWriter();

	begin(): MessageWriter {
		this.#writer.clear();
		return this.#writer;
	}

	commit(): void {
		this.committed++;
		this.sent.push(this.#writer.frames);
	}

	rollback(): void {
		this.#writer.clear();
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

/** Keeps to the writer's contract: frames lie in memory that changes whenever room is made. */
export class RecordingWriter implements MessageWriter {
	buffer: Buffer = Buffer.alloc(64);
	end = 0;
	#ranges: (readonly [start: number, end: number])[] = [];

	/** Copies of the frames so far. */
	get frames(): Buffer[] {
		return this.#ranges.map(([start, end]) => Buffer.from(this.buffer.subarray(start, end)));
	}

	clear(): void {
		this.#ranges = [];
		this.end = 0;
	}

	frame(body: Uint8Array): void {
		this.frameOf(body, 0, body.length);
	}

	frameOf(source: Uint8Array, start: number, end: number): void {
		this.reserve(end - start);
		this.buffer.set(source.subarray(start, end), this.end);
		this.#ranges.push([this.end, this.end + end - start]);
		this.end += end - start;
	}

	emptyFrame(): void {
		this.#ranges.push([this.end, this.end]);
	}

	shortFrames(source: DataView, start: number, end: number): number {
		const at = this.end;
		this.reserve(end - start);
		this.buffer.set(new Uint8Array(source.buffer, source.byteOffset + start, end - start), at);
		const framesEnd = at + end - start;
		while (this.end < framesEnd) this.closeFrame(this.end + 2 + this.buffer[this.end + 1]!);
		return at;
	}

	reserve(size: number): void {
		if (this.buffer.length - this.end >= size) return;
		const larger = Buffer.alloc(this.end + size);
		this.buffer.copy(larger);
		this.buffer = larger;
	}

	openFrame(): number {
		this.reserve(2);
		return this.end + 2;
	}

	closeFrame(bodyEnd: number): void {
		this.#ranges.push([this.end + 2, bodyEnd]);
		this.end = bodyEnd;
	}
}
