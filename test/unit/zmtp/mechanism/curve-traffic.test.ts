import { expect } from "chai";
import { CurveClient } from "../../../../packages/zmtp/src/mechanism/curve-client.js";
import { ShortNonce } from "../../../../packages/zmtp/src/mechanism/curve-nonce.js";
import { CurveServer } from "../../../../packages/zmtp/src/mechanism/curve-server.js";
import { CurveTraffic } from "../../../../packages/zmtp/src/mechanism/curve-traffic.js";
import type { TrafficCipher } from "../../../../packages/zmtp/src/mechanism/mechanism.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { FrameWriter } from "../../../../packages/zmtp/src/wire/frame-writer.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { flips, range } from "../../../support/zmtp/flips.js";
import { COMMAND, encodeFrame, frameOf, LONG, MORE } from "../../../support/zmtp/frames.js";
import { shakeHands } from "../../../support/zmtp/handshake.js";
import { RawTraffic } from "../../../support/zmtp/raw-curve.js";

/** Both ends of a connection whose handshake is done. */
function traffic(): { readonly client: TrafficCipher; readonly server: TrafficCipher } {
	const keys = nodeCiphers.createKeyPair();
	const client = new CurveClient(nodeCiphers, [], nodeCiphers.createKeyPair(), keys.publicKey);
	const ends = shakeHands(client, new CurveServer(nodeCiphers, [], keys));
	return { client: ends.client.cipher!, server: ends.server.cipher! };
}

const bodyAt = (frame: Uint8Array) => ((frame[0]! & LONG) === 0 ? 2 : 9);

/** A frame can be sealed, and opened, with others or by itself. Sealed ones are without their header here. */
interface Way {
	readonly name: string;
	seal(cipher: TrafficCipher, flags: number, text: string): Uint8Array;
	open(cipher: TrafficCipher, body: Uint8Array): [flags: number, text: string];
}

const take = (writer: FrameWriter): Buffer => {
	const frame = Buffer.concat(writer.pending() as Uint8Array[]);
	writer.sent();
	return frame.subarray(bodyAt(frame));
};
const read = (frame: Uint8Array): [flags: number, text: string] => [
	frame[0]! & ~LONG,
	Buffer.from(frame.subarray(bodyAt(frame))).toString(),
];

const ways: readonly Way[] = [
	{
		name: "with others",
		seal(cipher, flags, text) {
			const writer = new FrameWriter();
			const plain = encodeFrame(frameOf(flags, text));
			expect(cipher.sealFrames(plain, 0, writer)).equal(plain.length);
			return take(writer);
		},
		open(cipher, body) {
			const chunk = encodeFrame(frameOf(0, body));
			const stop = cipher.openFrames(chunk, 0, Number.POSITIVE_INFINITY);
			if (cipher.fault !== undefined) {
				expect([stop, cipher.openedEnd]).deep.equal([0, 0]);
				throw cipher.fault;
			}
			expect(stop).equal(chunk.length);
			return read(chunk.subarray(0, cipher.openedEnd));
		},
	},
	{
		name: "by itself",
		seal(cipher, flags, text) {
			const writer = new FrameWriter();
			cipher.sealFrame(flags, Buffer.from(text), writer);
			return take(writer);
		},
		open: (cipher, body) => read(cipher.openFrame(Uint8Array.from(body))),
	},
];

const counter = (value: bigint) => {
	const octets = Buffer.alloc(8);
	octets.writeBigUInt64BE(value);
	return octets;
};

for (const { name, seal: sealed, open: opened } of ways) {
	describe(`zmtp CURVE traffic, ${name}`, () => {
		it("carries bodies and their flags both ways", () => {
			const { client, server } = traffic();
			for (const [from, to] of [
				[client, server],
				[server, client],
			] as const) {
				for (const flags of [0, MORE, COMMAND]) {
					for (const text of ["", "x", "a text".repeat(50)])
						expect(opened(to, sealed(from, flags, text))).deep.equal([flags, text]);
				}
			}
		});

		it("26/CURVEZMQ: MESSAGE is its name, a nonce and a box of flags and body; nonces go on where the handshake ended", () => {
			const { client, server } = traffic();
			const nonces = [client, client, server, server].map((cipher) => {
				const body = Buffer.from(sealed(cipher, 0, ""));
				expect([body.length, body.toString("latin1", 0, 8)]).deep.equal([33, "\x07MESSAGE"]);
				return Number(body.readBigUInt64BE(8));
			});
			// HELLO and INITIATE were the client's first two, READY the server's first.
			expect(nonces).deep.equal([3, 4, 2, 3]);
		});

		it("H50: opens nothing in which any bit is another", () => {
			const { client, server } = traffic();
			const body = sealed(client, 0, "a text of some length");
			for (const [bit, flipped] of flips(body, range(8, 8))) {
				expect(
					thrownCode(() => opened(server, flipped)),
					`bit ${bit}`,
				).oneOf(["ZMTP_CURVE_MESSAGE_INVALID", "ZMTP_CURVE_NONCE_INVALID"]);
			}
		});

		it("H50: opens nothing a second time, and nothing that was sent before what it has opened", () => {
			const { client, server } = traffic();
			const [first, second, third] = ["one", "two", "three"].map((text) => sealed(client, 0, text));
			expect(opened(server, first!)[1]).equal("one");
			expect(thrownCode(() => opened(server, first!))).equal("ZMTP_CURVE_NONCE_INVALID");
			expect(opened(server, third!)[1]).equal("three");
			expect(thrownCode(() => opened(server, second!))).equal("ZMTP_CURVE_NONCE_INVALID");
		});

		it("H50: opens nothing of its own, sent back", () => {
			const { client } = traffic();
			const body = sealed(client, 0, "mirror");
			expect(thrownCode(() => opened(client, body))).equal("ZMTP_CURVE_MESSAGE_INVALID");
		});

		it("H50: opens nothing that is cut, down to nothing at all, or is not a MESSAGE", () => {
			const { client, server } = traffic();
			const body = sealed(client, 0, "text");
			for (let length = 0; length < body.length; length++) {
				const [one, other] = [traffic().server, server];
				for (const cipher of [one, other]) {
					expect(thrownCode(() => opened(cipher, body.subarray(0, length)))).oneOf([
						"ZMTP_CURVE_MESSAGE_INVALID",
						"ZMTP_CURVE_NONCE_INVALID",
					]);
				}
			}
			const plain = Buffer.from("a message in the clear, longer than any sealed one is at least");
			expect(thrownCode(() => opened(server, plain))).equal("ZMTP_CURVE_MESSAGE_INVALID");
		});

		it("H50: takes no flags that there are not, even from the right peer", () => {
			const key = new Uint8Array(32).fill(7);
			for (const flags of [3, 4, 0x80, 0xff]) {
				const receiver = new CurveTraffic(nodeCiphers, "server", key, new ShortNonce(), new ShortNonce());
				const { body } = new RawTraffic(key, "client").sealOctets(Buffer.of(flags, 1));
				expect(
					thrownCode(() => opened(receiver, body)),
					`${flags}`,
				).equal("ZMTP_CURVE_MESSAGE_INVALID");
			}
		});

		it("seals no more once its nonces are used up", () => {
			const key = new Uint8Array(32).fill(7);
			const sender = new CurveTraffic(
				nodeCiphers,
				"client",
				key,
				new ShortNonce(0xffff_ffff, 0xffff_fffe),
				new ShortNonce(),
			);
			expect(Buffer.from(sealed(sender, 0, "last")).readBigUInt64BE(8)).equal(2n ** 64n - 1n);
			for (let i = 0; i < 3; i++) {
				expect(thrownCode(() => sealed(sender, 0, "one more"))).equal("ZMTP_CURVE_NONCE_INVALID");
			}
		});

		it("opens what the other way has sealed", () => {
			const { client, server } = traffic();
			for (const way of ways) expect(opened(server, way.seal(client, MORE, "text"))).deep.equal([MORE, "text"]);
		});

		it("seals and opens nothing once its keys are forgotten", () => {
			const { client, server } = traffic();
			const body = sealed(client, 0, "text");
			(client as CurveTraffic).close();
			(server as CurveTraffic).close();
			expect(() => sealed(client, 0, "text")).throw("forgotten");
			expect(() => opened(server, body)).throw("forgotten");
		});
	});
}

describe("zmtp CURVE short nonces", () => {
	it("count from one, over the borders of 32 and 53 bits", () => {
		const target = Buffer.alloc(8);
		for (const [high, low, next] of [
			[0, 0, 1n],
			[0, 0xffff_fffe, 2n ** 32n - 1n],
			[0, 0xffff_ffff, 2n ** 32n],
			[0x1f_ffff, 0xffff_ffff, 2n ** 53n],
			[0x7fff_ffff, 0xffff_ffff, 2n ** 63n],
		] as const) {
			new ShortNonce(high, low).next(target, 0);
			expect(target.readBigUInt64BE()).equal(next);
		}
	});

	it("are taken from a peer when they go up, by however much, and in no other case", () => {
		const steps: readonly [value: bigint, isTaken: boolean][] = [
			[0n, false],
			[1n, true],
			[1n, false],
			[2n ** 32n - 1n, true],
			[2n ** 32n, true],
			[2n ** 32n - 1n, false],
			[2n ** 53n, true],
			[2n ** 53n + 1n, true],
			[2n ** 53n, false],
			[2n ** 64n - 1n, true],
			[2n ** 64n - 1n, false],
			[0n, false],
		];
		const nonce = new ShortNonce();
		for (const [value, isTaken] of steps) {
			const accept = () => nonce.accept(counter(value), 0);
			if (isTaken) accept();
			else expect(thrownCode(accept), `${value}`).equal("ZMTP_CURVE_NONCE_INVALID");
		}
	});
});
