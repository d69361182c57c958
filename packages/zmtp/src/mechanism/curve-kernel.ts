/**
 * The ciphers of CURVE's traffic, in WebAssembly: many frames are sealed or opened in one call, four of Salsa20's blocks at
 * a time. The source is `wasm/`, of which `generated/curve-module.ts` is made (docs/decisions/0018).
 *
 * Rules of this file: one instance for all connections of a thread, so a method ends before anything else can run, and what
 * it leaves in the module's memory is of no use to the next. Keys go in with each call; what has come out is copied.
 */
import { ZmtpError } from "../errors.js";
import type { FrameWriter } from "../wire/frame-writer.js";
import { boxOverheadBytes, type FrameBoxes } from "./ciphers.js";
import { nonceExhausted, type ShortNonce } from "./curve-nonce.js";
import { curveModule } from "./generated/curve-module.js";

/** What this file uses of WebAssembly: the types of Node 20 do not have it. */
declare const WebAssembly: {
	readonly Module: new (octets: Uint8Array) => object;
	readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** As in `wasm/curve.ts`. Offsets and sizes in octets, but for `first`, which counts Salsa20's blocks of 64. */
interface CurveModule {
	readonly memory: { readonly buffer: ArrayBuffer };
	sealFrames(length: number, high: number, low: number): number;
	openFrames(length: number, most: number, high: number, low: number): number;
	beginBox(high: number, low: number): void;
	sealPart(length: number, first: number): void;
	openPart(length: number, first: number): void;
	endSealing(): void;
	/** Not 0: forged. */
	endOpening(): number;
	deriveKey(): void;
	wipe(length: number): void;
}

// Where things lie, as in `wasm/layout.ts`.
const keyAt = 1024;
const tagAt = keyAt + 32;
const producedAt = tagAt + boxOverheadBytes;
const faultAt = producedAt + 4;
const nonceHighAt = faultAt + 4;
const nonceLowAt = nonceHighAt + 4;
const inputAt = 0x5000;
const areaBytes = 0x1_0000;
const outputAt = inputAt + areaBytes + 64;

/** Parts of a large box: as much of the area as is a multiple of what `wasm/curve.ts` makes stream for at a time. */
const partBytes = 8 * 64 * 127;

export class CurveKernel implements FrameBoxes {
	readonly #module: CurveModule;
	readonly #memory: Uint8Array;
	readonly #words: DataView;
	openedEnd = 0;
	fault = 0;

	/** Throws where WebAssembly, or its vectors, are missing. */
	constructor() {
		this.#module = new WebAssembly.Instance(new WebAssembly.Module(decode(curveModule))).exports as CurveModule;
		this.#memory = new Uint8Array(this.#module.memory.buffer);
		this.#words = new DataView(this.#module.memory.buffer);
	}

	sealFrames(key: Uint8Array, nonce: ShortNonce, plain: Uint8Array, start: number, sealed: FrameWriter): number {
		const length = this.#bring(key, plain, start);
		const taken = this.#module.sealFrames(length, nonce.high, nonce.low);
		this.#countOn(nonce);
		const produced = this.#words.getUint32(producedAt, true);
		if (produced > 0) {
			sealed.begin();
			sealed.reserve(produced);
			sealed.buffer.set(this.#memory.subarray(outputAt, outputAt + produced), sealed.end);
			sealed.end += produced;
			sealed.commit();
		}
		if (this.#words.getUint32(faultAt, true) !== 0) throw nonceExhausted();
		return start + taken;
	}

	openFrames(key: Uint8Array, nonce: ShortNonce, chunk: Uint8Array, start: number, most: number): number {
		const length = this.#bring(key, chunk, start);
		const taken = this.#module.openFrames(length, Math.min(most, areaBytes), nonce.high, nonce.low);
		this.#countOn(nonce);
		const produced = this.#words.getUint32(producedAt, true);
		if (produced > 0) chunk.set(this.#memory.subarray(outputAt, outputAt + produced), start);
		this.openedEnd = start + produced;
		this.fault = this.#words.getUint32(faultAt, true);
		return start + taken;
	}

	sealText(key: Uint8Array, nonce: ShortNonce, text: Uint8Array, tag: Uint8Array): void {
		this.#memory.set(key, keyAt);
		this.#module.beginBox(nonce.high, nonce.low);
		for (let at = 0; at < text.length; at += partBytes) {
			const part = text.subarray(at, at + partBytes);
			this.#memory.set(part, inputAt);
			this.#module.sealPart(part.length, at / 64);
			part.set(this.#memory.subarray(outputAt, outputAt + part.length));
		}
		this.#module.endSealing();
		tag.set(this.#memory.subarray(tagAt, tagAt + boxOverheadBytes));
	}

	openText(key: Uint8Array, nonce: ShortNonce, text: Uint8Array, tag: Uint8Array): boolean {
		this.#memory.set(key, keyAt);
		this.#module.beginBox(nonce.high, nonce.low);
		for (let at = 0; at < text.length; at += partBytes) {
			const part = text.subarray(at, at + partBytes);
			this.#memory.set(part, inputAt);
			this.#module.openPart(part.length, at / 64);
			part.set(this.#memory.subarray(outputAt, outputAt + part.length));
		}
		this.#memory.set(tag, tagAt);
		if (this.#module.endOpening() === 0) return true;
		text.fill(0);
		return false;
	}

	/** HSalsa20 of a key and 16 octets. Owned by the caller, who wipes it. */
	deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
		this.#memory.set(key, keyAt);
		this.#memory.set(input, inputAt);
		this.#module.deriveKey();
		const derived = this.#memory.slice(outputAt, outputAt + key.length);
		this.#module.wipe(key.length);
		return derived;
	}

	wipe(length = areaBytes): void {
		this.#module.wipe(Math.min(length, areaBytes));
	}

	/** Copies in the key and as much of `octets` as there is room for; returns how much that is. */
	#bring(key: Uint8Array, octets: Uint8Array, start: number): number {
		const end = Math.min(octets.length, start + areaBytes);
		this.#memory.set(key, keyAt);
		this.#memory.set(start === 0 && end === octets.length ? octets : octets.subarray(start, end), inputAt);
		return end - start;
	}

	#countOn(nonce: ShortNonce): void {
		nonce.high = this.#words.getUint32(nonceHighAt, true);
		nonce.low = this.#words.getUint32(nonceLowAt, true);
	}
}

let kernel: CurveKernel | undefined;

/** This thread's. Throws `ENOTSUP` where there cannot be one. */
export function curveKernel(): CurveKernel {
	try {
		kernel ??= new CurveKernel();
	} catch (cause) {
		throw new ZmtpError("ENOTSUP", "CURVE needs WebAssembly with SIMD, which is missing here", { cause });
	}
	return kernel;
}

function decode(base64: string): Uint8Array {
	return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
