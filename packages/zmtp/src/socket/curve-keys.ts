import { platform } from "#platform";
import { ZmtpError } from "../errors.js";
import type { Ciphers } from "../mechanism/ciphers.js";
import { decodeZ85, encodeZ85 } from "../wire/z85.js";

/** A CURVE key pair, each key as 40 digits of Z85 (RFC 32). */
export interface CurveKeyPair {
	readonly publicKey: string;
	readonly secretKey: string;
}

/** A new key pair. Throws `ENOTSUP` where there is no CURVE. */
export function curveKeyPair(): CurveKeyPair {
	const pair = ciphers().createKeyPair();
	return { publicKey: encodeZ85(pair.publicKey), secretKey: encodeZ85(pair.exportSecretKey()) };
}

/** The public key that belongs to a secret one (libzmq's zmq_curve_public), as Z85. Throws `EINVAL` unless that is a key. */
export function curvePublicKey(secretKey: string | Uint8Array): string {
	const octets = typeof secretKey === "string" ? decodeZ85(secretKey) : secretKey;
	if (octets?.length !== 32) throw new ZmtpError("EINVAL", "a key has 32 octets, or 40 digits of Z85");
	return encodeZ85(ciphers().keyPairOf(octets).publicKey);
}

function ciphers(): Ciphers {
	if (platform.curve === undefined) throw new ZmtpError("ENOTSUP", "there is no CURVE here; use wss:// for secrecy");
	return platform.curve.ciphers;
}
