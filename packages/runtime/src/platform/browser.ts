import type { Platform } from "./platform.js";

const encoder = new TextEncoder();
/** A mark of byte order is part of the text, as it is in Node. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Browsers, and whatever else has nothing of Node. */
export const platform: Platform = {
	encodeText: (text) => encoder.encode(text),
	decodeText: (octets, start, end) => decoder.decode(octets.subarray(start, end)),
	textBytes: (text) => {
		let size = text.length;
		for (let i = 0; i < text.length; i++) {
			const unit = text.charCodeAt(i);
			// The two halves of a pair have four octets together; here each has had one, and gets one more.
			if (unit >= 0x80) size += unit < 0x800 || isHalfOfPair(text, i, unit) ? 1 : 2;
		}
		return size;
	},
	writeText: (to, start, end, text) => encoder.encodeInto(text, to.subarray(start, end)).written,
	encodeBase64url: (octets) =>
		btoa(String.fromCharCode(...octets))
			.replaceAll("+", "-")
			.replaceAll("/", "_")
			.replaceAll("=", ""),
	decodeBase64url: (text) =>
		Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (digit) => digit.charCodeAt(0)),
	allocate: (size) => new Uint8Array(size),
	// What compiles is a tenth of a bundle, and half a microsecond a value is nothing beside a message of a WebSocket.
	compileSchema: (schema) => schema,
	afterThisTurn: (then) => queueMicrotask(then),
};

function isHalfOfPair(text: string, index: number, unit: number): boolean {
	if ((unit & 0xfc00) === 0xd800) return (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
	return (unit & 0xfc00) === 0xdc00 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
}
