import type { Dice } from "./dice.js";

/** Inputs are no longer than this, so that "slow" means something. Unit: bytes. */
export const maxInputBytes = 4096;

/** Changes an input somewhere, knowing nothing of its form. `other`: another input, to take pieces from. */
export function mutateOctets(input: Uint8Array, other: Uint8Array, dice: Dice): Buffer {
	let octets = Buffer.from(input);
	for (let rounds = 1 + dice.below(4); rounds > 0; rounds--) octets = Buffer.from(changeOnce(octets, other, dice));
	return octets.subarray(0, maxInputBytes);
}

function changeOnce(octets: Buffer, other: Uint8Array, dice: Dice): Buffer {
	const at = dice.below(octets.length + 1);
	const end = Math.min(octets.length, at + 1 + dice.length(64));
	switch (dice.below(8)) {
		case 0: // a bit
			if (at < octets.length) octets[at]! ^= 1 << dice.below(8);
			return octets;
		case 1: // an octet
			if (at < octets.length) octets[at] = dice.pick([0, 1, 4, 6, 0x7f, 0x80, 0xff, dice.below(256)]);
			return octets;
		case 2: // a number
			return Buffer.concat([octets.subarray(0, at), numberOf(dice), octets.subarray(end)]);
		case 3: // cut off
			return octets.subarray(0, at);
		case 4: // cut out
			return Buffer.concat([octets.subarray(0, at), octets.subarray(end)]);
		case 5: // say twice
			return Buffer.concat([octets.subarray(0, end), octets.subarray(at)]);
		case 6: // put in
			return Buffer.concat([octets.subarray(0, at), dice.octets(dice.length(300)), octets.subarray(at)]);
		default: {
			// from elsewhere
			const from = dice.below(other.length + 1);
			const piece = other.subarray(from, from + 1 + dice.length(400));
			return Buffer.concat([octets.subarray(0, at), piece, octets.subarray(dice.chance(0.5) ? at : end)]);
		}
	}
}

function numberOf(dice: Dice): Buffer {
	const octets = Buffer.alloc(8);
	octets.writeBigUInt64BE(dice.interesting(64));
	return octets.subarray(8 - dice.pick([1, 2, 4, 8]));
}

/** Changes the order and number of an input's parts, or one of them. */
export function mutateParts(parts: readonly Buffer[], others: readonly Buffer[], dice: Dice): Buffer {
	const changed = [...parts];
	const at = dice.below(changed.length + 1);
	switch (dice.below(5)) {
		case 0:
			changed.splice(at, 1);
			break;
		case 1:
			if (at < changed.length) changed.splice(at, 0, ...Array<Buffer>(1 + dice.length(40)).fill(changed[at]!));
			break;
		case 2:
			changed.splice(at, dice.below(3), ...others.slice(dice.below(others.length + 1)));
			break;
		case 3:
			if (at < changed.length) changed.push(...changed.splice(at, 1));
			break;
		default:
			if (at < changed.length) changed[at] = mutateOctets(changed[at]!, others[0] ?? changed[at]!, dice);
	}
	return Buffer.concat(changed).subarray(0, maxInputBytes);
}
