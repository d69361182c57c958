import { expect } from "chai";
import { KeptFrames } from "../../../../packages/zmtp/src/wire/kept-frames.js";

const chunkBytes = 65_536;

/** A chunk in which no two frames next to each other are the same. */
function chunkOf(): Buffer {
	const chunk = Buffer.allocUnsafeSlow(chunkBytes);
	for (let at = 0; at < chunk.length; at += 4) chunk.writeUInt32LE(Math.imul(at, 0x9e37_79b1) >>> 0, at);
	return chunk;
}

/** Takes frames of `size` octets from all over the chunk, `apart` octets from the end of one to the start of the next. */
function takeAll(kept: KeptFrames, chunk: Uint8Array, size: number, apart: number): Buffer[] {
	const frames: Buffer[] = [];
	for (let at = apart; at + size <= chunk.length; at += size + apart) frames.push(kept.take(chunk, at, at + size));
	return frames;
}

/** Memory that is there for frames only. Unit: bytes. */
function memoryOf(frames: readonly Uint8Array[]): number {
	let bytes = 0;
	for (const memory of new Set(frames.map((frame) => frame.buffer))) bytes += memory.byteLength;
	return bytes;
}

describe("zmtp frames for keeps", () => {
	it("are what was sent, whatever becomes of the chunk, of every size and at every distance", () => {
		const untouched = chunkOf();
		for (const size of [0, 1, 5, 64, 255, 256, 1000, 2044, 2045, 4088, 5000]) {
			for (const apart of [2, 9, 1000]) {
				const chunk = chunkOf();
				const frames = takeAll(new KeptFrames(), chunk, size, apart);
				chunk.fill(0);
				const wrong = frames.filter((frame, i) => {
					const at = apart + i * (size + apart);
					return !Buffer.isBuffer(frame) || Buffer.compare(frame, untouched.subarray(at, at + size)) !== 0;
				});
				expect(wrong.length, `${size} octets, ${apart} apart`).equal(0);
			}
		}
	});

	it("are taken from one chunk after another, and from the first again", () => {
		const kept = new KeptFrames();
		const chunks = [Buffer.alloc(100, "a"), Buffer.alloc(100, "b")] as const;
		const taken = [0, 1, 0, 0, 1, 1, 1, 0].map((which, i) => kept.take(chunks[which]!, i * 10, i * 10 + 5).toString());
		expect(taken).deep.equal(["aaaaa", "bbbbb", "aaaaa", "aaaaa", "bbbbb", "bbbbb", "bbbbb", "aaaaa"]);
	});

	it("do not share an octet with each other", () => {
		const frames = takeAll(new KeptFrames(), chunkOf(), 64, 2);
		for (const [i, frame] of frames.entries()) frame.fill(i & 0xff);
		for (const [i, frame] of frames.entries()) expect(frame.every((octet) => octet === (i & 0xff))).equal(true);
	});

	it("take few pieces of memory when they lie side by side", () => {
		const frames = takeAll(new KeptFrames(), chunkOf(), 64, 2);
		expect(new Set(frames.map((frame) => frame.buffer)).size).below(20);
	});

	it("take no more memory than a few times their own, however far apart they lie", () => {
		const kept = new KeptFrames();
		const frames: Buffer[] = [];
		for (let i = 0; i < 400; i++) frames.push(...takeAll(kept, chunkOf(), 20, 8000));
		// Node gives copies of their own eight octets' alignment and a pool that is shared.
		expect(memoryOf(frames)).below(frames.length * 24 * 5 + 2 * Buffer.poolSize);
	});

	it("cannot be transferred to another thread with the frames beside them", () => {
		const frames = takeAll(new KeptFrames(), chunkOf(), 64, 2);
		const { port1 } = new MessageChannel();
		for (const { buffer } of frames) {
			// Some versions of Node throw, others copy: either way all frames stay.
			try {
				port1.postMessage(buffer, [buffer as ArrayBuffer]);
			} catch (error) {
				expect((error as Error).name).equal("DataCloneError");
			}
		}
		port1.close();
		expect(frames.every((frame) => frame.length === 64)).equal(true);
	});
});
