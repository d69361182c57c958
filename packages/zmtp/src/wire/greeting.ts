import { ZmtpError } from "../errors.js";

/** RFC 37 (ZMTP 3.1), Greeting: signature 10, version 2, mechanism 20, as-server 1, filler 31. */
export const greetingBytes = 64;

const paddingEnd = 9;
const versionOffset = 10;
const mechanismOffset = 12;
const mechanismBytes = 20;
const asServerOffset = 32;

export interface Greeting {
	/** 0 for a ZMTP 3.0 peer; 1 for 3.1 and everything newer, which is spoken to as 3.1. */
	readonly minor: 0 | 1;
	readonly mechanism: string;
	/** What the peer claims; libzmq never sets it, so it decides nothing. */
	readonly asServer: boolean;
	/**
	 * Whether the padding holds a length, where ZMTP 1.0 had one. libzmq and its ports are told by it, where they are to
	 * be spoken to in another way than RFC 37 says: peers that do not descend from ZMTP 1.0 send zeros.
	 */
	readonly hasLength: boolean;
}

/** A greeting, whole; ours is sent at once. `hasLength`: as libzmq's has one in its padding. Owned by the caller. */
export function encodeGreeting(mechanism: string, asServer: boolean, minor: 0 | 1 = 1, hasLength = false): Uint8Array {
	const octets = new Uint8Array(greetingBytes);
	octets[0] = 0xff;
	octets[paddingEnd - 1] = hasLength ? 1 : 0;
	octets[9] = 0x7f;
	octets[versionOffset] = 3;
	octets[versionOffset + 1] = minor;
	for (let i = 0; i < mechanism.length; i++) octets[mechanismOffset + i] = mechanism.charCodeAt(i);
	octets[asServerOffset] = asServer ? 1 : 0;
	return octets;
}

/** Collects the peer's greeting from pieces of any size and refuses, at the first octet that tells, whoever is not ZMTP 3. */
export class GreetingReader {
	readonly #octets = new Uint8Array(greetingBytes);
	#length = 0;
	/** How many octets of the last piece were the greeting's; what follows them is frames. */
	consumed = 0;

	/**
	 * Takes the next piece, borrowed until return.
	 * Returns the greeting when it is complete, else `undefined`. Throws a `ZmtpError` on a peer that cannot be spoken to.
	 */
	push(piece: Uint8Array): Greeting | undefined {
		this.consumed = Math.min(piece.length, greetingBytes - this.#length);
		for (let i = 0; i < this.consumed; i++) this.#octets[this.#length + i] = piece[i]!;
		this.#length += this.consumed;
		this.#refuseStrangers();
		return this.#length === greetingBytes ? this.#decode() : undefined;
	}

	/** RFC 37, Version Negotiation. Nobody is refused for the eight padding octets: libzmq does not send zeros there. */
	#refuseStrangers(): void {
		const octets = this.#octets;
		if (this.#length >= 1 && octets[0] !== 0xff) {
			throw new ZmtpError("ZMTP_NOT_ZMTP", "the peer's first octet is not a ZMTP signature's");
		}
		if (this.#length >= 10 && (octets[9]! & 1) === 0) {
			throw new ZmtpError("ZMTP_VERSION_UNSUPPORTED", "the peer speaks ZMTP 1.0; this side speaks 3.0 and 3.1");
		}
		if (this.#length > versionOffset && octets[versionOffset]! < 3) {
			throw new ZmtpError("ZMTP_VERSION_UNSUPPORTED", "the peer speaks ZMTP 2.0; this side speaks 3.0 and 3.1");
		}
	}

	#decode(): Greeting {
		const octets = this.#octets;
		const isNewest = octets[versionOffset]! > 3 || octets[versionOffset + 1]! >= 1;
		return {
			minor: isNewest ? 1 : 0,
			mechanism: this.#mechanism(),
			asServer: octets[asServerOffset] === 1,
			hasLength: octets.subarray(1, paddingEnd).some((octet) => octet !== 0),
		};
	}

	/** All twenty octets count: a name, then nothing but nulls. */
	#mechanism(): string {
		let name = "";
		let end = mechanismOffset;
		const limit = mechanismOffset + mechanismBytes;
		while (end < limit && this.#octets[end] !== 0) name += String.fromCharCode(this.#octets[end++]!);
		const isPadded = this.#octets.subarray(end, limit).every((octet) => octet === 0);
		if (!isPadded || !/^[A-Z0-9\-_.+]+$/.test(name)) {
			throw new ZmtpError("ZMTP_MECHANISM_MISMATCH", "the peer's greeting holds no well-formed mechanism name");
		}
		return name;
	}
}
