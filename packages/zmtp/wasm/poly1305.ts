/**
 * Poly1305 (D. J. Bernstein, "The Poly1305-AES message-authentication code", 2005): a text as a polynomial modulo 2^130 - 5.
 *
 * The sum is four limbs of 32 bits and what is above them, each in 64 bits. r's limbs are below 2^28 and, but for the first,
 * multiples of four: so what a product has above 2^128 goes down with a factor of 5/4 that leaves no rest. No bound below
 * is passed: a limb that a block was added to is under 2^33, the first under 2^34.3, so four products are under 2^64.
 */
import { POLY, TAG } from "./layout";

const limb: u64 = 0xffff_ffff;

// r at POLY, the sum behind it, s at the end.
const SUM: usize = POLY + 32;
const PAD: usize = SUM + 40;

/** Starts a text. `key`: r and s, for this text and no other. */
export function beginTag(key: usize): void {
	// Without the bits that the algorithm never uses.
	store<u64>(POLY, <u64>load<u32>(key) & 0x0fff_ffff);
	store<u64>(POLY + 8, <u64>load<u32>(key + 4) & 0x0fff_fffc);
	store<u64>(POLY + 16, <u64>load<u32>(key + 8) & 0x0fff_fffc);
	store<u64>(POLY + 24, <u64>load<u32>(key + 12) & 0x0fff_fffc);
	memory.fill(SUM, 0, 40);
	v128.store(PAD, v128.load(key + 16));
}

/** Takes the next part of the text: whole blocks, unless it is the last one. */
export function absorb(from: usize, length: usize): void {
	const r0 = load<u64>(POLY);
	const r1 = load<u64>(POLY + 8);
	const r2 = load<u64>(POLY + 16);
	const r3 = load<u64>(POLY + 24);
	const w1 = r1 + (r1 >> 2);
	const w2 = r2 + (r2 >> 2);
	const w3 = r3 + (r3 >> 2);
	let h0 = load<u64>(SUM);
	let h1 = load<u64>(SUM + 8);
	let h2 = load<u64>(SUM + 16);
	let h3 = load<u64>(SUM + 24);
	let h4 = load<u64>(SUM + 32);
	const end = from + length;
	while (from < end) {
		let low = load<u64>(from);
		let high = load<u64>(from, 8);
		const left = end - from;
		if (left >= 16) {
			h4 += 1;
		} else if (left >= 8) {
			// The last block ends with a one of its own, within its sixteen octets.
			const one: u64 = 1 << (8 * (left - 8));
			high = (high & (one - 1)) | one;
		} else {
			const one: u64 = 1 << (8 * left);
			low = (low & (one - 1)) | one;
			high = 0;
		}
		from += 16;
		h0 += low & limb;
		h1 += low >> 32;
		h2 += high & limb;
		h3 += high >> 32;
		const d0 = h0 * r0 + h1 * w3 + h2 * w2 + h3 * w1;
		const d1 = h0 * r1 + h1 * r0 + h2 * w3 + h3 * w2 + h4 * w1 + (d0 >> 32);
		const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * w3 + h4 * w2 + (d1 >> 32);
		const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * w3 + (d2 >> 32);
		const top = h4 * r0 + (d3 >> 32);
		h0 = (d0 & limb) + (top >> 2) * 5;
		h1 = d1 & limb;
		h2 = d2 & limb;
		h3 = d3 & limb;
		h4 = top & 3;
	}
	store<u64>(SUM, h0);
	store<u64>(SUM + 8, h1);
	store<u64>(SUM + 16, h2);
	store<u64>(SUM + 24, h3);
	store<u64>(SUM + 32, h4);
}

/** Ends the text: its tag is at `TAG`. */
export function endTag(): void {
	let h0 = load<u64>(SUM);
	let h1 = load<u64>(SUM + 8) + (h0 >> 32);
	let h2 = load<u64>(SUM + 16) + (h1 >> 32);
	let h3 = load<u64>(SUM + 24) + (h2 >> 32);
	let h4 = load<u64>(SUM + 32) + (h3 >> 32);
	// What is above 2^130 once more.
	h0 = (h0 & limb) + (h4 >> 2) * 5;
	h1 = (h1 & limb) + (h0 >> 32);
	h2 = (h2 & limb) + (h1 >> 32);
	h3 = (h3 & limb) + (h2 >> 32);
	h4 = (h4 & 3) + (h3 >> 32);
	// What is not below 2^130 - 5 loses it, without a branch: which of the two it was is as secret as the text. The tag has
	// 128 bits, so what the top limb would be afterwards does not matter.
	const excess: u64 = (((((h0 & limb) + 5) >> 32) + (h1 & limb)) >> 32) + (h2 & limb);
	const isAbove: u64 = (((excess >> 32) + (h3 & limb)) >> 32) + h4;
	const sum0 = (h0 & limb) + (isAbove >> 2) * 5 + <u64>load<u32>(PAD);
	const sum1 = (h1 & limb) + (sum0 >> 32) + <u64>load<u32>(PAD + 4);
	const sum2 = (h2 & limb) + (sum1 >> 32) + <u64>load<u32>(PAD + 8);
	const sum3 = (h3 & limb) + (sum2 >> 32) + <u64>load<u32>(PAD + 12);
	store<u64>(TAG, (sum0 & limb) | (sum1 << 32));
	store<u64>(TAG, (sum2 & limb) | (sum3 << 32), 8);
}
