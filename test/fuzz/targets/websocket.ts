import { createHash } from "node:crypto";
import type { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import { defaultLimits } from "../../../packages/zmtp/src/limits.js";
import type { ByteStream } from "../../../packages/zmtp/src/transport/transport.js";
import { type WebSocketSide, WebSocketStream } from "../../../packages/zmtp/src/transport/websocket-stream.js";
import { ClientUpgrade, ServerUpgrade } from "../../../packages/zmtp/src/wire/http-upgrade.js";
import { commandBody } from "../../support/zmtp/frames.js";
import { RecordingHost } from "../../support/zmtp/recording-host.js";
import { upgradeRequest } from "../../support/zmtp/upgrade.js";
import { testMask, webSocketFrame, zws } from "../../support/zmtp/websocket-frames.js";
import type { Dice } from "../dice.js";
import { mutateOctets, mutateParts } from "../mutate.js";
import { must, type Target } from "../target.js";
import { makeCommand, makeProperties } from "./stream.js";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const acceptKey = (text: string) =>
	createHash("sha1").update(`${text}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
const accepted = acceptKey(key);
const small = { maxFrameBytes: 500, maxMessageBytes: 900, maxFramesPerMessage: 6, maxCommandBytes: 300 };

/** Bits of the first octet: ours is the client; small limits; the upgrade has been done, without a mechanism or with NULL. */
const isClientBit = 1;
const isSmallBit = 2;
const isUpgradedBit = 4;
const isBareBit = 8;

const requestOf = (protocol: string) =>
	upgradeRequest(`Sec-WebSocket-Key: ${key}`, `Sec-WebSocket-Protocol: ${protocol}`);
const answerOf = (protocol: string) =>
	[
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Accept: ${accepted}`,
		`Sec-WebSocket-Protocol: ${protocol}`,
		"\r\n",
	].join("\r\n");

function sideOf(setting: number): WebSocketSide {
	const { maxFrameBytes, maxCommandBytes } = (setting & isSmallBit) === 0 ? defaultLimits : small;
	const common = { mechanism: "NULL", maxFrameBytes, maxCommandBytes };
	if ((setting & isClientBit) === 0) {
		return { ...common, upgrade: new ServerUpgrade("NULL", acceptKey), nextMask: undefined };
	}
	const upgrade = new ClientUpgrade("NULL", "127.0.0.1:1", "/", key, acceptKey);
	return { ...common, upgrade, nextMask: () => 0x11223344 };
}

/** The stream below: takes everything, and ends when it is told to `settle`. */
class Below implements ByteStream {
	readonly remoteAddress = "ws://127.0.0.1:1";
	onData: (chunk: Uint8Array) => void = () => {};
	onDrain: () => void = () => {};
	onClose: (error: ZmtpError | undefined) => void = () => {};
	writtenBytes = 0;
	isEnded = false;
	#onEnded: (() => void)[] = [];

	write(chunks: readonly Uint8Array[]): boolean {
		for (const chunk of chunks) this.writtenBytes += chunk.length;
		return true;
	}

	pause(): void {}
	resume(): void {}
	destroy(): void {
		this.isEnded = true;
	}

	// A promise would let nobody see what happens before the next input.
	end(): Promise<void> {
		this.isEnded = true;
		// biome-ignore lint/suspicious/noThenProperty: it stands for a promise
		return { then: (done: () => void) => void this.#onEnded.push(done) } as unknown as Promise<void>;
	}

	settle(): void {
		const waiting = this.#onEnded;
		this.#onEnded = [];
		for (const done of waiting) done();
	}
}

class WebSocketHost extends RecordingHost {
	stream: WebSocketStream | undefined;

	override transmit(octets: Uint8Array): void {
		super.transmit(octets);
		this.stream?.write([octets]);
	}

	override onFailed(error: ZmtpError): void {
		super.onFailed(error);
		void this.stream!.end(error);
	}
}

/** A WebSocket from its upgrade on, and the connection over it. */
export const websocket: Target = {
	name: "ws",
	isStream: true,
	generate: (dice) => {
		const setting = dice.below(16);
		const isMasked = (setting & isClientBit) === 0;
		const frames = Array.from({ length: dice.length(20) }, () => makeFrame(dice, isMasked));
		const ready = zws(2, commandBody("READY", makeProperties(dice)), isMasked ? testMask : undefined);
		const head = (setting & isUpgradedBit) === 0 ? makeHead(dice, isMasked) : Buffer.alloc(0);
		return Buffer.concat([Buffer.of(setting), head, ...(dice.chance(0.8) ? [ready] : []), ...frames]);
	},
	mutate(input, other, dice) {
		const setting = input[0] ?? 0;
		const octets = Buffer.from(input.subarray(1));
		const changed = dice.chance(0.4)
			? mutateOctets(octets, other, dice)
			: mutateParts(takeApart(octets), takeApart(Buffer.from(other.subarray(1))), dice);
		return Buffer.concat([Buffer.of(dice.chance(0.05) ? dice.below(16) : setting), changed]);
	},
	run(input, cut) {
		const setting = input[0] ?? 0;
		const host = new WebSocketHost({
			socketType: "DEALER",
			showsHex: true,
			...((setting & isSmallBit) === 0 ? {} : { limits: small }),
		});
		const below = new Below();
		const stream = new WebSocketStream(below, sideOf(setting));
		host.stream = stream;
		let isClosed = false;
		stream.onData = (chunk) => host.receive(chunk);
		stream.onClose = (error) => {
			isClosed = true;
			host.events.push(`closed ${error?.code ?? ""}`);
			must(error === undefined || error.code.startsWith("ZMTP_"), `closed with ${error?.code}`);
		};
		stream.write([host.transmitted]);
		const give = (piece: Uint8Array) => {
			below.onData(piece);
			below.settle();
		};
		if ((setting & isUpgradedBit) !== 0) {
			const protocol = (setting & isBareBit) === 0 ? "ZWS2.0/NULL" : "ZWS2.0";
			give(Buffer.from((setting & isClientBit) === 0 ? requestOf(protocol) : answerOf(protocol)));
		}
		for (const piece of cut(input.subarray(1))) give(piece);
		must(!isClosed || below.isEnded, "it told of an end and did not end");
		must(below.writtenBytes <= 4096 + 6 * input.length, `it answered with ${below.writtenBytes} octets`);
		host.connection.close();
		return host.events.join("\n");
	},
};

function makeHead(dice: Dice, isRequest: boolean): Buffer {
	const protocol = dice.pick(["ZWS2.0/NULL", "ZWS2.0", "ZWS2.0/PLAIN", "ZWS2.0/NULL,ZWS2.0", "x, ZWS2.0", ""]);
	const lines = (isRequest ? requestOf(protocol) : answerOf(protocol)).split("\r\n");
	const extra = dice.pick([
		"Sec-WebSocket-Extensions: permessage-deflate",
		"x:",
		": y",
		"a b: c",
		`x: ${"y".repeat(300)}`,
	]);
	if (dice.chance(0.3)) lines.splice(1 + dice.below(lines.length - 2), dice.below(2), extra);
	return Buffer.from(lines.join("\r\n"), "latin1");
}

function makeFrame(dice: Dice, isMasked: boolean): Buffer {
	const mask = isMasked !== dice.chance(0.03) ? testMask : undefined;
	if (dice.chance(0.7)) {
		const flags = dice.pick([0, 0, 1, 2, dice.below(4)]);
		return zws(flags, flags === 2 ? makeCommand(dice) : dice.octets(dice.length(400)), mask);
	}
	return webSocketFrame({
		opcode: dice.pick([8, 9, 10, 2, 2, dice.below(16)]),
		isFinal: !dice.chance(0.1),
		reserved: dice.chance(0.9) ? 0 : dice.below(8),
		mask,
		payload: dice.octets(dice.length(140)),
		...(dice.chance(0.85) ? {} : { size: dice.interesting(63), sizeBytes: 8 }),
	});
}

/** The head, if there is one, then WebSocket frames as far as they can be told apart. */
function takeApart(octets: Buffer): Buffer[] {
	const headEnd = octets.indexOf("\r\n\r\n");
	const parts = headEnd < 0 ? [] : [octets.subarray(0, headEnd + 4)];
	for (let at = headEnd < 0 ? 0 : headEnd + 4; at < octets.length; ) {
		const short = (octets[at + 1] ?? 0) & 0x7f;
		const sizeBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
		const start = at + 2 + sizeBytes + (((octets[at + 1] ?? 0) & 0x80) === 0 ? 0 : 4);
		const size = short === 126 && at + 4 <= octets.length ? octets.readUInt16BE(at + 2) : short;
		const end = Math.min(octets.length, start + size);
		parts.push(octets.subarray(at, end));
		at = end;
	}
	return parts;
}
