/** The wire written by hand, so that the product's encoder is not its own judge. */
import type { Message } from "../../../packages/zmtp/src/wire/message.js";

export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;

/** A frame as it is, or is to be, on the wire. */
export interface RawFrame {
	readonly flags: number;
	readonly body: Buffer;
	/** What the header announces when that is not the body's size; then in the long form. Unit: bytes. */
	readonly size?: bigint;
}

export function encodeFrame({ flags, body, size }: RawFrame): Buffer {
	return size === undefined ? frame(flags, body) : Buffer.concat([header(flags, size), body]);
}

export function frameOf(flags: number, body: Uint8Array | string = ""): RawFrame {
	return { flags, body: Buffer.from(body) };
}

export function commandFrame(name: string, data: Uint8Array | string = ""): RawFrame {
	return frameOf(COMMAND, commandBody(name, data));
}

export function messageFrames(...parts: (Uint8Array | string)[]): RawFrame[] {
	return parts.map((part, index) => frameOf(index < parts.length - 1 ? MORE : 0, part));
}

export function frame(flags: number, body: Uint8Array | string = ""): Buffer {
	const octets = Buffer.from(body);
	if (octets.length < 256 && (flags & LONG) === 0) return Buffer.concat([Buffer.of(flags, octets.length), octets]);
	const header = Buffer.alloc(9);
	header[0] = flags | LONG;
	header.writeBigUInt64BE(BigInt(octets.length), 1);
	return Buffer.concat([header, octets]);
}

/** The header alone, announcing any size at all. */
export function header(flags: number, size: bigint): Buffer {
	const octets = Buffer.alloc(9);
	octets[0] = flags | LONG;
	octets.writeBigUInt64BE(BigInt.asUintN(64, size), 1);
	return octets;
}

export function message(...parts: (Uint8Array | string)[]): Buffer {
	return Buffer.concat(parts.map((part, index) => frame(index < parts.length - 1 ? MORE : 0, part)));
}

export function command(name: string, data: Uint8Array | string = ""): Buffer {
	return frame(COMMAND, commandBody(name, data));
}

export function commandBody(name: string, data: Uint8Array | string): Buffer {
	return Buffer.concat([Buffer.of(name.length), Buffer.from(name, "latin1"), Buffer.from(data)]);
}

export function property(name: string, value: Uint8Array | string): Buffer {
	const octets = Buffer.from(value);
	const head = Buffer.alloc(1 + name.length + 4);
	head[0] = name.length;
	head.write(name, 1, "latin1");
	head.writeUInt32BE(octets.length, 1 + name.length);
	return Buffer.concat([head, octets]);
}

/** The properties that every peer of ours sends. */
export function propertiesOf(socketType: string, routingId: Uint8Array | string = ""): Buffer {
	return Buffer.concat([property("Socket-Type", socketType), property("Identity", routingId)]);
}

export function ready(socketType: string, routingId: Uint8Array | string = ""): Buffer {
	return command("READY", propertiesOf(socketType, routingId));
}

export interface GreetingParts {
	readonly padding?: Uint8Array;
	readonly major?: number;
	readonly minor?: number;
	readonly mechanism?: string | Uint8Array;
	readonly asServer?: number;
	readonly filler?: number;
}

export function greeting(parts: GreetingParts = {}): Buffer {
	const octets = Buffer.alloc(64);
	octets[0] = 0xff;
	octets.set(parts.padding ?? [], 1);
	octets[9] = 0x7f;
	octets[10] = parts.major ?? 3;
	octets[11] = parts.minor ?? 1;
	octets.set(Buffer.from(parts.mechanism ?? "NULL"), 12);
	octets[32] = parts.asServer ?? 0;
	octets.fill(parts.filler ?? 0, 33);
	return octets;
}

/** A received message as hex strings, for comparing. */
export function hexOf(received: Message): string[] {
	return Array.from({ length: received.count }, (_, index) => Buffer.from(received.frame(index)).toString("hex"));
}

export function textOf(frames: readonly Uint8Array[]): string[] {
	return frames.map((part) => Buffer.from(part).toString());
}
