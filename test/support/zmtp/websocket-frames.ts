/** WebSocket frames written and read by hand, so that the product is not its own judge. */

export interface RawWebSocketFrame {
	/** 2 unless given. */
	readonly opcode?: number;
	readonly isFinal?: boolean;
	/** The three reserved bits, as a number from 0 to 7. */
	readonly reserved?: number;
	/** Four octets; none: not masked. */
	readonly mask?: Uint8Array | undefined;
	readonly payload?: Uint8Array | string;
	/** How many octets the size takes, where that is not the fewest: 0, 2 or 8. */
	readonly sizeBytes?: 0 | 2 | 8;
	/** What the header announces, where that is not the payload's size. */
	readonly size?: bigint | undefined;
}

export const testMask = Uint8Array.of(0x11, 0x22, 0x33, 0x44);

export function webSocketFrame(frame: RawWebSocketFrame): Buffer {
	const { opcode = 2, isFinal = true, reserved = 0, mask, payload = "" } = frame;
	const body = Buffer.from(payload);
	const size = frame.size ?? BigInt(body.length);
	const sizeBytes = frame.sizeBytes ?? (size < 126n ? 0 : size < 65_536n ? 2 : 8);
	const masked = mask === undefined ? 0 : 0x80;
	const head = Buffer.alloc(2 + sizeBytes);
	head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
	if (sizeBytes === 0) head[1] = masked | Number(size);
	if (sizeBytes === 2) {
		head[1] = masked | 126;
		head.writeUInt16BE(Number(size), 2);
	}
	if (sizeBytes === 8) {
		head[1] = masked | 127;
		head.writeBigUInt64BE(size, 2);
	}
	return Buffer.concat([head, mask ?? Buffer.alloc(0), mask === undefined ? body : masking(body, mask)]);
}

/** A message of ZWS: its octet of flags and the body. */
export function zws(flags: number, body: Uint8Array | string, mask?: Uint8Array): Buffer {
	return webSocketFrame({ payload: Buffer.concat([Buffer.of(flags), Buffer.from(body)]), mask });
}

/** All whole frames as their first octet and their payload in hex, with `masked` in front where they were; and what is left behind them. */
export function readWebSocketFrames(octets: Buffer): { readonly frames: string[]; readonly rest: Buffer } {
	const frames: string[] = [];
	let at = 0;
	for (;;) {
		const short = (octets[at + 1] ?? 0) & 0x7f;
		const sizeBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
		const isMasked = ((octets[at + 1] ?? 0) & 0x80) !== 0;
		const maskAt = at + 2 + sizeBytes;
		const start = maskAt + (isMasked ? 4 : 0);
		if (start > octets.length) break;
		const size =
			sizeBytes === 0 ? short : sizeBytes === 2 ? octets.readUInt16BE(at + 2) : Number(octets.readBigUInt64BE(at + 2));
		if (start + size > octets.length) break;
		const payload = octets.subarray(start, start + size);
		const clear = isMasked ? masking(payload, octets.subarray(maskAt, start)) : payload;
		frames.push(`${isMasked ? "masked " : ""}${octets[at]!.toString(16)} ${clear.toString("hex")}`);
		at = start + size;
	}
	return { frames, rest: octets.subarray(at) };
}

function masking(octets: Uint8Array, mask: Uint8Array): Buffer {
	return Buffer.from(octets.map((octet, index) => octet ^ mask[index % 4]!));
}
