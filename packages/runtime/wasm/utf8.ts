/**
 * UTF-8 to UTF-16, sixteen octets at a time. Each octet's lane works out the unit that it would begin, from itself and the two
 * octets behind it, and what begins none is then left out: where characters begin makes no difference to what is done next, and
 * so there is nothing for the processor to guess. What is no UTF-8 is found by the tables of J. Keiser and D. Lemire, "Validating
 * UTF-8 In Less Than One Instruction Per Byte" (2021).
 *
 * Rules of this file: nothing is trapped: whatever the input is, no access leaves the areas. Nothing in memory but the tables
 * means anything from one call to the next.
 */

/** For each set of eight lanes, as the bits of a number: what brings the units of those lanes to the front. */
const PACKING: usize = 1024;
/** Sixteen octets of ones, and sixteen of zeros. */
const ONES: usize = PACKING + 256 * 16;
/** What comes in, and what goes out. Known to the caller. Whole vectors reach beyond the end of both. */
const INPUT: usize = 0x2000;
const areaBytes: usize = 0x8000;
const OUTPUT: usize = INPUT + areaBytes + 64;

for (let set: usize = 0; set < 256; set++) {
	v128.store(PACKING + 16 * set, i8x16.splat(-1));
	let at: usize = PACKING + 16 * set;
	for (let lane: usize = 0; lane < 8; lane++) {
		if (((set >> lane) & 1) === 0) continue;
		store<u8>(at, <u8>(2 * lane));
		store<u8>(at + 1, <u8>(2 * lane + 1));
		at += 2;
	}
}
v128.store(ONES, i8x16.splat(-1));
v128.store(ONES + 16, i8x16.splat(0));

// What can be wrong with two octets that follow each other, or with the first two of three or four.
const tooShort: i8 = 0x01;
const tooLong: i8 = 0x02;
const overlong3: i8 = 0x04;
const tooLarge: i8 = 0x08;
const surrogate: i8 = 0x10;
const overlong2: i8 = 0x20;
const tooLarge1000: i8 = 0x40;
const overlong4: i8 = 0x40;
/** Not wrong where the octet one or two before says that it goes on for so long. */
const goesOn: i8 = -0x80;
/** Whatever the lower half of the first octet is. */
const anyLow: i8 = tooShort | tooLong | goesOn;
const low5: i8 = anyLow | tooLarge | tooLarge1000;

/** What may be wrong, by the upper half of the first octet. */
@inline
function byFirstHigh(halves: v128): v128 {
	const lead: i8 = tooShort;
	const table = i8x16(
		tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong,
		goesOn, goesOn, goesOn, goesOn,
		lead | overlong2, lead, lead | overlong3 | surrogate, lead | tooLarge | tooLarge1000 | overlong4,
	);
	return i8x16.swizzle(table, halves);
}

/** By its lower half. */
@inline
function byFirstLow(halves: v128): v128 {
	const table = i8x16(
		anyLow | overlong3 | overlong2 | overlong4, anyLow | overlong2, anyLow, anyLow,
		anyLow | tooLarge, low5, low5, low5, low5, low5, low5, low5, low5, low5 | surrogate, low5, low5,
	);
	return i8x16.swizzle(table, halves);
}

/** By the upper half of the second. */
@inline
function bySecondHigh(halves: v128): v128 {
	const on: i8 = tooLong | overlong2 | goesOn;
	const table = i8x16(
		tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort,
		on | overlong3 | tooLarge1000 | overlong4, on | overlong3 | tooLarge, on | surrogate | tooLarge, on | surrogate | tooLarge,
		tooShort, tooShort, tooShort, tooShort,
	);
	return i8x16.swizzle(table, halves);
}

/** Each octet moved to the right or left, and what came from its neighbour masked away. */
@inline
function right(octets: v128, by: i32, mask: i8): v128 {
	return v128.and(i16x8.shr_u(octets, by), i8x16.splat(mask));
}

@inline
function left(octets: v128, by: i32, mask: i8): v128 {
	return v128.and(i16x8.shl(octets, by), i8x16.splat(mask));
}

/** Sixteen octets, of which those behind the first `rest` are zero. */
@inline
function load(at: usize, rest: i32): v128 {
	return v128.and(v128.load(at), v128.load(ONES + 16 - <usize>min(max(rest, 0), 16)));
}

/** Not zero where a character is cut off at the end of these. */
@inline
function cutOff(octets: v128): v128 {
	return i8x16.sub_sat_u(octets, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -0x11, -0x21, -0x41));
}

/** Writes the units of eight lanes that `set` has; returns how many octets they are. */
@inline
function pack(to: usize, units: v128, set: i32): usize {
	v128.store(to, i8x16.swizzle(units, v128.load(PACKING + (<usize>set << 4))));
	return <usize>(popcnt<i32>(set) << 1);
}

/**
 * Text of the `length` octets at `at`, in the input, to the output. Returns how many units it has, or -1 where the octets are no
 * UTF-8.
 */
export function toUtf16(at: usize, length: i32): i32 {
	let to: usize = OUTPUT;
	let wrong = i8x16.splat(0);
	let before = i8x16.splat(0);
	let octets = load(at, length);
	let rest = length;
	do {
		const after = rest >= 32 ? v128.load(at + 16) : load(at + 16, rest - 16);
		if (i8x16.bitmask(octets) === 0) {
			wrong = v128.or(wrong, cutOff(before));
			v128.store(to, i16x8.extend_low_i8x16_u(octets));
			v128.store(to + 16, i16x8.extend_high_i8x16_u(octets));
			to += 32;
		} else {
			const back1 = v128.shuffle<i8>(before, octets, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
			const back2 = v128.shuffle<i8>(before, octets, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
			const back3 = v128.shuffle<i8>(before, octets, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
			const next1 = v128.shuffle<i8>(octets, after, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
			const next2 = v128.shuffle<i8>(octets, after, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);

			const flaws = v128.and(
				v128.and(byFirstHigh(right(back1, 4, 0x0f)), byFirstLow(v128.and(back1, i8x16.splat(0x0f)))),
				bySecondHigh(right(octets, 4, 0x0f)),
			);
			// From 0xe0 on two octets follow, and from 0xf0 on three.
			const going = v128.or(i8x16.sub_sat_u(back2, i8x16.splat(0x60)), i8x16.sub_sat_u(back3, i8x16.splat(0x70)));
			wrong = v128.or(wrong, v128.xor(flaws, v128.and(going, i8x16.splat(goesOn))));

			const isAscii = i8x16.ge_s(octets, i8x16.splat(0));
			/** Or of one. */
			const isOfThree = i8x16.gt_s(octets, i8x16.splat(-0x21));
			// A unit's lower octet, and its upper one.
			const lowOfThree = v128.or(left(next1, 6, -0x40), v128.and(next2, i8x16.splat(0x3f)));
			const lowOfTwo = v128.or(left(octets, 6, -0x40), v128.and(next1, i8x16.splat(0x3f)));
			const highOfThree = v128.or(left(octets, 4, -0x10), right(next1, 2, 0x0f));
			let low = v128.bitselect(octets, v128.bitselect(lowOfThree, lowOfTwo, isOfThree), isAscii);
			let high = v128.andnot(v128.bitselect(highOfThree, right(octets, 2, 0x07), isOfThree), isAscii);
			let begins = i8x16.gt_s(octets, i8x16.splat(-0x41));
			if (v128.any_true(i8x16.sub_sat_u(i8x16.max_u(octets, back1), i8x16.splat(-0x11)))) {
				const isOfFour = i8x16.ge_u(octets, i8x16.splat(-0x10));
				/** The second of four begins the lower half of the pair. */
				const isSecond = i8x16.ge_u(back1, i8x16.splat(-0x10));
				// 0xd7c0 is added to what the upper half has of the character, and carries from octet to octet.
				const lowOfUpper = i8x16.sub(v128.or(left(next1, 2, -0x04), right(next2, 4, 0x03)), i8x16.splat(0x40));
				const carriesNot = i8x16.eq(v128.and(next1, i8x16.splat(0x30)), i8x16.splat(0));
				const highOfUpper = i8x16.add(i8x16.sub(v128.and(octets, i8x16.splat(7)), i8x16.splat(0x28)), carriesNot);
				const highOfLower = v128.or(right(next1, 2, 0x03), i8x16.splat(-0x24));
				low = v128.bitselect(lowOfUpper, v128.bitselect(lowOfThree, low, isSecond), isOfFour);
				high = v128.bitselect(highOfUpper, v128.bitselect(highOfLower, high, isSecond), isOfFour);
				begins = v128.or(begins, isSecond);
			}

			const set = i8x16.bitmask(begins);
			const first = v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
			const second = v128.shuffle<i8>(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
			to += pack(to, first, set & 0xff);
			to += pack(to, second, set >> 8);
		}
		before = octets;
		octets = after;
		at += 16;
		rest -= 16;
	} while (rest > 0);
	if (v128.any_true(v128.or(wrong, cutOff(before)))) return -1;
	// The zeros behind the end have each been one.
	return <i32>((to - OUTPUT) >> 1) + rest;
}
