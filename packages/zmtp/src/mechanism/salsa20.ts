/**
 * Salsa20 (D. J. Bernstein, "The Salsa20 family of stream ciphers", 2007), a block at a time.
 *
 * Libraries exist, and the tests hold this against one; but a message frame is a few dozen octets, for which they take
 * longer to make their arrays than to compute (docs/decisions/0011).
 */

/** The block made last: the caller uses it before it makes another. */
export const block = new Uint32Array(16);

/** "expand 32-byte k". */
const sigma0 = 0x61707865;
const sigma1 = 0x3320646e;
const sigma2 = 0x79622d32;
const sigma3 = 0x6b206574;

/** Makes block number `counter` under `key` (8 words, little-endian as all of Salsa20) and a nonce of two words. */
export function makeBlock(key: Uint32Array, nonce0: number, nonce1: number, counter: number): void {
	const k0 = key[0]! | 0;
	const k1 = key[1]! | 0;
	const k2 = key[2]! | 0;
	const k3 = key[3]! | 0;
	const k4 = key[4]! | 0;
	const k5 = key[5]! | 0;
	const k6 = key[6]! | 0;
	const k7 = key[7]! | 0;
	let x0 = sigma0;
	let x1 = k0;
	let x2 = k1;
	let x3 = k2;
	let x4 = k3;
	let x5 = sigma1;
	let x6 = nonce0 | 0;
	let x7 = nonce1 | 0;
	let x8 = counter | 0;
	let x9 = 0;
	let x10 = sigma2;
	let x11 = k4;
	let x12 = k5;
	let x13 = k6;
	let x14 = k7;
	let x15 = sigma3;
	let sum = 0;
	// Local variables and shifts written out: the compiler keeps them in registers and makes rotations of them.
	for (let round = 0; round < 20; round += 2) {
		sum = (x0 + x12) | 0;
		x4 ^= (sum << 7) | (sum >>> 25);
		sum = (x4 + x0) | 0;
		x8 ^= (sum << 9) | (sum >>> 23);
		sum = (x8 + x4) | 0;
		x12 ^= (sum << 13) | (sum >>> 19);
		sum = (x12 + x8) | 0;
		x0 ^= (sum << 18) | (sum >>> 14);
		sum = (x5 + x1) | 0;
		x9 ^= (sum << 7) | (sum >>> 25);
		sum = (x9 + x5) | 0;
		x13 ^= (sum << 9) | (sum >>> 23);
		sum = (x13 + x9) | 0;
		x1 ^= (sum << 13) | (sum >>> 19);
		sum = (x1 + x13) | 0;
		x5 ^= (sum << 18) | (sum >>> 14);
		sum = (x10 + x6) | 0;
		x14 ^= (sum << 7) | (sum >>> 25);
		sum = (x14 + x10) | 0;
		x2 ^= (sum << 9) | (sum >>> 23);
		sum = (x2 + x14) | 0;
		x6 ^= (sum << 13) | (sum >>> 19);
		sum = (x6 + x2) | 0;
		x10 ^= (sum << 18) | (sum >>> 14);
		sum = (x15 + x11) | 0;
		x3 ^= (sum << 7) | (sum >>> 25);
		sum = (x3 + x15) | 0;
		x7 ^= (sum << 9) | (sum >>> 23);
		sum = (x7 + x3) | 0;
		x11 ^= (sum << 13) | (sum >>> 19);
		sum = (x11 + x7) | 0;
		x15 ^= (sum << 18) | (sum >>> 14);
		sum = (x0 + x3) | 0;
		x1 ^= (sum << 7) | (sum >>> 25);
		sum = (x1 + x0) | 0;
		x2 ^= (sum << 9) | (sum >>> 23);
		sum = (x2 + x1) | 0;
		x3 ^= (sum << 13) | (sum >>> 19);
		sum = (x3 + x2) | 0;
		x0 ^= (sum << 18) | (sum >>> 14);
		sum = (x5 + x4) | 0;
		x6 ^= (sum << 7) | (sum >>> 25);
		sum = (x6 + x5) | 0;
		x7 ^= (sum << 9) | (sum >>> 23);
		sum = (x7 + x6) | 0;
		x4 ^= (sum << 13) | (sum >>> 19);
		sum = (x4 + x7) | 0;
		x5 ^= (sum << 18) | (sum >>> 14);
		sum = (x10 + x9) | 0;
		x11 ^= (sum << 7) | (sum >>> 25);
		sum = (x11 + x10) | 0;
		x8 ^= (sum << 9) | (sum >>> 23);
		sum = (x8 + x11) | 0;
		x9 ^= (sum << 13) | (sum >>> 19);
		sum = (x9 + x8) | 0;
		x10 ^= (sum << 18) | (sum >>> 14);
		sum = (x15 + x14) | 0;
		x12 ^= (sum << 7) | (sum >>> 25);
		sum = (x12 + x15) | 0;
		x13 ^= (sum << 9) | (sum >>> 23);
		sum = (x13 + x12) | 0;
		x14 ^= (sum << 13) | (sum >>> 19);
		sum = (x14 + x13) | 0;
		x15 ^= (sum << 18) | (sum >>> 14);
	}
	block[0] = x0 + sigma0;
	block[1] = x1 + k0;
	block[2] = x2 + k1;
	block[3] = x3 + k2;
	block[4] = x4 + k3;
	block[5] = x5 + sigma1;
	block[6] = x6 + nonce0;
	block[7] = x7 + nonce1;
	block[8] = x8 + counter;
	block[9] = x9;
	block[10] = x10 + sigma2;
	block[11] = x11 + k4;
	block[12] = x12 + k5;
	block[13] = x13 + k6;
	block[14] = x14 + k7;
	block[15] = x15 + sigma3;
}
