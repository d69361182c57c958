/**
 * UTF-8 to UTF-16 in WebAssembly, sixteen octets at a time, for hosts that are slow at it. The source is `wasm/utf8.ts`, of which
 * `generated/utf8-module.ts` is made (docs/decisions/0042).
 */
import { utf8Module } from "./generated/utf8-module.js";

/** What this file uses of WebAssembly: the types of Node 20 do not have it. */
declare const WebAssembly: {
	readonly Module: new (octets: Uint8Array) => object;
	readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Utf8Module {
	readonly memory: { readonly buffer: ArrayBuffer };
	toUtf16(at: number, length: number): number;
}

// Where things lie, as in `wasm/utf8.ts`.
const inputAt = 0x2000;
/** Octets that there is room for at a time. */
export const roomBytes = 0x8000;
/** Where the units are. */
export const unitsAt = inputAt + roomBytes + 64;

export class Transcoder {
	readonly #module: Utf8Module;
	/** What octets are written into and units, the lower octet first, are read from. */
	readonly memory: Uint8Array;

	/** Throws where WebAssembly, or its vectors, are missing. */
	constructor() {
		const octets = Uint8Array.from(atob(utf8Module), (character) => character.charCodeAt(0));
		this.#module = new WebAssembly.Instance(new WebAssembly.Module(octets)).exports as Utf8Module;
		this.memory = new Uint8Array(this.#module.memory.buffer);
	}

	/** Copies in up to `roomBytes`, in place of what was there. */
	bring(octets: Uint8Array): void {
		this.memory.set(octets, inputAt);
	}

	/**
	 * Makes units of `length` octets, the first of them at `at` among those brought; they are there until the next call. Returns how
	 * many they are, or -1: the octets are no UTF-8.
	 */
	toUtf16(at: number, length: number): number {
		return this.#module.toUtf16(inputAt + at, length);
	}
}
