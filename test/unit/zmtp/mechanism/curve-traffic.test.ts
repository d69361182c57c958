import { expect } from "chai";
import { CurveClient } from "../../../../packages/zmtp/src/mechanism/curve-client.js";
import { ShortNonce } from "../../../../packages/zmtp/src/mechanism/curve-nonce.js";
import { CurveServer } from "../../../../packages/zmtp/src/mechanism/curve-server.js";
import { CurveTraffic } from "../../../../packages/zmtp/src/mechanism/curve-traffic.js";
import type { TrafficCipher } from "../../../../packages/zmtp/src/mechanism/mechanism.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { flips, range } from "../../../support/zmtp/flips.js";
import { COMMAND, MORE } from "../../../support/zmtp/frames.js";
import { shakeHands } from "../../../support/zmtp/handshake.js";

const overhead = 33;

/** Both ends of a connection whose handshake is done. */
function traffic(): { readonly client: TrafficCipher; readonly server: TrafficCipher } {
	const keys = nodeCiphers.createKeyPair();
	const client = new CurveClient(nodeCiphers, [], nodeCiphers.createKeyPair(), keys.publicKey);
	const ends = shakeHands(client, new CurveServer(nodeCiphers, [], keys));
	return { client: ends.client.cipher!, server: ends.server.cipher! };
}

function sealed(cipher: TrafficCipher, flags: number, text: string): Uint8Array {
	const body = Buffer.from(text);
	const target = new Uint8Array(overhead + body.length);
	cipher.seal(flags, body, 0, body.length, target, 0);
	return target;
}

function opened(cipher: TrafficCipher, body: Uint8Array): [flags: number, text: string] {
	const copy = Uint8Array.from(body);
	const flags = cipher.open(copy, 0, copy.length);
	return [flags, Buffer.from(copy.subarray(overhead)).toString()];
}

const counter = (value: bigint) => {
	const octets = Buffer.alloc(8);
	octets.writeBigUInt64BE(value);
	return octets;
};

describe("zmtp CURVE traffic", () => {
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

	it("seals into the midst of a buffer, and opens there, touching nothing around it", () => {
		const { client, server } = traffic();
		const buffer = new Uint8Array(200).fill(0xaa);
		client.seal(MORE, Buffer.from("--text--"), 2, 6, buffer, 50);
		expect(server.open(buffer, 50, 50 + overhead + 4)).equal(MORE);
		expect(Buffer.from(buffer.subarray(50 + overhead, 50 + overhead + 4)).toString()).equal("text");
		const around = [...buffer.subarray(0, 50), ...buffer.subarray(50 + overhead + 4)];
		expect(around.every((octet) => octet === 0xaa)).equal(true);
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
			const body = new Uint8Array(overhead + 1);
			body.set(Buffer.from("\x07MESSAGE"));
			body.set(counter(1n), 8);
			body[32] = flags;
			nodeCiphers.createSecretBox(key, "CurveZMQMESSAGEC").seal(body, 8, 16, body.length);
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
});

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
