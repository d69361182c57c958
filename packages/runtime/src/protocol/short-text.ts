/** Reads texts of a few octets by their units: to begin with, the host takes longer than this takes. */

import { surprised } from "./surprise.js";

/** Unit: bytes. */
export const mostShortBytes = 15;

const fromCharCode = String.fromCharCode;

/** Is surprised by what is no UTF-8, and by a mark of byte order. */
export function shortText(f: Uint8Array, s: number, length: number): string {
	let all = 0;
	for (let i = 0; i < length; i++) all |= f[s + i]!;
	if (all >= 0x80) return wideText(f, s, s + length);
	switch (length) {
		case 0:
			return "";
		case 1:
			return fromCharCode(f[s]!);
		case 2:
			return fromCharCode(f[s]!, f[s + 1]!);
		case 3:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!);
		case 4:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!, f[s + 3]!);
		case 5:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!, f[s + 3]!, f[s + 4]!);
		case 6:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!, f[s + 3]!, f[s + 4]!, f[s + 5]!);
		case 7:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!, f[s + 3]!, f[s + 4]!, f[s + 5]!, f[s + 6]!);
		case 8:
			return fromCharCode(f[s]!, f[s + 1]!, f[s + 2]!, f[s + 3]!, f[s + 4]!, f[s + 5]!, f[s + 6]!, f[s + 7]!);
		case 9:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
			);
		case 10:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
			);
		case 11:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
				f[s + 10]!,
			);
		case 12:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
				f[s + 10]!,
				f[s + 11]!,
			);
		case 13:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
				f[s + 10]!,
				f[s + 11]!,
				f[s + 12]!,
			);
		case 14:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
				f[s + 10]!,
				f[s + 11]!,
				f[s + 12]!,
				f[s + 13]!,
			);
		default:
			return fromCharCode(
				f[s]!,
				f[s + 1]!,
				f[s + 2]!,
				f[s + 3]!,
				f[s + 4]!,
				f[s + 5]!,
				f[s + 6]!,
				f[s + 7]!,
				f[s + 8]!,
				f[s + 9]!,
				f[s + 10]!,
				f[s + 11]!,
				f[s + 12]!,
				f[s + 13]!,
				f[s + 14]!,
			);
	}
}

function wideText(octets: Uint8Array, start: number, end: number): string {
	const units: number[] = [];
	let at = start;
	while (at < end) {
		const first = octets[at]!;
		if (first < 0x80) {
			units.push(first);
			at += 1;
			continue;
		}
		const second = continued(octets, at + 1);
		if (first < 0xe0) {
			if (first < 0xc2) surprised();
			units.push(((first & 0x1f) << 6) | second);
			at += 2;
			continue;
		}
		const third = continued(octets, at + 2);
		if (first < 0xf0) {
			const unit = ((first & 0x0f) << 12) | (second << 6) | third;
			if (unit < 0x800 || (unit & 0xf800) === 0xd800) surprised();
			units.push(unit);
			at += 3;
			continue;
		}
		const point = ((first & 0x07) << 18) | (second << 12) | (third << 6) | continued(octets, at + 3);
		if (first > 0xf4 || point < 0x1_0000 || point > 0x10_ffff) surprised();
		units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff));
		at += 4;
	}
	// A character that is cut off has been read beyond the end.
	if (at !== end || units[0] === 0xfeff) surprised();
	return fromCharCode(...units);
}

/** What an octet behind the first of a character says. */
function continued(octets: Uint8Array, at: number): number {
	const octet = octets[at]!;
	return (octet & 0xc0) === 0x80 ? octet & 0x3f : surprised();
}
