import type { Platform } from "./platform.js";

const encoder = new TextEncoder();
/** A mark of byte order is part of the text, as it is in Node. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Browsers, and whatever else has nothing of Node. */
export const platform: Platform = {
	encodeText: (text) => encoder.encode(text),
	decodeText: (octets, start, end) => decoder.decode(octets.subarray(start, end)),
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
};
