/**
 * The header frame: its kind in the first octet, flags in the second, then what the kind has at fixed offsets, so that a
 * queue reads and lowers the budget without decoding anything. Numbers are unsigned and big-endian.
 */
import { platform } from "#platform";
import { maxBudgetMs } from "../limits.js";
import type { IncomingMessage } from "../link/link.js";

/** First octet of a header. An octet from 0x30 on is text: a bare request. */
export const Kind = {
	CALL: 0x01,
	/** What follows up a call, from its caller; each carries the call's route. */
	CANCEL: 0x02,
	ITEM: 0x03,
	END: 0x04,
	CREDIT: 0x05,
	ANSWER: 0x06,
	/** Answers another's call, by the key that was handed over. */
	DELIVER: 0x07,
	/** Several values of the caller's stream, as one body. */
	ITEMS: 0x08,
	READY: 0x20,
	DRAIN: 0x21,
	WELCOME: 0x22,
	PULSE: 0x23,
} as const;

/** First octet of the header of an answer that has one. A result alone has none. */
export const Reply = {
	/** The call stays open; carries the route for what follows it up. */
	OPEN: 0x10,
	ITEM: 0x11,
	/** Also tells a queue that a one-way call is done; that goes no further. */
	END: 0x12,
	ERROR: 0x13,
	CREDIT: 0x14,
	/** Calls a function that is a parameter. */
	CALLBACK: 0x15,
	/** To the hop itself: whoever shows a key will answer. */
	DELEGATE: 0x16,
	/** To the queue itself: another method will answer. */
	FORWARD: 0x17,
	/** One worker's answer to a survey: its status and its name; the survey goes on. */
	SURVEYED: 0x18,
	/** To the queue itself, from a queue that joined it: nobody serves the call there any more. */
	RETURN: 0x19,
	/** A result with frames beside its body. */
	RESULT: 0x1a,
	/** Several values of the stream, as one body. */
	ITEMS: 0x1b,
} as const;

/** From here on a first octet is text. */
export const firstTextOctet = 0x30;

export const Flag = {
	JSON: 0x01,
	IDEMPOTENT: 0x02,
	ONE_WAY: 0x04,
	CHUNKED: 0x08,
	/** Of an ERROR. */
	NOT_STARTED: 0x10,
	/** Of a CALL: its metadata begins with the hash of the schema that its caller was generated from. */
	SCHEMA_HASH: 0x10,
	/** Of an ERROR. */
	OUTCOME_UNKNOWN: 0x20,
	/** Of a CALL, and of an OPEN: who sends it takes ITEMS. */
	TAKES_ITEMS: 0x20,
	/** The caller does not wait for a worker: see docs/decisions. */
	FAIL_FAST: 0x40,
	/** For all workers of the service; each answer comes by itself. */
	SURVEY: 0x80,
} as const;

const openingBracket = 0x5b;

const budgetOffset = 2;
const attemptOffset = 6;
const priorityOffset = 7;
const methodLengthOffset = 8;
const methodOffset = 9;

/** Priority of a call that says none; lower goes first. */
export const normalPriority = 128;

const noMetadata = new Uint8Array(0);

/** What a CALL's header says of its method. */
interface CalledMethod {
	readonly name: string;
	/** Default: `normalPriority`. */
	readonly priority?: number | undefined;
}

/** A CALL's header, its budget still zero. `metadata`: encoded. Throws a RangeError on a name or a priority that does not fit. */
export function encodeCallHeader(
	{ name: method, priority = normalPriority }: CalledMethod,
	flags: number,
	metadata: Uint8Array = noMetadata,
): Uint8Array {
	if (!(Number.isInteger(priority) && priority >= 0 && priority <= 255)) {
		throw new RangeError(`the priority of ${method} is a whole number from 0 to 255, not ${priority}`);
	}
	const name = platform.encodeText(method);
	if (name.length === 0 || name.length > 255 || name[0]! < firstTextOctet) {
		throw new RangeError(`a method's name has 1 to 255 octets and starts with a letter, not ${JSON.stringify(method)}`);
	}
	const header = new Uint8Array(methodOffset + name.length + metadata.length);
	header[0] = Kind.CALL;
	header[1] = flags;
	header[priorityOffset] = priority;
	header[methodLengthOffset] = name.length;
	header.set(name, methodOffset);
	header.set(metadata, methodOffset + name.length);
	return header;
}

/** A CALL's fields, where they lie in a received header. */
export interface CallHeader {
	flags: number;
	/** Time left. Unit: ms; 0: no deadline. */
	budgetMs: number;
	attempt: number;
	priority: number;
	methodStart: number;
	methodEnd: number;
	/** Metadata from `methodEnd` to here; none when equal. */
	metadataEnd: number;
}

/** Reads a CALL's header into `into`. False when it is too short to be one. */
export function readCallHeader(buffer: Uint8Array, start: number, end: number, into: CallHeader): boolean {
	if (end - start < methodOffset) return false;
	const methodStart = start + methodOffset;
	const methodEnd = methodStart + buffer[start + methodLengthOffset]!;
	if (methodEnd > end || methodEnd === methodStart) return false;
	into.flags = buffer[start + 1]!;
	into.budgetMs = readUint32(buffer, start + budgetOffset);
	into.attempt = buffer[start + attemptOffset]!;
	into.priority = buffer[start + priorityOffset]!;
	into.methodStart = methodStart;
	into.methodEnd = methodEnd;
	into.metadataEnd = end;
	return true;
}

/** Where the metadata of a CALL's header begins that starts at `start`. */
export function metadataOffset(buffer: Uint8Array, start: number): number {
	return start + methodOffset + buffer[start + methodLengthOffset]!;
}

/** Whether a request's arguments, and so its answer, are JSON; `first` is its first data frame. */
export function isJsonRequest(message: IncomingMessage, first: number): boolean {
	const buffer = message.buffers[first]!;
	const start = message.starts[first]!;
	if (buffer[start]! < firstTextOctet) return (buffer[start + 1]! & Flag.JSON) !== 0;
	// A list in JSON starts with its bracket; the same octet is no array in msgpack.
	return message.size(first + 1) > 0 && message.buffers[first + 1]![message.starts[first + 1]!] === openingBracket;
}

export function newCallHeader(): CallHeader {
	return { flags: 0, budgetMs: 0, attempt: 0, priority: 0, methodStart: 0, methodEnd: 0, metadataEnd: 0 };
}

/** Sets the budget of a header at `start`. At least 1: 0 would lift the deadline. */
export function setBudget(buffer: Uint8Array, start: number, budgetMs: number): void {
	const budget = budgetMs >= maxBudgetMs ? 0 : Math.max(1, Math.ceil(budgetMs));
	writeUint32(buffer, start + budgetOffset, budget);
}

/** Sets how often the call had been given to another worker before. */
export function setAttempt(buffer: Uint8Array, start: number, attempt: number): void {
	buffer[start + attemptOffset] = Math.min(attempt, 255);
}

export function readUint32(buffer: Uint8Array, at: number): number {
	return ((buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!) >>> 0;
}

export function writeUint32(buffer: Uint8Array, at: number, value: number): void {
	buffer[at] = value >>> 24;
	buffer[at + 1] = value >>> 16;
	buffer[at + 2] = value >>> 8;
	buffer[at + 3] = value;
}
