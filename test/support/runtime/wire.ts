/** Homing/1 written by hand from docs/protocol.md, so that the product's encoder is not its own judge. */
import { msgpackr } from "./msgpackr.js";

const packr = new msgpackr.Packr({ useRecords: false, variableMapSize: true });

export const kinds = {
	CALL: 1,
	CANCEL: 2,
	ITEM: 3,
	END_OF_INPUT: 4,
	CREDIT: 5,
	ANSWER: 6,
	DELIVER: 7,
	ITEMS_OF_INPUT: 8,
	OPEN: 0x10,
	RESULT_ITEM: 0x11,
	END: 0x12,
	ERROR: 0x13,
	RESULT_CREDIT: 0x14,
	CALLBACK: 0x15,
	DELEGATE: 0x16,
	FORWARD: 0x17,
	SURVEYED: 0x18,
	RETURN: 0x19,
	RESULT: 0x1a,
	ITEMS: 0x1b,
	READY: 0x20,
	DRAIN: 0x21,
	WELCOME: 0x22,
	PULSE: 0x23,
};
export const flags = {
	JSON: 1,
	IDEMPOTENT: 2,
	ONE_WAY: 4,
	CHUNKED: 8,
	NOT_STARTED: 0x10,
	/** Of a CALL. */
	SCHEMA_HASH: 0x10,
	UNKNOWN: 0x20,
	/** Of a CALL and of an OPEN. */
	TAKES_ITEMS: 0x20,
	FAIL_FAST: 0x40,
	SURVEY: 0x80,
};

export function pack(value: unknown): Buffer {
	return packr.pack(value);
}

export const { unpack } = msgpackr;

export function token(slot: number, generation: number): Buffer {
	const octets = Buffer.alloc(8);
	octets.writeUInt32BE(slot);
	octets[0] = 1;
	octets.writeUInt32BE(generation >>> 0, 4);
	return octets;
}

export interface CallParts {
	readonly flags?: number;
	readonly budgetMs?: number;
	readonly attempt?: number;
	readonly priority?: number;
	readonly metadata?: Uint8Array;
}

export function callHeader(method: string, parts: CallParts = {}): Buffer {
	const name = Buffer.from(method);
	const fixed = Buffer.alloc(9);
	fixed[0] = kinds.CALL;
	fixed[1] = parts.flags ?? 0;
	fixed.writeUInt32BE(parts.budgetMs ?? 0, 2);
	fixed[6] = parts.attempt ?? 0;
	fixed[7] = parts.priority ?? 128;
	fixed[8] = name.length;
	return Buffer.concat([fixed, name, parts.metadata ?? Buffer.alloc(0)]);
}

/** What follows a call up: kind, flags, number where the kind has one, status of an ANSWER, route. */
export function followUp(kind: number, route: Uint8Array, number = 0, status = 0): Buffer {
	const fields = Buffer.alloc({ [kinds.CREDIT]: 6, [kinds.ANSWER]: 7 }[kind] ?? 2);
	fields[0] = kind;
	if (fields.length >= 6) fields.writeUInt32BE(number, 2);
	if (fields.length === 7) fields[6] = status;
	return Buffer.concat([fields, route]);
}

/** The body of several items. */
export function run(...items: readonly Uint8Array[]): Buffer {
	return Buffer.concat(items.flatMap((item) => [Buffer.of(item.length >> 8, item.length & 0xff), item]));
}

/** What is in it, by the sizes in front of them. Throws when they do not add up. */
export function itemsIn(body: Buffer): Buffer[] {
	const items: Buffer[] = [];
	for (let at = 0; at < body.length; ) {
		const end = at + 2 + body.readUInt16BE(at);
		if (end > body.length) throw new Error("the last item is cut");
		items.push(body.subarray(at + 2, end));
		at = end;
	}
	return items;
}

/** An answer to a delegated call. `route`: the call's addresses. */
export function deliver(key: Uint8Array, route: Uint8Array, status = 0): Buffer {
	return Buffer.concat([Buffer.of(kinds.DELIVER, 0, 0, 0, 0, 0, status), key, route]);
}

export interface Failure {
	readonly status: number;
	readonly flags: number;
	readonly message: string;
	readonly details: unknown;
}

/** The failure in the last two frames of an answer. Throws when they hold none. */
export function failureIn(frames: readonly Uint8Array[]): Failure {
	const [header, body] = frames.slice(-2) as [Uint8Array, Uint8Array];
	if (header[0] !== kinds.ERROR) throw new Error(`no ERROR but ${Buffer.from(header).toString("hex")}`);
	const isJson = (header[1]! & flags.JSON) !== 0;
	const { message, details } = (isJson ? JSON.parse(Buffer.from(body).toString()) : unpack(body)) as {
		message: string;
		details: unknown;
	};
	return { flags: header[1]!, status: header[2]!, message, details };
}

export function offer(services: Record<string, string>, concurrency: unknown = 16, instance: unknown = "test"): Buffer {
	return pack({ protocol: 1, instance, concurrency, services });
}
