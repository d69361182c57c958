/**
 * Salsa20 (D. J. Bernstein, "The Salsa20 family of stream ciphers", 2007), four blocks at a time: each of the sixteen words
 * is a vector, and each lane a block of its own, of whatever nonce and number.
 */
import { BLOCK_NONCE0, BLOCK_NONCE1, BLOCK_NUMBER, KEY, STREAM } from "./layout";

/** "expand 32-byte k". */
export const sigma0: i32 = 0x61707865;
export const sigma1: i32 = 0x3320646e;
export const sigma2: i32 = 0x79622d32;
export const sigma3: i32 = 0x6b206574;

@inline
function turn(word: v128, left: i32): v128 {
	return v128.or(i32x4.shl(word, left), i32x4.shr_u(word, 32 - left));
}

/** Writes vectors of one word of four blocks each as four words of each block. */
@inline
function put(to: usize, a: v128, b: v128, c: v128, d: v128): void {
	const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
	const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
	v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
	v128.store(to + 64, v128.shuffle<i64>(ab, cd, 1, 3));
	const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
	const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
	v128.store(to + 128, v128.shuffle<i64>(ef, gh, 0, 2));
	v128.store(to + 192, v128.shuffle<i64>(ef, gh, 1, 3));
}

/** Makes the first `count` of the blocks that are asked for, and up to three more. */
export function makeStream(count: i32): void {
	const s0 = i32x4.splat(sigma0);
	const s1 = i32x4.splat(sigma1);
	const s2 = i32x4.splat(sigma2);
	const s3 = i32x4.splat(sigma3);
	for (let i: usize = 0; i < <usize>count; i += 4) {
		const n0 = v128.load(BLOCK_NONCE0 + 4 * i);
		const n1 = v128.load(BLOCK_NONCE1 + 4 * i);
		const number = v128.load(BLOCK_NUMBER + 4 * i);
		let x0 = s0;
		let x1 = v128.load_splat<i32>(KEY);
		let x2 = v128.load_splat<i32>(KEY + 4);
		let x3 = v128.load_splat<i32>(KEY + 8);
		let x4 = v128.load_splat<i32>(KEY + 12);
		let x5 = s1;
		let x6 = n0;
		let x7 = n1;
		let x8 = number;
		let x9 = i32x4.splat(0);
		let x10 = s2;
		let x11 = v128.load_splat<i32>(KEY + 16);
		let x12 = v128.load_splat<i32>(KEY + 20);
		let x13 = v128.load_splat<i32>(KEY + 24);
		let x14 = v128.load_splat<i32>(KEY + 28);
		let x15 = s3;
		for (let round = 0; round < 20; round += 2) {
			x4 = v128.xor(x4, turn(i32x4.add(x0, x12), 7));
			x9 = v128.xor(x9, turn(i32x4.add(x5, x1), 7));
			x14 = v128.xor(x14, turn(i32x4.add(x10, x6), 7));
			x3 = v128.xor(x3, turn(i32x4.add(x15, x11), 7));
			x8 = v128.xor(x8, turn(i32x4.add(x4, x0), 9));
			x13 = v128.xor(x13, turn(i32x4.add(x9, x5), 9));
			x2 = v128.xor(x2, turn(i32x4.add(x14, x10), 9));
			x7 = v128.xor(x7, turn(i32x4.add(x3, x15), 9));
			x12 = v128.xor(x12, turn(i32x4.add(x8, x4), 13));
			x1 = v128.xor(x1, turn(i32x4.add(x13, x9), 13));
			x6 = v128.xor(x6, turn(i32x4.add(x2, x14), 13));
			x11 = v128.xor(x11, turn(i32x4.add(x7, x3), 13));
			x0 = v128.xor(x0, turn(i32x4.add(x12, x8), 18));
			x5 = v128.xor(x5, turn(i32x4.add(x1, x13), 18));
			x10 = v128.xor(x10, turn(i32x4.add(x6, x2), 18));
			x15 = v128.xor(x15, turn(i32x4.add(x11, x7), 18));
			x1 = v128.xor(x1, turn(i32x4.add(x0, x3), 7));
			x6 = v128.xor(x6, turn(i32x4.add(x5, x4), 7));
			x11 = v128.xor(x11, turn(i32x4.add(x10, x9), 7));
			x12 = v128.xor(x12, turn(i32x4.add(x15, x14), 7));
			x2 = v128.xor(x2, turn(i32x4.add(x1, x0), 9));
			x7 = v128.xor(x7, turn(i32x4.add(x6, x5), 9));
			x8 = v128.xor(x8, turn(i32x4.add(x11, x10), 9));
			x13 = v128.xor(x13, turn(i32x4.add(x12, x15), 9));
			x3 = v128.xor(x3, turn(i32x4.add(x2, x1), 13));
			x4 = v128.xor(x4, turn(i32x4.add(x7, x6), 13));
			x9 = v128.xor(x9, turn(i32x4.add(x8, x11), 13));
			x14 = v128.xor(x14, turn(i32x4.add(x13, x12), 13));
			x0 = v128.xor(x0, turn(i32x4.add(x3, x2), 18));
			x5 = v128.xor(x5, turn(i32x4.add(x4, x7), 18));
			x10 = v128.xor(x10, turn(i32x4.add(x9, x8), 18));
			x15 = v128.xor(x15, turn(i32x4.add(x14, x13), 18));
		}
		const to = STREAM + 64 * i;
		put(
			to,
			i32x4.add(x0, s0),
			i32x4.add(x1, v128.load_splat<i32>(KEY)),
			i32x4.add(x2, v128.load_splat<i32>(KEY + 4)),
			i32x4.add(x3, v128.load_splat<i32>(KEY + 8)),
		);
		put(to + 16, i32x4.add(x4, v128.load_splat<i32>(KEY + 12)), i32x4.add(x5, s1), i32x4.add(x6, n0), i32x4.add(x7, n1));
		put(
			to + 32,
			i32x4.add(x8, number),
			x9,
			i32x4.add(x10, s2),
			i32x4.add(x11, v128.load_splat<i32>(KEY + 16)),
		);
		put(
			to + 48,
			i32x4.add(x12, v128.load_splat<i32>(KEY + 20)),
			i32x4.add(x13, v128.load_splat<i32>(KEY + 24)),
			i32x4.add(x14, v128.load_splat<i32>(KEY + 28)),
			i32x4.add(x15, s3),
		);
	}
}
