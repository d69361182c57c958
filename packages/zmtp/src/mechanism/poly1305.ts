/**
 * Poly1305 (D. J. Bernstein, "The Poly1305-AES message-authentication code", 2005): a text as a polynomial modulo 2^130 - 5.
 *
 * Numbers are six limbs of 22 bits, kept in doubles, which are exact to 2^53. No sum below reaches 2^52: a limb that a
 * block was added to stays under 2^23, twenty times a limb of r under 2^27, and six such products are added up.
 */

const base = 2 ** 22;
const perBase = 2 ** -22;
const limb = 0x3f_ffff;
/** 2^132, the end of the limbs, is 20 modulo 2^130 - 5. */
const wrap = 20;

/** The tag made last: the caller uses it before it makes another. */
export const tag = new Uint32Array(4);

/** Makes the tag of `text` from `start` to `end`. `key`: four words of r, four of s, for this text and no other. */
export function makeTag(key: Uint32Array, text: Uint8Array, start: number, end: number): void {
	// r, without the bits that the algorithm never uses.
	const k0 = key[0]! & 0x0fff_ffff;
	const k1 = key[1]! & 0x0fff_fffc;
	const k2 = key[2]! & 0x0fff_fffc;
	const k3 = key[3]! & 0x0fff_fffc;
	const r0 = k0 & limb;
	const r1 = ((k0 >>> 22) | (k1 << 10)) & limb;
	const r2 = ((k1 >>> 12) | (k2 << 20)) & limb;
	const r3 = (k2 >>> 2) & limb;
	const r4 = ((k2 >>> 24) | (k3 << 8)) & limb;
	const r5 = k3 >>> 14;
	const w1 = r1 * wrap;
	const w2 = r2 * wrap;
	const w3 = r3 * wrap;
	const w4 = r4 * wrap;
	const w5 = r5 * wrap;
	let h0 = 0;
	let h1 = 0;
	let h2 = 0;
	let h3 = 0;
	let h4 = 0;
	let h5 = 0;
	let t0 = 0;
	let t1 = 0;
	let t2 = 0;
	let t3 = 0;
	let top = 1 << 18;
	for (let at = start; at < end; at += 16) {
		if (end - at >= 16) {
			t0 = readWord(text, at);
			t1 = readWord(text, at + 4);
			t2 = readWord(text, at + 8);
			t3 = readWord(text, at + 12);
		} else {
			// The last block ends with a one of its own, within its sixteen octets.
			const size = end - at;
			for (let i = 0; i < 16; i++) last[i] = i < size ? text[at + i]! : i === size ? 1 : 0;
			t0 = readWord(last, 0);
			t1 = readWord(last, 4);
			t2 = readWord(last, 8);
			t3 = readWord(last, 12);
			top = 0;
		}
		const a0 = h0 + (t0 & limb);
		const a1 = h1 + (((t0 >>> 22) | (t1 << 10)) & limb);
		const a2 = h2 + (((t1 >>> 12) | (t2 << 20)) & limb);
		const a3 = h3 + ((t2 >>> 2) & limb);
		const a4 = h4 + (((t2 >>> 24) | (t3 << 8)) & limb);
		const a5 = h5 + ((t3 >>> 14) | top);
		h0 = a0 * r0 + a1 * w5 + a2 * w4 + a3 * w3 + a4 * w2 + a5 * w1;
		h1 = a0 * r1 + a1 * r0 + a2 * w5 + a3 * w4 + a4 * w3 + a5 * w2;
		h2 = a0 * r2 + a1 * r1 + a2 * r0 + a3 * w5 + a4 * w4 + a5 * w3;
		h3 = a0 * r3 + a1 * r2 + a2 * r1 + a3 * r0 + a4 * w5 + a5 * w4;
		h4 = a0 * r4 + a1 * r3 + a2 * r2 + a3 * r1 + a4 * r0 + a5 * w5;
		h5 = a0 * r5 + a1 * r4 + a2 * r3 + a3 * r2 + a4 * r1 + a5 * r0;
		// Two carries at a time, half the limbs apart: the processor works on both at once.
		let low = Math.floor(h0 * perBase);
		let high = Math.floor(h3 * perBase);
		h0 -= low * base;
		h3 -= high * base;
		h1 += low;
		h4 += high;
		low = Math.floor(h1 * perBase);
		high = Math.floor(h4 * perBase);
		h1 -= low * base;
		h4 -= high * base;
		h2 += low;
		h5 += high;
		low = Math.floor(h2 * perBase);
		high = Math.floor(h5 * perBase);
		h2 -= low * base;
		h5 -= high * base;
		h3 += low;
		h0 += high * wrap;
		low = Math.floor(h0 * perBase);
		high = Math.floor(h3 * perBase);
		h0 -= low * base;
		h3 -= high * base;
		h1 += low;
		h4 += high;
	}
	// Two passes leave whole numbers of 22 bits below 2^130 or just above it: integers from here on.
	let i0 = h0 | 0;
	let i1 = h1 | 0;
	let i2 = (h2 | 0) + (i1 >> 22);
	let i3 = (h3 | 0) + (i2 >> 22);
	let i4 = (h4 | 0) + (i3 >> 22);
	let i5 = (h5 | 0) + (i4 >> 22);
	i0 += (i5 >> 20) * 5;
	i5 &= 0xf_ffff;
	i1 = (i1 & limb) + (i0 >> 22);
	i2 = (i2 & limb) + (i1 >> 22);
	i3 = (i3 & limb) + (i2 >> 22);
	i4 = (i4 & limb) + (i3 >> 22);
	i5 += i4 >> 22;
	i0 &= limb;
	i1 &= limb;
	i2 &= limb;
	i3 &= limb;
	i4 &= limb;
	// What is not below 2^130 - 5 loses it, without a branch: which of the two it was is as secret as the text.
	const g0 = i0 + 5;
	const g1 = i1 + (g0 >> 22);
	const g2 = i2 + (g1 >> 22);
	const g3 = i3 + (g2 >> 22);
	const g4 = i4 + (g3 >> 22);
	const g5 = i5 + (g4 >> 22) - 0x10_0000;
	const isBelow = g5 >> 31;
	i0 = (i0 & isBelow) | (g0 & limb & ~isBelow);
	i1 = (i1 & isBelow) | (g1 & limb & ~isBelow);
	i2 = (i2 & isBelow) | (g2 & limb & ~isBelow);
	i3 = (i3 & isBelow) | (g3 & limb & ~isBelow);
	i4 = (i4 & isBelow) | (g4 & limb & ~isBelow);
	i5 = (i5 & isBelow) | (g5 & ~isBelow);
	let sum = ((i0 | (i1 << 22)) >>> 0) + key[4]!;
	tag[0] = sum;
	sum = (((i1 >>> 10) | (i2 << 12)) >>> 0) + key[5]! + Math.floor(sum * 2 ** -32);
	tag[1] = sum;
	sum = (((i2 >>> 20) | (i3 << 2) | (i4 << 24)) >>> 0) + key[6]! + Math.floor(sum * 2 ** -32);
	tag[2] = sum;
	sum = (((i4 >>> 8) | (i5 << 14)) >>> 0) + key[7]! + Math.floor(sum * 2 ** -32);
	tag[3] = sum;
}

/** The padded last block of a text. */
const last = new Uint8Array(16);

/** Four octets, little-endian, as a signed word. */
export function readWord(octets: Uint8Array, at: number): number {
	return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}
