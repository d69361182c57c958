import { expect } from "chai";
import * as z from "zod";
import {
	type CallContext,
	callback,
	defineService,
	input,
	messageCodec,
	oneWay,
	type Service,
	stream,
	unary,
} from "../../../packages/runtime/src/index.js";

const octets = z.instanceof(Uint8Array) as unknown as z.ZodType<Uint8Array>;
const octetsCodec = messageCodec(octets);

const parcel = z.object({
	name: z.string(),
	parts: z.array(z.object({ label: z.string().optional(), octets })),
	seal: octets.optional(),
});
export type Parcel = z.output<typeof parcel>;

/** A service of octets, written by hand as generated code would write it. */
export const blobs = {
	/** Answers with what it was given. */
	echo: unary({
		name: "Blobs.echo",
		isIdempotent: true,
		arguments: messageCodec(z.tuple([octets]), { parameters: ["octets"] }),
		result: octetsCodec,
	}),
	/** Octets among other things, and not in the first place. */
	forward: unary({
		name: "Blobs.forward",
		isIdempotent: true,
		arguments: messageCodec(z.tuple([parcel, z.number()]), { parameters: ["parcel", "weight"] }),
		result: messageCodec(parcel),
	}),
	/** What no schema knows. */
	any: unary({
		name: "Blobs.any",
		arguments: messageCodec(z.tuple([z.unknown()]), { parameters: ["what"] }),
		result: messageCodec(z.unknown()),
	}),
	/** So many pieces of so many octets. */
	pieces: stream({
		name: "Blobs.pieces",
		arguments: messageCodec(z.tuple([z.int(), z.int()]), { parameters: ["count", "size"] }),
		result: octetsCodec,
	}),
	/** Answers with all that it was sent. */
	join: unary<readonly [], Uint8Array, readonly [AsyncIterable<Uint8Array>]>({
		name: "Blobs.join",
		arguments: messageCodec(z.tuple([])) as never,
		result: octetsCodec,
		channels: [input(octetsCodec)] as never,
	}),
	/** Gives octets to a function, and answers with what that returns. */
	ask: unary<readonly [Uint8Array], Uint8Array, readonly [(octets: Uint8Array) => Promise<Uint8Array>]>({
		name: "Blobs.ask",
		arguments: messageCodec(z.tuple([octets])) as never,
		result: octetsCodec,
		channels: [callback(messageCodec(z.tuple([octets])) as never, octetsCodec)] as never,
	}),
	note: oneWay({ name: "Blobs.note", arguments: messageCodec(z.tuple([octets])) }),
} as const;

export const blobsDescriptor = { name: "Blobs", schemaHash: "b", methods: blobs };

export interface BlobHandlers {
	echo?: (octets: Uint8Array, context: CallContext) => unknown;
	join?: (pieces: AsyncIterable<Uint8Array>, context: CallContext) => Promise<Uint8Array>;
	note?: (octets: Uint8Array) => void;
}

export function blobsService(handlers: BlobHandlers = {}): Service {
	return defineService(blobsDescriptor, {
		echo: ([given], context) => (handlers.echo ?? ((same) => same))(given, context) as Uint8Array,
		forward: ([given]) => given,
		any: ([given]) => given,
		async *pieces([count, size]) {
			for (let i = 0; i < count; i++) yield numbered(size, i);
		},
		join: (_args, context, pieces) => (handlers.join ?? joined)(pieces, context),
		ask: ([given], _context, ask) => ask(given),
		note: ([given]) => handlers.note?.(given),
	});
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const all: Uint8Array[] = [];
	for await (const piece of pieces) all.push(piece);
	return Buffer.concat(all);
}

/** Octets of which each says where it is. */
export function numbered(size: number, seed = 0): Uint8Array {
	const made = new Uint8Array(size);
	for (let i = 0; i < size; i++) made[i] = (i * 31 + (i >>> 8) + seed) & 0xff;
	return made;
}

/** Fails in little text, where a comparison by chai would print a mebibyte. */
export function expectSame(found: Uint8Array, expected: Uint8Array): void {
	expect(found.length).to.equal(expected.length);
	expect(Buffer.compare(found, expected), "the octets differ").to.equal(0);
}
