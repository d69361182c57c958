/**
 * A carrier inside the process: no socket, no timer, nothing that keeps a process from ending or has to be closed. What is
 * committed arrives in a later microtask, so that a program's own clock, real or not, has no part in it.
 */
import {
	type Carrier,
	frameHeadBytes,
	homingProperty,
	type IncomingMessage,
	type Link,
	type LinkHandler,
	type LinkPeer,
	type MessageWriter,
	octetsProperty,
} from "./link.js";

/** Octets one end may have unread before the other's writes should wait. Unit: bytes. */
const capacityBytes = 1024 * 1024;

/** A message's first memory; what does not fit gets twice as much. Unit: bytes. */
const firstBytes = 256;

const version = Uint8Array.of(0x31);
const properties = new Map([homingProperty, octetsProperty].map((name) => [name.toLowerCase(), version]));
const description = { properties, userId: "" };

/** Opens links that reach each other, by the endpoints that one of them has bound before, and nobody else. */
export function memoryLinks(): Carrier {
	const bound = new Map<string, MemoryLink>();
	return (_type, handler) => new MemoryLink(handler, bound);
}

class MemoryLink implements Link {
	readonly handler: LinkHandler;
	readonly #bound: Map<string, MemoryLink>;
	readonly #peers = new Set<MemoryPeer>();

	constructor(handler: LinkHandler, bound: Map<string, MemoryLink>) {
		this.handler = handler;
		this.#bound = bound;
	}

	async bind(endpoint: string): Promise<string> {
		if (this.#bound.has(endpoint)) throw new Error(`${endpoint} is bound already`);
		this.#bound.set(endpoint, this);
		return endpoint;
	}

	async unbind(endpoint: string): Promise<void> {
		if (this.#bound.get(endpoint) === this) this.#bound.delete(endpoint);
	}

	/** Throws when nobody has bound the endpoint. */
	connect(endpoint: string): LinkPeer {
		const other = this.#bound.get(endpoint);
		if (other === undefined) throw new Error(`nobody has bound ${endpoint}`);
		const near = this.accept(endpoint);
		const far = other.accept(endpoint);
		near.other = far;
		far.other = near;
		soon(() => {
			if (!near.isOpen) return;
			far.link.handler.onPeerReady(far);
			near.link.handler.onPeerReady(near);
		});
		return near;
	}

	accept(address: string): MemoryPeer {
		const peer = new MemoryPeer(this, address);
		this.#peers.add(peer);
		return peer;
	}

	/** What was committed before is read by the other end all the same. */
	async close(): Promise<void> {
		for (const [endpoint, link] of this.#bound) if (link === this) this.#bound.delete(endpoint);
		for (const peer of this.#peers) peer.close();
	}

	/** A peer is gone for good. */
	lose(peer: MemoryPeer): void {
		if (this.#peers.delete(peer)) this.handler.onPeerLost(peer, undefined);
	}
}

/** One end of a pair. */
class MemoryPeer implements LinkPeer {
	readonly link: MemoryLink;
	readonly address: string;
	readonly description = description;
	context: unknown;
	committed = 0;
	receivedAt = 0;
	/** The other end. */
	other!: MemoryPeer;
	isOpen = true;
	#writer: MemoryWriter | undefined;
	/** What the other end has sent, and this one has not read. */
	readonly #unread: MemoryMessage[] = [];
	#unreadBytes = 0;
	#isPaused = false;
	#isScheduled = false;
	/** The other end was told to wait. */
	#owesWritable = false;

	constructor(link: MemoryLink, address: string) {
		this.link = link;
		this.address = address;
	}

	/** Nothing waits at this side: it is the other's as soon as it is committed. */
	get flushed(): number {
		return this.committed;
	}

	get queuedBytes(): number {
		return this.other.#unreadBytes;
	}

	get isWritable(): boolean {
		if (this.other.#unreadBytes < capacityBytes) return true;
		this.other.#owesWritable = true;
		return false;
	}

	begin(): MessageWriter {
		this.#writer = new MemoryWriter();
		return this.#writer;
	}

	commit(): void {
		const message = new MemoryMessage(this.#writer!);
		this.#writer = undefined;
		this.committed++;
		if (!this.isOpen) return;
		this.other.#unread.push(message);
		this.other.#unreadBytes += message.length;
		this.other.#schedule();
	}

	rollback(): void {
		this.#writer = undefined;
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#schedule();
	}

	close(): void {
		if (!this.isOpen) return;
		this.isOpen = false;
		this.other.isOpen = false;
		this.#unread.length = 0;
		this.link.lose(this);
		this.other.#schedule();
	}

	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		soon(() => {
			this.#isScheduled = false;
			this.#read();
		});
	}

	/** One message a turn: whoever reacts to it by promises does so before the next one. */
	#read(): void {
		if (this.#isPaused) return;
		const message = this.#unread.shift();
		if (message === undefined) {
			if (!this.isOpen) this.link.lose(this);
			return;
		}
		this.#unreadBytes -= message.length;
		this.receivedAt = performance.now();
		this.link.handler.onMessage(this, message);
		if (this.#unread.length > 0 || !this.isOpen) this.#schedule();
		if (!this.#owesWritable || this.#unreadBytes >= capacityBytes) return;
		this.#owesWritable = false;
		this.other.link.handler.onWritable(this.other);
	}
}

/** A message that is being written, in memory of its own. */
class MemoryWriter implements MessageWriter {
	buffer: Uint8Array = new Uint8Array(firstBytes);
	end = 0;
	readonly starts: number[] = [];
	readonly ends: number[] = [];

	frame(body: Uint8Array): void {
		this.frameOf(body, 0, body.length);
	}

	frameOf(source: Uint8Array, start: number, end: number): void {
		const size = end - start;
		this.reserve(frameHeadBytes + size);
		this.buffer.set(source.subarray(start, end), this.end + frameHeadBytes);
		this.closeFrame(this.end + frameHeadBytes + size);
	}

	emptyFrame(): void {
		this.closeFrame(this.openFrame());
	}

	shortFrames(source: DataView, start: number, end: number): number {
		const at = this.end;
		this.reserve(end - start);
		this.buffer.set(new Uint8Array(source.buffer, source.byteOffset + start, end - start), at);
		const framesEnd = at + end - start;
		while (this.end < framesEnd) this.closeFrame(this.end + frameHeadBytes + this.buffer[this.end + 1]!);
		return at;
	}

	reserve(size: number): void {
		if (this.buffer.length - this.end >= size) return;
		const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.end + size));
		larger.set(this.buffer);
		this.buffer = larger;
	}

	openFrame(): number {
		this.reserve(frameHeadBytes);
		return this.end + frameHeadBytes;
	}

	closeFrame(bodyEnd: number): void {
		this.starts.push(this.end + frameHeadBytes);
		this.ends.push(bodyEnd);
		this.end = bodyEnd;
	}
}

/** A message that was written. Nobody writes there again, so views of its frames may be kept. */
class MemoryMessage implements IncomingMessage {
	readonly buffers: readonly Uint8Array[];
	readonly starts: readonly number[];
	readonly ends: readonly number[];
	/** Unit: bytes. */
	readonly length: number;

	constructor({ buffer, starts, ends, end }: MemoryWriter) {
		this.buffers = starts.map(() => buffer);
		this.starts = starts;
		this.ends = ends;
		this.length = end;
	}

	get count(): number {
		return this.starts.length;
	}

	size(index: number): number {
		return this.ends[index]! - this.starts[index]!;
	}

	dataView(index: number): DataView {
		const { buffer, byteOffset, length } = this.buffers[index]!;
		return new DataView(buffer, byteOffset, length);
	}

	frame(index: number): Uint8Array {
		return this.buffers[index]!.subarray(this.starts[index], this.ends[index]);
	}

	take(index: number): Uint8Array {
		return this.frame(index);
	}
}

/** Never by a function of the host's: test runners put clocks of their own in their place. */
function soon(run: () => void): void {
	void Promise.resolve().then(run);
}
