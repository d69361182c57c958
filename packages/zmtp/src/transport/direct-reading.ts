import type { OnReadOpts } from "node:net";
import { copy } from "../wire/octets.js";

/**
 * What a stream of Node's reads at most, and so do we: libuv reads a socket that has more up to 32 times before it looks at
 * the next one, so that with all the room of a large frame one peer could hold up all others. Unit: bytes.
 */
const readBytes = 64 * 1024;

/** Where octets are read that nobody has made room for. One for all sockets: it is copied from before the next read. */
const shared = Buffer.allocUnsafeSlow(readBytes);

/**
 * Whether the host has sockets that read so. Bun and Deno have streams of their own behind `node:net`, which know it in
 * name at most.
 */
export const readsDirectly = !("bun" in process.versions || "deno" in process.versions);

/**
 * Reads of a socket past its stream, with one callback each, into memory that is named before: its user's, where that
 * has made room. Nothing is then copied, and large frames leave no chunks behind for the garbage collector.
 */
export class DirectReading {
	/** A chunk arrived. Owned by the callee, who returns whether to read on. */
	onChunk: (chunk: Uint8Array) => boolean = () => true;
	/** Where the octets that come next belong, if that is known. */
	onRoom: () => Uint8Array | undefined = () => undefined;

	/** For the constructor of the socket. */
	readonly onread: OnReadOpts = {
		buffer: () => this.onRoom()?.subarray(0, readBytes) ?? shared,
		callback: (bytes, memory) => this.onChunk(memory === shared ? copy(shared, 0, bytes) : memory.subarray(0, bytes)),
	};
}
