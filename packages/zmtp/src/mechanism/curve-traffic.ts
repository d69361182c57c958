/**
 * RFC 26, MESSAGE: name, short nonce, and a box of the frame's flags and body. The RFC has it as a command; libzmq sends it
 * as a message frame and drops a command (docs/zmtp-profile.md).
 *
 * Rules of this file: frames go through the kernel many at a time. One that its memory is too small for, or that came in
 * pieces, is sealed and opened where it lies.
 */
import { ZmtpError } from "../errors.js";
import {
	COMMAND,
	longHeaderBytes,
	MORE,
	maxShortSize,
	shortHeaderBytes,
	writeLongHeader,
} from "../wire/frame-header.js";
import type { FrameWriter } from "../wire/frame-writer.js";
import { boxFault, boxOverheadBytes, type Ciphers, type FrameBoxes } from "./ciphers.js";
import { nonceSpent, type ShortNonce } from "./curve-nonce.js";
import type { TrafficCipher } from "./mechanism.js";

const name = Uint8Array.of(7, 0x4d, 0x45, 0x53, 0x53, 0x41, 0x47, 0x45);
const nonceAt = name.length;
const tagAt = nonceAt + 8;
const flagsAt = tagAt + boxOverheadBytes;
const overheadBytes = flagsAt + 1;

/** Inside the box, where COMMAND has a bit of its own. RFC 26 knows MORE only. */
const sealedCommand = 0x02;

const prefixes = { client: "CurveZMQMESSAGEC", server: "CurveZMQMESSAGES" } as const;

export class CurveTraffic implements TrafficCipher {
	readonly overheadBytes = overheadBytes;
	openedEnd = 0;
	fault: ZmtpError | undefined;
	readonly #kernel: FrameBoxes;
	readonly #sealing: Uint8Array;
	readonly #opening: Uint8Array;
	readonly #sent: ShortNonce;
	readonly #received: ShortNonce;
	#isClosed = false;

	/** `key`: between C' and S', borrowed. The nonces go on where the handshake has left them. */
	constructor(ciphers: Ciphers, side: "client" | "server", key: Uint8Array, sent: ShortNonce, received: ShortNonce) {
		this.#kernel = ciphers.frameBoxes();
		this.#sealing = ciphers.deriveKey(key, prefixes[side]);
		this.#opening = ciphers.deriveKey(key, prefixes[side === "client" ? "server" : "client"]);
		this.#sent = sent;
		this.#received = received;
	}

	sealFrames(plain: Uint8Array, start: number, sealed: FrameWriter): number {
		this.#mustBeOpen();
		return this.#kernel.sealFrames(this.#sealing, this.#sent, plain, start, sealed);
	}

	sealFrame(flags: number, body: Uint8Array, sealed: FrameWriter): void {
		this.#mustBeOpen();
		sealed.begin();
		const at = sealed.allot(overheadBytes + body.length, false);
		const target = sealed.buffer;
		target.set(name, at);
		this.#sent.next(target, at + nonceAt);
		target[at + flagsAt] = (flags & MORE) | ((flags & COMMAND) === 0 ? 0 : sealedCommand);
		target.set(body, at + overheadBytes);
		const text = target.subarray(at + flagsAt, at + overheadBytes + body.length);
		this.#kernel.sealText(this.#sealing, this.#sent, text, target.subarray(at + tagAt, at + flagsAt));
		sealed.commit();
	}

	openFrames(chunk: Uint8Array, start: number, most: number): number {
		this.#mustBeOpen();
		const kernel = this.#kernel;
		const stop = kernel.openFrames(this.#opening, this.#received, chunk, start, most);
		this.openedEnd = kernel.openedEnd;
		this.fault = kernel.fault === 0 ? undefined : faults[kernel.fault]!();
		return stop;
	}

	openFrame(body: Uint8Array): Uint8Array {
		this.#mustBeOpen();
		if (body.length < overheadBytes) throw tooShort();
		for (let i = 0; i < name.length; i++) if (body[i] !== name[i]) throw notSealed();
		this.#received.accept(body, nonceAt);
		const text = body.subarray(flagsAt);
		if (!this.#kernel.openText(this.#opening, this.#received, text, body.subarray(tagAt, flagsAt))) throw forged();
		const flags = body[flagsAt]!;
		// A command is one frame: both bits together, or any other, are nobody's.
		if (flags > sealedCommand) throw flagsUnknown();
		// What was sealed around it leaves room for the plain header.
		const size = body.length - overheadBytes;
		const plain = flags === sealedCommand ? COMMAND : flags;
		if (size > maxShortSize) {
			writeLongHeader(body, overheadBytes - longHeaderBytes, plain, size);
			return body.subarray(overheadBytes - longHeaderBytes);
		}
		body[overheadBytes - 2] = plain;
		body[overheadBytes - 1] = size;
		return body.subarray(overheadBytes - shortHeaderBytes);
	}

	close(): void {
		this.#isClosed = true;
		this.#sealing.fill(0);
		this.#opening.fill(0);
		this.#kernel.wipe();
	}

	/** A key of zeros seals for everybody. */
	#mustBeOpen(): void {
		if (this.#isClosed) throw new Error("the keys of this connection are forgotten");
	}
}

const tooShort = () => invalid("it is too short");
const notSealed = () => invalid("it is not sealed");
const forged = () => invalid("its box does not open");
const flagsUnknown = () => invalid("it has flags that there are not");

/** By what the kernel calls them. */
const faults: Readonly<Record<number, () => ZmtpError>> = {
	[boxFault.tooShort]: tooShort,
	[boxFault.notSealed]: notSealed,
	[boxFault.nonceSpent]: nonceSpent,
	[boxFault.forged]: forged,
	[boxFault.flagsUnknown]: flagsUnknown,
};

function invalid(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_CURVE_MESSAGE_INVALID", `the peer's message is not valid: ${reason}`);
}
