/** What both sides of a CURVE handshake do with boxes. RFC 26 (CurveZMQ). */
import { ZmtpError } from "../errors.js";
import { concat, utf8 } from "../wire/octets.js";
import { boxOverheadBytes, type Ciphers, type KeyPair } from "./ciphers.js";
import { ShortNonce } from "./curve-nonce.js";
import { CurveTraffic } from "./curve-traffic.js";

export const keyBytes = 32;
const shortNonceBytes = 8;
const longNonceBytes = 16;

/** Octets that HELLO's box holds, all zero. */
export const helloProofBytes = 64;
/** A long nonce and a box of two keys. */
export const cookieBytes = longNonceBytes + boxOverheadBytes + 2 * keyBytes;
export const vouchBytes = cookieBytes;
/** Version 1.0, and 72 zeros: the grammar's number, which libzmq sends; the prose has 70. */
export const versionBytes = Uint8Array.of(1, 0, ...new Uint8Array(72));

/** What stands behind the names of the commands; the last two are the least, without properties. */
export const helloBytes = versionBytes.length + keyBytes + shortNonceBytes + boxOverheadBytes + helloProofBytes;
export const welcomeBytes = longNonceBytes + boxOverheadBytes + keyBytes + cookieBytes;
export const initiateBytes = cookieBytes + shortNonceBytes + boxOverheadBytes + keyBytes + vouchBytes;
export const readyBytes = shortNonceBytes + boxOverheadBytes;

/** Seals and opens the boxes of one side of a handshake, and counts its short nonces and the peer's. */
export class CurveBoxes {
	readonly sent = new ShortNonce();
	readonly received = new ShortNonce();
	readonly #ciphers: Ciphers;

	constructor(ciphers: Ciphers) {
		this.#ciphers = ciphers;
	}

	createKeyPair(): KeyPair {
		return this.#ciphers.createKeyPair();
	}

	/** The key between our secret and the peer's public one. Owned by the caller, who wipes it. */
	sharedKey(ours: KeyPair, theirs: Uint8Array): Uint8Array {
		try {
			return ours.sharedKey(theirs);
		} catch (cause) {
			throw invalid("its public key cannot be one", cause);
		}
	}

	/** Seals under our next short nonce, which stands in front of the box. */
	sealShort(key: Uint8Array, prefix: string, text: Uint8Array): Uint8Array {
		const short = new Uint8Array(shortNonceBytes);
		this.sent.next(short, 0);
		return this.#seal(key, prefix, short, text);
	}

	/** Opens what the peer sealed under a short nonce, unless that is not above all before it. */
	openShort(key: Uint8Array, prefix: string, sealed: Uint8Array): Uint8Array {
		this.received.accept(sealed, 0);
		return this.#open(key, prefix, shortNonceBytes, sealed);
	}

	/** Seals under a random long nonce, which stands in front of the box. */
	sealLong(key: Uint8Array, prefix: string, text: Uint8Array): Uint8Array {
		return this.#seal(key, prefix, crypto.getRandomValues(new Uint8Array(longNonceBytes)), text);
	}

	openLong(key: Uint8Array, prefix: string, sealed: Uint8Array): Uint8Array {
		return this.#open(key, prefix, longNonceBytes, sealed);
	}

	/** What seals the traffic; `key` is borrowed. */
	createTraffic(side: "client" | "server", key: Uint8Array): CurveTraffic {
		return new CurveTraffic(this.#ciphers, side, key, this.sent, this.received);
	}

	#seal(key: Uint8Array, prefix: string, nonce: Uint8Array, text: Uint8Array): Uint8Array {
		return concat([nonce, this.#ciphers.seal(key, concat([utf8(prefix), nonce]), text)]);
	}

	#open(key: Uint8Array, prefix: string, nonceBytes: number, sealed: Uint8Array): Uint8Array {
		const nonce = concat([utf8(prefix), sealed.subarray(0, nonceBytes)]);
		const text = this.#ciphers.open(key, nonce, sealed.subarray(nonceBytes));
		if (text === undefined) throw invalid(`the box under ${prefix} does not open`);
		return text;
	}
}

/** RFC 26: a command of another length is none. */
export function expectLength(name: string, data: Uint8Array, least: number, most = least): void {
	if (data.length < least || data.length > most) throw invalid(`${name} has ${data.length} octets behind its name`);
}

export function unexpected(name: string, awaited: string): ZmtpError {
	return new ZmtpError("ZMTP_COMMAND_UNEXPECTED", `the peer sent ${name} where ${awaited} was due`);
}

export function invalid(reason: string, cause?: unknown): ZmtpError {
	const options = cause === undefined ? {} : { cause };
	return new ZmtpError("ZMTP_CURVE_HANDSHAKE_INVALID", `the peer's CURVE handshake is not valid: ${reason}`, options);
}
