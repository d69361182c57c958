/**
 * The outgoing queue of one connection, as the octets that will leave: messages are written here frame by frame, in
 * place, and everything written in one turn of the event loop leaves in one write.
 *
 * Rules of this file: a message is written between `begin()` and `commit()` without interruption, or undone by
 * `rollback()`. Small frames are copied into a slab; a large one is taken by reference, and the slab is cut around it.
 */
import {
	COMMAND,
	LONG,
	longHeaderBytes,
	MORE,
	maxShortSize,
	shortHeaderBytes,
	writeLongHeader,
} from "./frame-header.js";
import { allocate } from "./octets.js";
import { acquireSlab, releaseSlab, slabBytes } from "./slab.js";

/** Frames from this size on are taken by reference: then a copy costs more than one more element of a `writev`. Unit: bytes. */
const referencedFrameBytes = 16 * 1024;

/** Up to this many octets a loop beats a call of `TypedArray.prototype.set`. */
const loopBytes = 48;

const nothing: Uint8Array = new Uint8Array(0);
const noView = new DataView(nothing.buffer);

/** A batch of whole messages cut off for sending. */
export interface Batch {
	/** In order; borrowed until the batch is released. */
	readonly segments: Uint8Array[];
	readonly messages: number;
	readonly bytes: number;
	/** Slabs to give back when the segments are no longer needed. */
	readonly slabs: Uint8Array[];
}

export class FrameWriter {
	/** Where the message in progress is being written, from `end` on. Changes whenever room is made. */
	buffer: Uint8Array = nothing;
	end = 0;
	/** Whole messages waiting here. */
	messages = 0;
	/** Octets waiting here, headers included. */
	bytes = 0;

	/** The memory of `#viewed`, which is `buffer` or was. */
	#view = noView;
	#viewed = nothing;
	/** First octet of `buffer` that no segment holds yet. */
	#start = 0;
	#segments: Uint8Array[] = [];
	#slabs: Uint8Array[] = [];
	/** State at `begin()`, to go back to. */
	#beganAt = 0;
	#beganBytes = 0;
	#beganSegments = 0;

	get isEmpty(): boolean {
		return this.bytes === 0;
	}

	/** Starts a message. */
	begin(): void {
		this.#beganAt = this.end;
		this.#beganBytes = this.bytes;
		this.#beganSegments = this.#segments.length;
	}

	/** Ends the message: from now on it will be sent. */
	commit(): void {
		this.messages++;
		this.bytes += this.end - this.#beganAt;
	}

	/** Undoes everything written since `begin()`. */
	rollback(): void {
		if (this.#segments.length > this.#beganSegments) {
			// A large frame cut the slab: what lies there of this message is skipped.
			this.#segments.length = this.#beganSegments;
			this.#start = this.end;
			this.bytes = this.#beganBytes;
			return;
		}
		this.end = this.#beganAt;
	}

	/** Makes room for `size` more octets at `end`, where the caller then writes and moves `end` itself. */
	reserve(size: number): void {
		if (this.buffer.length - this.end < size) this.#makeRoom(size);
	}

	/** Writes one frame of a message. `body` is copied, or borrowed until it is sent when it has 16 KiB or more. */
	frame(body: Uint8Array, isMore: boolean): void {
		this.#frame(body, 0, body.length, isMore ? MORE : 0);
	}

	/** Writes octets `start` to `end` of `source` as one frame. Copied or borrowed as in `frame`. */
	frameOf(source: Uint8Array, start: number, end: number, isMore: boolean): void {
		this.#frame(source, start, end, isMore ? MORE : 0);
	}

	/** Writes a frame without a body. */
	emptyFrame(isMore: boolean): void {
		this.reserve(shortHeaderBytes);
		this.buffer[this.end++] = isMore ? MORE : 0;
		this.buffer[this.end++] = 0;
	}

	/**
	 * Writes frames that are encoded already: octets `start` to `end` of `source`, one or more of a message's, each short. Copied.
	 * Returns where they start in `buffer`.
	 */
	shortFrames(source: DataView, start: number, end: number): number {
		this.reserve(end - start);
		const at = this.end;
		if (this.#viewed !== this.buffer) this.#renewView();
		copyView(source, start, end, this.#view, at);
		this.end = at + end - start;
		return at;
	}

	/**
	 * Opens a frame whose size is not known yet and returns the offset of its body. The caller writes the body into
	 * `buffer` from there, after `reserve()`, without moving `end`, and calls `closeFrame`.
	 */
	openFrame(): number {
		this.reserve(longHeaderBytes);
		return this.end + shortHeaderBytes;
	}

	/** Closes the frame whose body lies in `buffer` from `end + 2` to `bodyEnd`. */
	closeFrame(bodyEnd: number, isMore: boolean): void {
		const size = bodyEnd - this.end - shortHeaderBytes;
		if (size > maxShortSize) {
			this.#closeLong(bodyEnd, size, isMore);
			return;
		}
		this.buffer[this.end] = isMore ? MORE : 0;
		this.buffer[this.end + 1] = size;
		this.end = bodyEnd;
	}

	#closeLong(bodyEnd: number, size: number, isMore: boolean): void {
		const shift = longHeaderBytes - shortHeaderBytes;
		if (this.buffer.length - bodyEnd < shift) this.#makeRoom(bodyEnd - this.end + shift, bodyEnd);
		const moved = this.end + longHeaderBytes;
		this.buffer.copyWithin(moved, moved - shift, moved - shift + size);
		this.end = writeLongHeader(this.buffer, this.end, isMore ? MORE : 0, size);
		this.end += size;
	}

	/**
	 * Writes the header of a frame of `size` octets and returns the offset of its body, which the caller then writes there,
	 * to `buffer`, before anything else.
	 */
	allot(size: number, isMore: boolean): number {
		this.reserve(longHeaderBytes + size);
		const flags = isMore ? MORE : 0;
		if (size <= maxShortSize) {
			this.buffer[this.end++] = flags;
			this.buffer[this.end++] = size;
		} else {
			this.end = writeLongHeader(this.buffer, this.end, flags, size);
		}
		const bodyStart = this.end;
		this.end += size;
		return bodyStart;
	}

	/** Writes a whole command frame. It is not counted as a message. Not between `begin()` and `commit()`. */
	command(body: Uint8Array): void {
		this.#aside(body, COMMAND);
	}

	/** As `command`, for what is a message on the wire only because the peer knows no command for it. */
	control(body: Uint8Array): void {
		this.#aside(body, 0);
	}

	/**
	 * Everything committed, for sending. The writer stays as it is until `sent` or `detach` says what became of it.
	 * The array is the writer's own, borrowed until then.
	 */
	pending(): readonly Uint8Array[] {
		this.#cut(this.end);
		return this.#segments;
	}

	/** The pending octets have been copied elsewhere: starts anew in the same memory, or in none when it is idle. */
	sent(): void {
		for (const slab of this.#slabs) releaseSlab(slab);
		releaseSlab(this.buffer);
		this.#reset();
	}

	/** The pending octets are still being read: cuts them off with the memory they lie in. */
	detach(): Batch {
		this.#cut(this.end);
		const slabs = this.#slabs;
		slabs.push(this.buffer);
		const batch = { segments: this.#segments, messages: this.messages, bytes: this.bytes, slabs };
		this.#segments = [];
		this.#slabs = [];
		this.#reset();
		return batch;
	}

	/** Puts what was cut off another writer behind what is pending here. */
	adopt(batch: Batch): void {
		this.#cut(this.end);
		for (const segment of batch.segments) this.#segments.push(segment);
		for (const slab of batch.slabs) this.#slabs.push(slab);
		this.messages += batch.messages;
		this.bytes += batch.bytes;
	}

	#reset(): void {
		this.#segments.length = 0;
		this.#slabs.length = 0;
		this.buffer = nothing;
		this.#view = noView;
		this.#viewed = nothing;
		this.#start = 0;
		this.end = 0;
		this.messages = 0;
		this.bytes = 0;
	}

	#aside(body: Uint8Array, flags: number): void {
		this.begin();
		this.#frame(body, 0, body.length, flags);
		this.bytes += this.end - this.#beganAt;
	}

	#frame(source: Uint8Array, start: number, end: number, flags: number): void {
		const size = end - start;
		if (size >= referencedFrameBytes) {
			this.#reference(source.subarray(start, end), flags);
			return;
		}
		this.reserve(longHeaderBytes + size);
		if (size <= maxShortSize) {
			this.buffer[this.end++] = flags;
			this.buffer[this.end++] = size;
		} else {
			this.end = writeLongHeader(this.buffer, this.end, flags, size);
		}
		const buffer = this.buffer;
		let to = this.end;
		if (size <= loopBytes) {
			for (let from = start; from < end; ) buffer[to++] = source[from++]!;
		} else {
			buffer.set(size === source.length ? source : source.subarray(start, end), to);
			to += size;
		}
		this.end = to;
	}

	#renewView(): void {
		const { buffer } = this;
		this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
		this.#viewed = buffer;
	}

	/** Makes a segment of everything before `at` that no segment holds yet. */
	#cut(at: number): void {
		if (at > this.#start) this.#segments.push(this.buffer.subarray(this.#start, at));
		this.#start = at;
	}

	#reference(body: Uint8Array, flags: number): void {
		if (this.#start < this.#beganAt) {
			// The messages before this one get a segment of their own, which a rollback leaves alone.
			this.#cut(this.#beganAt);
			this.#beganSegments = this.#segments.length;
		}
		this.reserve(longHeaderBytes);
		this.end = writeLongHeader(this.buffer, this.end, flags, body.length);
		this.bytes += this.end - this.#beganAt + body.length;
		this.#cut(this.end);
		this.#segments.push(body);
		this.#beganAt = this.end;
	}

	/**
	 * Moves what the message in progress has in the slab (up to `used`) into a new one with room for `size` more; the
	 * old slab keeps the messages before it.
	 */
	#makeRoom(size: number, used = this.end): void {
		const begun = Math.max(this.#beganAt, this.#start);
		const partial = used - begun;
		const needed = partial + size;
		const larger = needed <= slabBytes ? acquireSlab() : allocate(roundUp(needed));
		larger.set(this.buffer.subarray(begun, used));
		if (begun > this.#start) {
			this.#segments.push(this.buffer.subarray(this.#start, begun));
			this.#beganSegments++;
		}
		if (this.#segments.length > 0) this.#slabs.push(this.buffer);
		else releaseSlab(this.buffer);
		this.buffer = larger;
		this.end -= begun;
		this.#start = 0;
		this.#beganAt -= begun;
	}
}

/** Copies octets `start` to `end` of `source` to `at`, four at a time, the last of them perhaps twice; as doubles they would not all survive. */
function copyView(source: DataView, start: number, end: number, target: DataView, at: number): void {
	const shift = at - start;
	let from = start;
	if (end - start < 4) {
		for (; from < end; from++) target.setInt8(from + shift, source.getInt8(from));
		return;
	}
	const last = end - 4;
	for (; from < last; from += 4) target.setInt32(from + shift, source.getInt32(from, true), true);
	target.setInt32(last + shift, source.getInt32(last, true), true);
}

/** A command as a frame of its own, for the handshake, whose octets leave outside the queue. Owned by the caller. */
export function encodeCommandFrame(body: Uint8Array): Uint8Array {
	const isLong = body.length > maxShortSize;
	const frame = new Uint8Array((isLong ? longHeaderBytes : shortHeaderBytes) + body.length);
	frame[0] = isLong ? COMMAND | LONG : COMMAND;
	if (isLong) new DataView(frame.buffer).setBigUint64(1, BigInt(body.length));
	else frame[1] = body.length;
	frame.set(body, frame.length - body.length);
	return frame;
}

/** Doubling, so that a body that is tried and found too large again and again is copied a bounded number of times. */
function roundUp(size: number): number {
	return size > 0x4000_0000 ? size : 2 ** Math.ceil(Math.log2(size));
}
