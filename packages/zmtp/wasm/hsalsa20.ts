/** HSalsa20 (D. J. Bernstein, "Extending the Salsa20 nonce", 2011): Salsa20's rounds, and what of their outcome is a key. */
import { INPUT, KEY, OUTPUT, STREAM } from "./layout";
import { sigma0, sigma1, sigma2, sigma3 } from "./salsa20";

/** Word `index` of the state. */
@inline
function at(index: usize): usize {
	return STREAM + 4 * index;
}

function mix(target: usize, one: usize, other: usize, left: u32): void {
	store<u32>(at(target), load<u32>(at(target)) ^ rotl<u32>(load<u32>(at(one)) + load<u32>(at(other)), left));
}

function quarter(a: usize, b: usize, c: usize, d: usize): void {
	mix(b, a, d, 7);
	mix(c, b, a, 9);
	mix(d, c, b, 13);
	mix(a, d, c, 18);
}

/** Makes a key, at `OUTPUT`, of the one at `KEY` and the 16 octets at `INPUT`. */
export function deriveKey(): void {
	store<i32>(at(0), sigma0);
	v128.store(at(1), v128.load(KEY));
	store<i32>(at(5), sigma1);
	v128.store(at(6), v128.load(INPUT));
	store<i32>(at(10), sigma2);
	v128.store(at(11), v128.load(KEY + 16));
	store<i32>(at(15), sigma3);
	for (let round = 0; round < 20; round += 2) {
		quarter(0, 4, 8, 12);
		quarter(5, 9, 13, 1);
		quarter(10, 14, 2, 6);
		quarter(15, 3, 7, 11);
		quarter(0, 1, 2, 3);
		quarter(5, 6, 7, 4);
		quarter(10, 11, 8, 9);
		quarter(15, 12, 13, 14);
	}
	store<u32>(OUTPUT, load<u32>(at(0)));
	store<u32>(OUTPUT, load<u32>(at(5)), 4);
	store<u32>(OUTPUT, load<u32>(at(10)), 8);
	store<u32>(OUTPUT, load<u32>(at(15)), 12);
	v128.store(OUTPUT + 16, v128.load(at(6)));
}
