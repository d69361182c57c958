/**
 * RFC 26, MESSAGE: name, short nonce, and a box of the frame's flags and body. The RFC has it as a command; libzmq sends it
 * as a message frame and drops a command (docs/zmtp-profile.md).
 *
 * Rules of this file: no allocation for a frame; octets are sealed and opened where they lie.
 */
import { ZmtpError } from "../errors.js";
import { COMMAND, MORE } from "../wire/frame-header.js";
import { boxOverheadBytes, type Ciphers, type SecretBox } from "./ciphers.js";
import type { ShortNonce } from "./curve-nonce.js";
import type { TrafficCipher } from "./mechanism.js";

const name = Uint8Array.of(7, 0x4d, 0x45, 0x53, 0x53, 0x41, 0x47, 0x45);
const nonceAt = name.length;
const boxAt = nonceAt + 8;
const flagsAt = boxAt + boxOverheadBytes;
const overheadBytes = flagsAt + 1;

/** Inside the box, where COMMAND has a bit of its own. RFC 26 knows MORE only. */
const sealedCommand = 0x02;

const prefixes = { client: "CurveZMQMESSAGEC", server: "CurveZMQMESSAGES" } as const;

export class CurveTraffic implements TrafficCipher {
	readonly overheadBytes = overheadBytes;
	readonly #sealing: SecretBox;
	readonly #opening: SecretBox;
	readonly #sent: ShortNonce;
	readonly #received: ShortNonce;

	/** `key`: between C' and S', borrowed. The nonces go on where the handshake has left them. */
	constructor(ciphers: Ciphers, side: "client" | "server", key: Uint8Array, sent: ShortNonce, received: ShortNonce) {
		this.#sealing = ciphers.createSecretBox(key, prefixes[side]);
		this.#opening = ciphers.createSecretBox(key, prefixes[side === "client" ? "server" : "client"]);
		this.#sent = sent;
		this.#received = received;
	}

	seal(flags: number, source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
		target[at + flagsAt] = (flags & MORE) | ((flags & COMMAND) === 0 ? 0 : sealedCommand);
		copy(source, start, end, target, at + overheadBytes);
		this.#sent.next(target, at + nonceAt);
		this.#sealing.seal(target, at + nonceAt, at + boxAt, at + overheadBytes + end - start);
		copy(name, 0, name.length, target, at);
	}

	open(buffer: Uint8Array, start: number, end: number): number {
		if (end - start < overheadBytes) throw invalid("it is too short");
		for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name[i]) throw invalid("it is not sealed");
		this.#received.accept(buffer, start + nonceAt);
		if (!this.#opening.open(buffer, start + nonceAt, start + boxAt, end)) throw invalid("its box does not open");
		const flags = buffer[start + flagsAt]!;
		// A command is one frame: both bits together, or any other, are nobody's.
		if (flags > sealedCommand) throw invalid(`it has the flags ${flags}`);
		return flags === sealedCommand ? COMMAND : flags;
	}

	close(): void {
		this.#sealing.close();
		this.#opening.close();
	}
}

/** Up to this many octets a loop beats a call of `TypedArray.prototype.set`. */
const loopBytes = 48;

function copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
	if (end - start > loopBytes) target.set(source.subarray(start, end), at);
	else for (let from = start, to = at; from < end; ) target[to++] = source[from++]!;
}

function invalid(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_CURVE_MESSAGE_INVALID", `the peer's message is not valid: ${reason}`);
}
