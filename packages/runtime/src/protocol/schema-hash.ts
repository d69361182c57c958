/**
 * The schema hash that a CALL carries for a caller that is strict: the first entry of its metadata, always written at the same length,
 * so that it is read, and taken out, at fixed offsets. To whoever does not know the flag it is metadata like any other.
 */
import { platform } from "#platform";
import { notStarted, type Outcome, RpcError } from "../errors.js";

/** Longest hash that can be carried: a SHA-256 in hexadecimal. Unit: bytes. */
export const maxSchemaHashBytes = 64;

const fixmap = 0x80;
const map16 = 0xde;
const fixstr = 0xa0;
const str8 = 0xd9;

const key = platform.encodeText("homing.schema");
/** Of the entry: behind the map's head and number of entries. */
const entryOffset = 3;
const lengthOffset = entryOffset + 1 + key.length + 1;
const hashOffset = lengthOffset + 1;

/** Metadata that has nothing but the hash. Throws a RangeError on one that cannot be carried. */
export function encodeSchemaHash(schemaHash: string): Uint8Array {
	const hash = platform.encodeText(schemaHash);
	if (hash.length === 0 || hash.length > maxSchemaHashBytes) {
		throw new RangeError(`a schema hash has 1 to ${maxSchemaHashBytes} octets, not ${JSON.stringify(schemaHash)}`);
	}
	const metadata = new Uint8Array(hashOffset + hash.length);
	metadata[0] = map16;
	setEntries(metadata, 0, 1);
	metadata[entryOffset] = fixstr | key.length;
	metadata.set(key, entryOffset + 1);
	metadata[lengthOffset - 1] = str8;
	metadata[lengthOffset] = hash.length;
	metadata.set(hash, hashOffset);
	return metadata;
}

/**
 * Puts the entries of other metadata, from `start` to `end` of `buffer`, behind those at `hashStart` that have the hash and nothing else.
 * Returns where they end then; -1 when there is no map at `start`.
 */
export function joinEntries(buffer: Uint8Array, hashStart: number, start: number, end: number): number {
	const first = buffer[start]!;
	const isLong = first === map16;
	if (!isLong && (first & 0xf0) !== fixmap) return -1;
	setEntries(buffer, hashStart, 1 + (isLong ? entriesOf(buffer, start) : first & 0x0f));
	const head = isLong ? entryOffset : 1;
	buffer.copyWithin(start, start + head, end);
	return end - head;
}

/** The hash in metadata from `start` to `end` of `buffer`; `undefined`: there is none in the form that it has. */
export function readSchemaHash(buffer: Uint8Array, start: number, end: number): string | undefined {
	if (end - start <= hashOffset || buffer[start] !== map16 || entriesOf(buffer, start) === 0) return undefined;
	if (buffer[start + entryOffset] !== (fixstr | key.length) || buffer[start + lengthOffset - 1] !== str8)
		return undefined;
	for (let i = 0; i < key.length; i++) if (buffer[start + entryOffset + 1 + i] !== key[i]) return undefined;
	const length = buffer[start + lengthOffset]!;
	const hashStart = start + hashOffset;
	if (length === 0 || length > maxSchemaHashBytes || hashStart + length > end) return undefined;
	return platform.decodeText(buffer, hashStart, hashStart + length);
}

/** A copy of the metadata without the hash, which `readSchemaHash` has read; `undefined` when nothing else is there. */
export function withoutSchemaHash(buffer: Uint8Array, start: number, end: number): Uint8Array | undefined {
	const entries = entriesOf(buffer, start) - 1;
	if (entries === 0) return undefined;
	const hashEnd = start + hashOffset + buffer[start + lengthOffset]!;
	const rest = new Uint8Array(entryOffset + end - hashEnd);
	rest[0] = map16;
	setEntries(rest, 0, entries);
	rest.set(buffer.subarray(hashEnd, end), entryOffset);
	return rest;
}

/** Of a map 16. */
function entriesOf(buffer: Uint8Array, start: number): number {
	return (buffer[start + 1]! << 8) | buffer[start + 2]!;
}

function setEntries(buffer: Uint8Array, start: number, entries: number): void {
	buffer[start + 1] = entries >>> 8;
	buffer[start + 2] = entries;
}

/** A CALL's header says that its metadata begins with a hash, and it does not. */
export function noSchemaHash(): RpcError {
	return notStarted("INVALID_ARGUMENT", "the metadata does not begin with a schema hash, as the header says");
}

/** Longest list of hashes that an error names. */
const maxNamed = 4;

/** Nobody here has the schema that the caller was generated from. `present`: those there are; it may be empty. */
export function schemaMismatch(
	service: string,
	schemaHash: string,
	present: readonly string[],
	outcome: Outcome = "not-started",
): RpcError {
	const served = present.slice(0, maxNamed).map((hash) => hash.slice(0, maxSchemaHashBytes));
	const more = present.length > maxNamed ? ` and ${present.length - maxNamed} more` : "";
	const found = served.length === 0 ? "by nobody who says from what schema" : `from schema ${served.join(", ")}${more}`;
	const text =
		`${service}: the caller is generated from schema ${schemaHash}, and here it is served ${found}; ` +
		"generate both from one interface, or connect without schemaCheck";
	return new RpcError("FAILED_PRECONDITION", text, { outcome, details: { schemaHash, servedHashes: served } });
}
