import { roomBytes, Transcoder, unitsAt } from "../utf8/transcoder.js";
import type { WideTexts } from "./platform.js";

const { latin1Slice, ucs2Slice } = Buffer.prototype as unknown as {
	latin1Slice(this: Uint8Array, start: number, end: number): string;
	ucs2Slice(this: Uint8Array, start: number, end: number): string;
};

/** Copying in one text takes as long as so many octets, so the next ones come along. Unit: bytes. */
const broughtAtATime = 0x800;

/** The units are made in WebAssembly; what remains to the host is to copy them. */
export class NodeWideTexts implements WideTexts {
	readonly #transcoder = new Transcoder();
	/** What has been brought to the transcoder: of these octets, from here to there. */
	#octets: Uint8Array | undefined;
	#start = 0;
	#end = 0;

	read(octets: Uint8Array, start: number, end: number, ahead: number): string | undefined {
		const length = end - start;
		if (length > roomBytes) return undefined;
		if (octets !== this.#octets || start < this.#start || end > this.#end) this.#bring(octets, start, end, ahead);
		const units = this.#transcoder.toUtf16(start - this.#start, length);
		if (units < 0) return undefined;
		if (units === length) return latin1Slice.call(octets, start, end);
		return ucs2Slice.call(this.#transcoder.memory, unitsAt, unitsAt + 2 * units);
	}

	#bring(octets: Uint8Array, start: number, end: number, ahead: number): void {
		this.#octets = octets;
		this.#start = start;
		this.#end = Math.max(end, Math.min(start + broughtAtATime, ahead));
		this.#transcoder.bring(octets.subarray(start, this.#end));
	}

	release(): void {
		this.#octets = undefined;
	}
}

/** `undefined` where they would be no gain: from version 13 on V8 itself has vectors for this. Or where WebAssembly is missing. */
export function nodeWideTexts(): WideTexts | undefined {
	if (Number.parseInt(process.versions.v8, 10) >= 13) return undefined;
	try {
		return new NodeWideTexts();
	} catch {
		return undefined;
	}
}
