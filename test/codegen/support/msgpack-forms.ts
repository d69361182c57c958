/** Writes msgpack in other forms than Homing does: wider lengths and numbers, other orders, properties that nobody asked for. */

/** A number from 0 to below `below`. */
export type Pick = (below: number) => number;

/** The same value in other forms, most of which a reader has to take as the same. */
export function inOtherForms(body: Uint8Array, pick: Pick): Uint8Array {
	const octets: number[] = [];
	const end = copyValue(body, 0, pick, octets);
	if (end !== body.length) throw new Error("the body holds more than one value");
	return Uint8Array.from(octets);
}

function copyValue(body: Uint8Array, at: number, pick: Pick, octets: number[]): number {
	const octet = body[at]!;
	const isWidened = pick(4) === 0;
	if (octet < 0x80 || octet >= 0xe0) {
		writeInteger(octet < 0x80 ? BigInt(octet) : BigInt(octet - 0x100), isWidened ? pick(6) : -1, octets);
		return at + 1;
	}
	if (octet >= 0xcc && octet <= 0xd3) {
		const width = 1 << ((octet - 0xcc) & 3);
		const isSigned = octet >= 0xd0;
		const value = BigInt.asIntN(64, readBig(body, at + 1, width));
		const integer = isSigned ? BigInt.asIntN(8 * width, value) : BigInt.asUintN(8 * width, value);
		if (isWidened) writeInteger(integer, pick(6), octets);
		else copy(body, at, 1 + width, octets);
		return at + 1 + width;
	}
	if (octet < 0x90 || octet === 0xde || octet === 0xdf) return copyMap(body, at, pick, octets);
	if (octet < 0xa0 || octet === 0xdc || octet === 0xdd) {
		const { start, length } = headOf(body, at, octet < 0xa0 ? octet & 0x0f : undefined, octet === 0xdc ? 2 : 4);
		writeHead(length, isWidened ? 1 + pick(2) : 0, [0x90, 16], [undefined, 0xdc, 0xdd], octets);
		let next = start;
		for (let i = 0; i < length; i++) next = copyValue(body, next, pick, octets);
		return next;
	}
	if (octet < 0xc0 || (octet >= 0xd9 && octet <= 0xdb)) {
		const { start, length } = headOf(body, at, octet < 0xc0 ? octet & 0x1f : undefined, 1 << (octet - 0xd9));
		writeHead(length, isWidened ? pick(4) : 0, [0xa0, 32], [0xd9, 0xda, 0xdb], octets);
		copy(body, start, length, octets);
		return start + length;
	}
	if (octet >= 0xc4 && octet <= 0xc6) {
		const { start, length } = headOf(body, at, undefined, 1 << (octet - 0xc4));
		writeHead(length, isWidened ? pick(3) : 0, undefined, [0xc4, 0xc5, 0xc6], octets);
		copy(body, start, length, octets);
		return start + length;
	}
	const size = { 192: 1, 194: 1, 195: 1, 202: 5, 203: 9, 199: 15, 214: 6, 215: 10 }[octet];
	if (size === undefined) throw new Error(`nothing of Homing's starts with ${octet}`);
	copy(body, at, size, octets);
	return at + size;
}

function copyMap(body: Uint8Array, at: number, pick: Pick, octets: number[]): number {
	const octet = body[at]!;
	const { start, length } = headOf(body, at, octet < 0x90 ? octet & 0x0f : undefined, octet === 0xde ? 2 : 4);
	const entries: number[][] = [];
	let next = start;
	for (let i = 0; i < length; i++) {
		const entry: number[] = [];
		next = copyValue(body, copyValue(body, next, pick, entry), pick, entry);
		entries.push(entry);
	}
	switch (pick(8)) {
		case 0:
			entries.reverse();
			break;
		case 1:
			entries.splice(pick(entries.length + 1), 0, [
				0xa5,
				..."other".split("").map((unit) => unit.charCodeAt(0)),
				pick(0x80),
			]);
			break;
		case 2:
			if (entries.length > 0) entries.push(entries[pick(entries.length)]!);
			break;
		case 3:
			if (entries.length > 0) entries.splice(pick(entries.length), 1);
			break;
		default:
	}
	writeHead(entries.length, pick(4) === 0 ? 1 + pick(2) : 0, [0x80, 16], [undefined, 0xde, 0xdf], octets);
	for (const entry of entries) for (const each of entry) octets.push(each);
	return next;
}

function headOf(
	body: Uint8Array,
	at: number,
	short: number | undefined,
	width: number,
): { start: number; length: number } {
	if (short !== undefined) return { start: at + 1, length: short };
	return { start: at + 1 + width, length: Number(readBig(body, at + 1, width)) };
}

function readBig(body: Uint8Array, at: number, width: number): bigint {
	let value = 0n;
	for (let i = 0; i < width; i++) value = (value << 8n) | BigInt(body[at + i]!);
	return value;
}

function copy(body: Uint8Array, start: number, size: number, octets: number[]): void {
	for (let i = 0; i < size; i++) octets.push(body[start + i]!);
}

function writeBig(value: bigint, width: number, octets: number[]): void {
	for (let i = width - 1; i >= 0; i--) octets.push(Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
}

/** `form`: the widest that is still taken if it fits; -1 the shortest. */
function writeInteger(value: bigint, form: number, octets: number[]): void {
	if (form === -1 && value >= -0x20n && value < 0x80n) {
		octets.push(Number(BigInt.asUintN(8, value)));
	} else if (form === 5 && value >= -(2n ** 53n) && value <= 2n ** 53n) {
		const double = new DataView(new ArrayBuffer(8));
		double.setFloat64(0, Number(value));
		octets.push(0xcb, ...new Uint8Array(double.buffer));
	} else {
		const isSigned = value < 0n || form % 2 === 1;
		for (let width = Math.max(0, form >> 1); width <= 3; width++) {
			const bits = 8 << width;
			if ((isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) !== value) continue;
			octets.push((isSigned ? 0xd0 : 0xcc) + width);
			writeBig(value, 1 << width, octets);
			return;
		}
		// Too great to be signed.
		octets.push(0xcf);
		writeBig(value, 8, octets);
	}
}

/** `widened`: how many forms that would do are passed over. */
function writeHead(
	length: number,
	widened: number,
	short: readonly [base: number, below: number] | undefined,
	wide: readonly (number | undefined)[],
	octets: number[],
): void {
	let left = widened;
	if (short !== undefined && length < short[1] && left-- <= 0) {
		octets.push(short[0] | length);
		return;
	}
	for (const [index, octet] of wide.entries()) {
		const width = 1 << index;
		if (octet === undefined || length >= 2 ** (8 * width) || (left-- > 0 && index < wide.length - 1)) continue;
		octets.push(octet);
		writeBig(BigInt(length), width, octets);
		return;
	}
}
