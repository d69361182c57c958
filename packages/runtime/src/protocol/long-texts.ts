/** Reads texts of more than a few octets: the host does, or, while they go beyond ASCII, what the platform has for those. */

import { platform } from "#platform";
import type { WideTexts } from "../platform/platform.js";
import { surprised } from "./surprise.js";

/** So many texts of ASCII one after the other, and the host is asked again, which is as fast at those and needs no copy. */
const mostPlain = 16;

export class LongTexts {
	/** Made when the first text comes that it is for. */
	#wideTexts: WideTexts | undefined;
	#hasAsked = false;
	#isWide = false;
	/** Texts of ASCII since the last one beyond. */
	#plain = 0;

	/**
	 * The octets from `start` to `end`. Those up to `ahead` do not change before `release`. Is surprised by what is no UTF-8, and by a
	 * mark of byte order: where nothing needed replacing, and no mark was dropped, all decoders agree.
	 */
	read(octets: Uint8Array, start: number, end: number, ahead: number): string {
		const value =
			(this.#isWide ? this.#readWide(octets, start, end, ahead) : undefined) ?? this.#readNative(octets, start, end);
		return value.charCodeAt(0) === 0xfeff ? surprised() : value;
	}

	/** `undefined`: the host is to look at it. */
	#readWide(octets: Uint8Array, start: number, end: number, ahead: number): string | undefined {
		const value = this.#wideTexts!.read(octets, start, end, ahead);
		if (value?.length !== end - start) this.#plain = 0;
		else if (++this.#plain === mostPlain) this.#isWide = false;
		return value;
	}

	#readNative(octets: Uint8Array, start: number, end: number): string {
		const value = platform.decodeText(octets, start, end);
		if (value.includes("\ufffd") && !hasReplacements(octets, start, end, value.split("\ufffd").length - 1)) surprised();
		if (value.length !== end - start) this.#expectWide();
		return value;
	}

	#expectWide(): void {
		if (!this.#hasAsked) {
			this.#hasAsked = true;
			this.#wideTexts = platform.createWideTexts?.();
		}
		this.#isWide = this.#wideTexts !== undefined;
		this.#plain = 0;
	}

	release(): void {
		this.#wideTexts?.release();
	}
}

/** Whether U+FFFD was sent so many times: then none of them stands for what is no UTF-8. */
function hasReplacements(octets: Uint8Array, start: number, end: number, count: number): boolean {
	let found = 0;
	for (let at = start; at + 2 < end; at++)
		if (octets[at] === 0xef && octets[at + 1] === 0xbf && octets[at + 2] === 0xbd) found++;
	return found === count;
}
