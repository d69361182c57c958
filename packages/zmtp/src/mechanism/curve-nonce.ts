import { ZmtpError } from "../errors.js";

/**
 * RFC 26, short nonces: one side of a connection numbers all its boxes 1, 2, 3 and so on, in 64 bits. Kept in two halves:
 * a number is exact to 2^53 only, a BigInt costs an allocation for each message.
 */
export class ShortNonce {
	/** The last one used, or taken: whoever seals or opens many at a time counts on by itself. */
	high: number;
	low: number;

	constructor(high = 0, low = 0) {
		this.high = high;
		this.low = low;
	}

	/** Writes our next one to eight octets of `target`. Throws when there is none: a nonce used twice betrays both texts. */
	next(target: Uint8Array, at: number): void {
		if (this.low === 0xffff_ffff) {
			if (this.high === 0xffff_ffff) {
				throw nonceExhausted();
			}
			this.low = -1;
			this.high++;
		}
		this.low++;
		writeWord(target, at, this.high);
		writeWord(target, at + 4, this.low);
	}

	/** Takes the peer's in eight octets of `source`. Throws unless it is above all before it: a box that comes again is an attack. */
	accept(source: Uint8Array, at: number): void {
		const high = readWord(source, at);
		const low = readWord(source, at + 4);
		if (high < this.high || (high === this.high && low <= this.low)) {
			throw nonceSpent();
		}
		this.high = high;
		this.low = low;
	}
}

export function nonceExhausted(): ZmtpError {
	return new ZmtpError("ZMTP_CURVE_NONCE_INVALID", "this connection has sealed all the messages that it can");
}

export function nonceSpent(): ZmtpError {
	return new ZmtpError("ZMTP_CURVE_NONCE_INVALID", "the peer's nonces do not increase: something was sent again");
}

function readWord(source: Uint8Array, at: number): number {
	return ((source[at]! << 24) | (source[at + 1]! << 16) | (source[at + 2]! << 8) | source[at + 3]!) >>> 0;
}

function writeWord(target: Uint8Array, at: number, word: number): void {
	target[at] = word >>> 24;
	target[at + 1] = word >>> 16;
	target[at + 2] = word >>> 8;
	target[at + 3] = word;
}
