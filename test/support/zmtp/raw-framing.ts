import { createHash } from "node:crypto";
import { encodeFrame, type GreetingParts, greeting, LONG, type RawFrame } from "./frames.js";
import type { RawPeer } from "./raw-peer.js";
import { upgradeRequest } from "./upgrade.js";
import { testMask, webSocketFrame } from "./websocket-frames.js";

/** How a raw peer begins, and how it says and reads frames: that depends on the place. */
export interface RawFraming {
	greet(peer: RawPeer, parts: GreetingParts): Promise<void>;
	encode(frame: RawFrame): Buffer;
	read(peer: RawPeer): Promise<RawFrame>;
}

/** RFC 37. */
export const zmtpFraming: RawFraming = {
	async greet(peer, parts) {
		peer.write(greeting(parts));
		await peer.read(64);
	},
	encode: encodeFrame,
	async read(peer) {
		const flags = (await peer.read(1))[0]!;
		const size = (flags & LONG) === 0 ? (await peer.read(1))[0]! : Number((await peer.read(8)).readBigUInt64BE());
		return { flags, body: await peer.read(size) };
	},
};

/** RFC 45: an upgrade, then a WebSocket message for each frame. Controls are read over. */
function zwsFraming(greet: RawFraming["greet"], mask: Uint8Array | undefined): RawFraming {
	return {
		greet,
		encode({ flags, body, size }) {
			const payload = Buffer.concat([Buffer.of(zwsFlags[flags] ?? flags), body]);
			return webSocketFrame({ payload, mask, size: size === undefined ? undefined : size + 1n });
		},
		async read(peer) {
			for (;;) {
				const [first, second] = (await peer.read(2)) as Buffer & [number, number];
				const short = second & 0x7f;
				const size =
					short === 126
						? (await peer.read(2)).readUInt16BE()
						: short === 127
							? Number((await peer.read(8)).readBigUInt64BE())
							: short;
				const theirMask = (second & 0x80) === 0 ? Buffer.alloc(4) : await peer.read(4);
				const payload = (await peer.read(size)).map((octet, index) => octet ^ theirMask[index % 4]!);
				if ((first & 0x0f) !== 2) continue;
				return { flags: zmtpFlags[payload[0]!]!, body: Buffer.from(payload.subarray(1)) };
			}
		},
	};
}

/** MORE is the same in both, COMMAND is not. */
const zwsFlags: Readonly<Record<number, number>> = { 0: 0, 1: 1, 4: 2 };
const zmtpFlags = [0, 1, 4];

export const zwsClient = zwsFraming(async (peer, { mechanism = "NULL" }) => {
	peer.write(Buffer.from(upgradeRequest(`Sec-WebSocket-Protocol: ZWS2.0/${mechanism}`)));
	await readHead(peer);
}, testMask);

export const zwsServer = zwsFraming(async (peer, { mechanism = "NULL" }) => {
	const [, key] = /Sec-WebSocket-Key: (.+)\r\n/.exec(await readHead(peer))!;
	const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	const lines = [
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Accept: ${accept}`,
		`Sec-WebSocket-Protocol: ZWS2.0/${mechanism}`,
	];
	peer.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
}, undefined);

async function readHead(peer: RawPeer): Promise<string> {
	let head = "";
	while (!head.endsWith("\r\n\r\n")) head += (await peer.read(1)).toString("latin1");
	return head;
}
