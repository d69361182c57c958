import { ZmtpError } from "../errors.js";
import { allocate, concat, latin1, type Octets } from "./octets.js";

/**
 * READY's key-value list. Names are kept in lower case: they compare without case (RFC 37, The NULL mechanism), though
 * libzmq compares them with it, so they are sent in the exact case of the RFC.
 */
export type Properties = ReadonlyMap<string, Uint8Array>;

/** What this side tells of itself, in the order it is sent in. */
export type PropertyList = Iterable<readonly [name: string, value: Uint8Array]>;

const nameForm = /^[A-Za-z0-9\-_.+]+$/;

/** Properties that may stand once only; libzmq would keep the last Identity and the first of any other. */
const singular: ReadonlySet<string> = new Set(["socket-type", "identity"]);

/** Writes the list. Owned by the caller. */
export function encodeProperties(properties: PropertyList): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const [name, value] of properties) {
		const head = new Uint8Array(1 + name.length + 4);
		head[0] = name.length;
		for (let i = 0; i < name.length; i++) head[1 + i] = name.charCodeAt(i);
		new DataView(head.buffer).setUint32(1 + name.length, value.length);
		parts.push(head, value);
	}
	return concat(parts);
}

/**
 * Reads the list from `start` to `end`. The values are copies.
 * Throws `ZMTP_PROPERTIES_MALFORMED` unless it is well-formed to the last octet.
 */
export function decodeProperties(buffer: Uint8Array, start: number, end: number): Properties {
	const properties = new Map<string, Uint8Array>();
	const octets = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
	let position = start;
	while (position < end) {
		const nameStart = position + 1;
		const nameEnd = nameStart + octets.getUint8(position);
		const valueStart = nameEnd + 4;
		if (valueStart > end) throw malformed("a property runs past the end");
		const name = latin1(buffer, nameStart, nameEnd);
		if (!nameForm.test(name)) throw malformed("a property's name is empty or has an illegal character");
		const valueEnd = valueStart + octets.getUint32(nameEnd);
		if (valueEnd > end) throw malformed(`the value of ${name} runs past the end`);
		const key = name.toLowerCase();
		if (singular.has(key) && properties.has(key)) throw malformed(`${name} stands twice`);
		if (!properties.has(key)) properties.set(key, own(buffer, valueStart, valueEnd));
		position = valueEnd;
	}
	return properties;
}

/** A routing id among them is handed to the application: it is of its host's kind, however the properties came. */
function own(buffer: Uint8Array, start: number, end: number): Octets {
	const value = allocate(end - start);
	value.set(buffer.subarray(start, end));
	return value;
}

function malformed(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_PROPERTIES_MALFORMED", `the peer's properties are malformed: ${reason}`);
}
