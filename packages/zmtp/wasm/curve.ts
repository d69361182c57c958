/**
 * The traffic of CURVE (RFC 26, MESSAGE), many frames at a time: plain frames of ZMTP in, sealed ones out, and back. Each
 * is a box of its own, XSalsa20-Poly1305, of which HSalsa20 has been computed before.
 *
 * Rules of this file: frames are gathered until they need a good number of Salsa20's blocks, which are then made together,
 * four at a time whichever frame they are for. No branch depends on a secret. Nothing is trapped: whatever the input is, no
 * access leaves the areas.
 */

import { deriveKey } from "./hsalsa20";
import {
	areaBytes,
	BLOCK_NONCE0,
	BLOCK_NONCE1,
	BLOCK_NUMBER,
	FAULT,
	FRAMES,
	frameBytes,
	INPUT,
	KEY,
	mostBlocks,
	NONCE_HIGH,
	NONCE_LOW,
	OUTPUT,
	PRODUCED,
	reach,
	STREAM,
	TAG,
} from "./layout";
import { absorb, beginTag, endTag } from "./poly1305";
import { makeStream } from "./salsa20";

export { deriveKey };

// Flags of frames, and those inside a box, where RFC 26 knows MORE only and libzmq has COMMAND as well.
const MORE: u32 = 1;
const LONG: u32 = 2;
const COMMAND: u32 = 4;
const sealedCommand: u32 = 2;

/** 7MESSAGE. */
const name: u64 = 0x4547_4153_5345_4d07;
/** Of a sealed frame's body: name, nonce, tag, flags. */
const overheadBytes: usize = 33;
/** Of those, what is before the text. */
const headBytes: usize = 32;
/** Of a box's stream, what is Poly1305's key and not the text's. */
const tagKeyBytes: usize = 32;

/** What `openFrames` found wrong with the frame that it stopped at. Known to the caller. */
const notSealed: u32 = 1;
const nonceSpent: u32 = 2;
const boxForged: u32 = 3;
const flagsUnknown: u32 = 4;
const tooShort: u32 = 5;

/** Text that a full stream is enough for: half a block of it is the key of the tag, or belongs to the part before. */
const partBytes: usize = 64 * (<usize>mostBlocks - 1);

/** Has the `count` blocks from `first` on made for one box. `nonce`: as it is written in the frame. */
@inline
function ask(first: i32, count: i32, nonce: u64): void {
	for (let i: i32 = 0; i < count; i++) {
		const at: usize = 4 * (<usize>first + <usize>i);
		store<u32>(BLOCK_NONCE0 + at, <u32>nonce);
		store<u32>(BLOCK_NONCE1 + at, <u32>(nonce >> 32));
		store<i32>(BLOCK_NUMBER + at, i);
	}
}

/** Adds stream to text: the same seals and opens. Up to fifteen octets behind the end are written too. */
@inline
function cross(from: usize, to: usize, stream: usize, length: usize): void {
	for (let i: usize = 0; i < length; i += 16) {
		v128.store(to + i, v128.xor(v128.load(from + i), v128.load(stream + i)));
	}
}

/** Likewise for a text of any length, the stream being made in between, or for a part of one: see `sealPart`. */
function crossLong(from: usize, to: usize, length: usize, first: i32): void {
	for (let done: usize = 0; done < length; done += partBytes) {
		const size = min(length - done, partBytes);
		const blocks = blocksOf(size);
		const number = first + <i32>(done >> 6);
		for (let i: i32 = 0; i < blocks; i++) store<i32>(BLOCK_NUMBER + 4 * <usize>i, number + i);
		makeStream(blocks);
		cross(from + done, to + done, STREAM + tagKeyBytes, size);
	}
}

/** How many blocks it takes to make the key of a tag, and the stream for a text. */
@inline
function blocksOf(text: usize): i32 {
	return <i32>((text + tagKeyBytes + 63) >> 6);
}

/** Where the next gathered frame's text is, how long it is, where it goes to, and its stream's first block. */
@inline
function note(index: i32, text: usize, length: usize, to: usize, block: i32): void {
	const at = FRAMES + frameBytes * <usize>index;
	store<u32>(at, <u32>text);
	store<u32>(at, <u32>length, 4);
	store<u32>(at, <u32>to, 8);
	store<u32>(at, <u32>(STREAM + 64 * <usize>block), 12);
}

/** The header of a frame, at `to`; returns where its body begins. */
@inline
function putHeader(to: usize, flags: u32, size: usize): usize {
	if (size <= 255) {
		store<u8>(to, <u8>flags);
		store<u8>(to, <u8>size, 1);
		return to + 2;
	}
	store<u8>(to, <u8>(flags | LONG));
	store<u64>(to, bswap<u64>(<u64>size), 1);
	return to + 9;
}

/**
 * Seals the whole frames in the first `length` octets of `INPUT`, until one is cut, is too large to go with others, or would
 * not fit into `OUTPUT` any more. Returns how many octets it took; how many came out is at `PRODUCED`. The nonce is the last
 * one used, and so it is left; without another one nothing more is taken, and `FAULT` says so.
 */
export function sealFrames(length: usize, high: u32, low: u32): usize {
	const end = INPUT + length;
	const outputEnd = OUTPUT + areaBytes;
	let nonce = ((<u64>high) << 32) | <u64>low;
	let from = INPUT;
	let to = OUTPUT;
	let fault: u32 = 0;
	for (;;) {
		let frames: i32 = 0;
		let blocks: i32 = 0;
		while (from + 2 <= end) {
			const flags = <u32>load<u8>(from);
			let start = from + 2;
			let size = <u64>load<u8>(from, 1);
			if ((flags & LONG) != 0) {
				start = from + 9;
				if (start > end) break;
				size = bswap<u64>(load<u64>(from, 1));
			}
			if (size > areaBytes || start + <usize>size > end) break;
			const sealed = <usize>size + overheadBytes;
			if (to + 9 + sealed > outputEnd) break;
			const needed = blocksOf(<usize>size + 1);
			// One that needs more than all has them to itself.
			if (blocks + needed > mostBlocks && frames > 0) break;
			if (nonce == u64.MAX_VALUE) {
				fault = nonceSpent;
				break;
			}
			nonce++;
			// The flags stand before the text in its box, where the header has its last octet, which is read by now.
			store<u8>(start - 1, <u8>((flags & MORE) | ((flags & COMMAND) >> 1)));
			note(frames++, start - 1, <usize>size + 1, to, blocks);
			const granted = min(needed, mostBlocks);
			ask(blocks, granted, bswap<u64>(nonce));
			blocks += granted;
			from = start + <usize>size;
			to += sealed + (sealed <= 255 ? 2 : 9);
		}
		if (frames == 0) break;
		makeStream(blocks);
		for (let i: i32 = 0; i < frames; i++) {
			const at = FRAMES + frameBytes * <usize>i;
			const text = <usize>load<u32>(at);
			const size = <usize>load<u32>(at, 4);
			const stream = <usize>load<u32>(at, 12);
			// In order, for what a vector of a text writes behind its end belongs to the frame that follows.
			const body = putHeader(<usize>load<u32>(at, 8), 0, size + headBytes);
			store<u64>(body, name);
			store<u64>(body, bswap<u64>(nonce - <u64>(frames - 1 - i)), 8);
			const box = body + headBytes;
			beginTag(stream);
			if (size > partBytes) crossLong(text, box, size, 0);
			else cross(text, box, stream + tagKeyBytes, size);
			absorb(box, size);
			endTag();
			v128.store(body + 16, v128.load(TAG));
		}
	}
	store<u32>(PRODUCED, <u32>(to - OUTPUT));
	store<u32>(FAULT, fault);
	store<u32>(NONCE_HIGH, <u32>(nonce >> 32));
	store<u32>(NONCE_LOW, <u32>nonce);
	return from - INPUT;
}

/**
 * Opens the whole sealed frames in the first `length` octets of `INPUT` and puts the plain ones into `OUTPUT`, until one is
 * cut, is no MESSAGE that may come, has a body above `most`, or is too large to go with others. Returns how many octets it
 * took; how many came out is at `PRODUCED`. What is wrong with the frame that it stopped at, other than that, is at `FAULT`;
 * of that frame nothing comes out. The nonce is the last one taken, and so it is left.
 */
export function openFrames(length: usize, most: u32, high: u32, low: u32): usize {
	const end = INPUT + length;
	let nonce = ((<u64>high) << 32) | <u64>low;
	let from = INPUT;
	let to = OUTPUT;
	let fault: u32 = 0;
	do {
		let frames: i32 = 0;
		let blocks: i32 = 0;
		let at = from;
		while (at + 2 <= end) {
			const flags = <u32>load<u8>(at);
			let start = at + 2;
			let size = <u64>load<u8>(at, 1);
			if ((flags & LONG) != 0) {
				start = at + 9;
				if (start > end) break;
				size = bswap<u64>(load<u64>(at, 1));
			}
			// RFC 26 has sealed frames as commands; libzmq sends messages and drops commands. Both are understood here.
			if ((flags & ~(LONG | COMMAND)) != 0) break;
			if (size > areaBytes || size > <u64>most || start + <usize>size > end) break;
			if (size < overheadBytes) {
				fault = tooShort;
				break;
			}
			if (load<u64>(start) != name) {
				fault = notSealed;
				break;
			}
			const written = load<u64>(start, 8);
			const next = bswap<u64>(written);
			if (next <= nonce) {
				fault = nonceSpent;
				break;
			}
			const text = <usize>size - headBytes;
			const needed = blocksOf(text);
			if (blocks + needed > mostBlocks && frames > 0) break;
			nonce = next;
			note(frames++, start + headBytes, text, 0, blocks);
			const granted = min(needed, mostBlocks);
			ask(blocks, granted, written);
			blocks += granted;
			at = start + <usize>size;
		}
		if (frames == 0) break;
		makeStream(blocks);
		for (let i: i32 = 0; i < frames; i++) {
			const record = FRAMES + frameBytes * <usize>i;
			const text = <usize>load<u32>(record);
			const size = <usize>load<u32>(record, 4);
			const stream = <usize>load<u32>(record, 12);
			beginTag(stream);
			absorb(text, size);
			endTag();
			if (!isTag(v128.load(text - 16))) {
				fault = boxForged;
				break;
			}
			// The flags come out where the plain header has its last octet.
			const body = to + (size <= 256 ? 2 : 9);
			if (size > partBytes) crossLong(text, body - 1, size, 0);
			else cross(text, body - 1, stream + tagKeyBytes, size);
			const flags = <u32>load<u8>(body - 1);
			// A command is one frame: both bits together, or any other, are nobody's.
			if (flags > sealedCommand) {
				fault = flagsUnknown;
				break;
			}
			putHeader(to, flags == sealedCommand ? COMMAND : flags, size - 1);
			from = text + size;
			to = body + size - 1;
		}
	} while (fault == 0);
	store<u32>(PRODUCED, <u32>(to - OUTPUT));
	store<u32>(FAULT, fault);
	store<u32>(NONCE_HIGH, <u32>(nonce >> 32));
	store<u32>(NONCE_LOW, <u32>nonce);
	return from - INPUT;
}

/** Begins a box of any size, which then goes in parts through `INPUT` and `OUTPUT`. */
export function beginBox(high: u32, low: u32): void {
	ask(0, mostBlocks, bswap<u64>(((<u64>high) << 32) | <u64>low));
	makeStream(1);
	beginTag(STREAM);
}

/** Seals a part of the box's text, from 64 times `first` on. All but the last part are a multiple of `partBytes` long. */
export function sealPart(length: usize, first: i32): void {
	crossLong(INPUT, OUTPUT, length, first);
	absorb(OUTPUT, length);
}

/** Opens a part likewise; nothing of it may be used before `endOpening` has said that the tag is right. */
export function openPart(length: usize, first: i32): void {
	absorb(INPUT, length);
	crossLong(INPUT, OUTPUT, length, first);
}

/** Ends the box: the tag of what was sealed is at `TAG`. */
export function endSealing(): void {
	endTag();
}

/** Ends the box, of which the tag that came with it lies at `TAG`. Not 0: it is forged. */
export function endOpening(): i32 {
	const given = v128.load(TAG);
	endTag();
	return isTag(given) ? 0 : 1;
}

/** Whether a tag is the one at `TAG`. All of it is compared: how long it takes must not tell how far a guess was right. */
@inline
function isTag(given: v128): bool {
	return !v128.any_true(v128.xor(given, v128.load(TAG)));
}

/** Poly1305 of the `length` octets at `INPUT`, under the key at `OUTPUT`. For tests: in a box no text meets the key that it would like. */
export function tagOf(length: usize): void {
	beginTag(OUTPUT);
	absorb(INPUT, length);
	endTag();
}

/** Leaves nothing of any key, nor of the first `length` octets of text, and the few behind them that vectors reach. */
export function wipe(length: usize): void {
	memory.fill(KEY, 0, INPUT - KEY);
	memory.fill(INPUT, 0, length + reach);
	memory.fill(OUTPUT, 0, length + reach);
}
