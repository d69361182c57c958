/**
 * RFC 45, No Mechanism: each side's first message is its routing id, messages follow, and there are no commands. Here that
 * is made from NULL's handshake and back, so that a connection sees nothing but ZMTP.
 */
import { maxRoutingIdBytes } from "../limits.js";
import { decodeCommand, encodeCommand } from "./command.js";
import { COMMAND } from "./frame-header.js";
import type { FrameParts } from "./frame-parts.js";
import { decodeProperties, encodeProperties } from "./properties.js";

/** A frame being collected. */
interface Collected {
	readonly octets: Uint8Array;
	length: number;
}

/** Outwards: READY becomes the routing id, other commands are left out. */
export class BareOutgoing implements FrameParts {
	readonly #to: FrameParts;
	#ready: Collected | undefined;
	#isIntroduced = false;
	#isLeftOut = false;

	constructor(to: FrameParts) {
		this.#to = to;
	}

	begin(flags: number, size: number): void {
		this.#isLeftOut = flags === COMMAND;
		if (!this.#isLeftOut) this.#to.begin(flags, size);
		else if (!this.#isIntroduced) this.#ready = { octets: new Uint8Array(size), length: 0 };
	}

	body(chunk: Uint8Array, start: number, end: number): void {
		const ready = this.#ready;
		if (ready !== undefined) {
			if (collect(ready, chunk, start, end)) this.#introduce(ready.octets);
		} else if (!this.#isLeftOut) {
			this.#to.body(chunk, start, end);
		}
	}

	#introduce(octets: Uint8Array): void {
		this.#ready = undefined;
		const { name, data } = decodeCommand(octets, 0, octets.length);
		if (name !== "READY") return;
		this.#isIntroduced = true;
		const routingId = decodeProperties(data, 0, data.length).get("identity") ?? new Uint8Array(0);
		this.#to.begin(0, routingId.length);
		if (routingId.length > 0) this.#to.body(routingId, 0, routingId.length);
	}
}

/**
 * Inwards: the first message becomes a READY with that routing id. Anything else in its place is handed on as it is, for
 * the connection to refuse.
 */
export class BareIncoming implements FrameParts {
	readonly #to: FrameParts;
	#routingId: Collected | undefined;
	#isIntroduced = false;

	constructor(to: FrameParts) {
		this.#to = to;
	}

	begin(flags: number, size: number): void {
		if (this.#isIntroduced || flags !== 0 || size > maxRoutingIdBytes) {
			this.#to.begin(flags, size);
			return;
		}
		this.#isIntroduced = true;
		if (size === 0) this.#introduce(new Uint8Array(0));
		else this.#routingId = { octets: new Uint8Array(size), length: 0 };
	}

	body(chunk: Uint8Array, start: number, end: number): void {
		const routingId = this.#routingId;
		if (routingId === undefined) this.#to.body(chunk, start, end);
		else if (collect(routingId, chunk, start, end)) this.#introduce(routingId.octets);
	}

	#introduce(routingId: Uint8Array): void {
		this.#routingId = undefined;
		const ready = encodeCommand("READY", encodeProperties([["Identity", routingId]]));
		this.#to.begin(COMMAND, ready.length);
		this.#to.body(ready, 0, ready.length);
	}
}

/** Returns whether the frame is whole now. */
function collect(frame: Collected, chunk: Uint8Array, start: number, end: number): boolean {
	frame.octets.set(chunk.subarray(start, end), frame.length);
	frame.length += end - start;
	return frame.length === frame.octets.length;
}
