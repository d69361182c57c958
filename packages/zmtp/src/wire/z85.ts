import { ZmtpError } from "../errors.js";

/** RFC 32 (Z85): four octets are five digits of base 85. */
const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

const valueOf = new Map([...digits].map((digit, value) => [digit, value]));

/** Takes a multiple of four octets. Returns text that contains no quote, no backslash and no space. */
export function encodeZ85(octets: Uint8Array): string {
	if (octets.length % 4 !== 0) throw new ZmtpError("EINVAL", "Z85 encodes a multiple of four octets");
	const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
	let text = "";
	for (let at = 0; at < octets.length; at += 4) {
		const word = view.getUint32(at);
		for (let power = 85 ** 4; power >= 1; power /= 85) text += digits[Math.floor(word / power) % 85];
	}
	return text;
}

/** Returns the octets, owned by the caller; `undefined` when the text is not Z85. */
export function decodeZ85(text: string): Uint8Array | undefined {
	if (text.length % 5 !== 0) return undefined;
	const view = new DataView(new ArrayBuffer((text.length / 5) * 4));
	for (let group = 0; group * 5 < text.length; group++) {
		let word = 0;
		for (const digit of text.slice(group * 5, group * 5 + 5)) word = word * 85 + (valueOf.get(digit) ?? Number.NaN);
		// Five digits go up to 85^5, which is more than 32 bits hold.
		if (!(word <= 0xffff_ffff)) return undefined;
		view.setUint32(group * 4, word);
	}
	return new Uint8Array(view.buffer);
}
