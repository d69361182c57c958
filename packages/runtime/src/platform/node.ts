import { AsyncLocalStorage } from "node:async_hooks";
import * as z from "zod";
import type { Platform } from "./platform.js";

/** Node, and what stands in for it: Bun, Deno. */
export const platform: Platform = {
	encodeText: (text) => Buffer.from(text),
	decodeText: (octets, start, end) => view(octets, start, end).toString(),
	encodeBase64url: (octets) => view(octets, 0, octets.length).toString("base64url"),
	decodeBase64url: (text) => Buffer.from(text, "base64url"),
	allocate: (size) => Buffer.allocUnsafeSlow(size),
	// Where the host forbids code from strings zod's interpreter does the same, slower.
	compileSchema: (schema) => z.compile(schema),
	createStorage: () => new AsyncLocalStorage(),
};

function view({ buffer, byteOffset }: Uint8Array, start: number, end: number): Buffer {
	return Buffer.from(buffer, byteOffset + start, end - start);
}
