/** JSON from peers without msgpack, under the bounds that hold for msgpack bodies. */
import { maxBodyDepth } from "../limits.js";

const quote = 0x22;
const backslash = 0x5c;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Throws when the text is no JSON, or nested deeper than what walks over the value afterwards has stack for. */
export function parseJson(text: string): unknown {
	if (isDeeperThan(maxBodyDepth, text)) throw new Error(`the body is nested deeper than ${maxBodyDepth}`);
	try {
		return JSON.parse(text) as unknown;
	} catch {
		// The parser's own words quote the body.
		throw new Error("the body is no JSON");
	}
}

function isDeeperThan(limit: number, text: string): boolean {
	let depth = 0;
	let isText = false;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (isText) {
			if (code === backslash) i++;
			else if (code === quote) isText = false;
		} else if (code === quote) isText = true;
		else if (code === openingBracket || code === openingBrace) {
			if (++depth > limit) return true;
		} else if (code === closingBracket || code === closingBrace) depth--;
	}
	return false;
}
