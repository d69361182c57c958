import { AsyncLocalStorage } from "node:async_hooks";
import * as z from "zod";
import { nodeWideTexts } from "./node-wide-texts.js";
import type { Platform } from "./platform.js";

// They take any octets, and need no Buffer made of them first.
const { utf8Slice, utf8Write } = Buffer.prototype as unknown as {
	utf8Slice(this: Uint8Array, start: number, end: number): string;
	utf8Write(this: Uint8Array, text: string, start: number, size: number): number;
};

/** Node, and what stands in for it: Bun, Deno. */
export const platform: Platform = {
	encodeText: (text) => Buffer.from(text),
	decodeText: (octets, start, end) => utf8Slice.call(octets, start, end),
	textBytes: (text) => Buffer.byteLength(text),
	writeText: (to, start, end, text) => utf8Write.call(to, text, start, end - start),
	encodeBase64url: (octets) => view(octets, 0, octets.length).toString("base64url"),
	decodeBase64url: (text) => Buffer.from(text, "base64url"),
	allocate: (size) => Buffer.allocUnsafeSlow(size),
	// Where the host forbids code from strings zod's interpreter does the same, slower.
	compileSchema: (schema) => (isOfThisZod(schema) ? z.compile(schema) : schema),
	afterThisTurn: (then) => process.nextTick(then),
	createWideTexts: nodeWideTexts,
	createStorage: () => new AsyncLocalStorage(),
};

const { major, minor, patch } = z.never()._zod.version;

/**
 * This package brings a copy of zod, and a schema that a program wrote itself is of the program's own. How values are judged is part of
 * each schema, but what is compiled of one is right for one version.
 */
function isOfThisZod({ _zod: { version } }: z.ZodType): boolean {
	return version.major === major && version.minor === minor && version.patch === patch;
}

function view({ buffer, byteOffset }: Uint8Array, start: number, end: number): Buffer {
	return Buffer.from(buffer, byteOffset + start, end - start);
}
