import { expect } from "chai";
import fc from "fast-check";
import { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import type { Ciphers, KeyPair } from "../../../../packages/zmtp/src/mechanism/ciphers.js";
import { CurveClient } from "../../../../packages/zmtp/src/mechanism/curve-client.js";
import { CurveServer } from "../../../../packages/zmtp/src/mechanism/curve-server.js";
import type { Mechanism } from "../../../../packages/zmtp/src/mechanism/mechanism.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import type { Command } from "../../../../packages/zmtp/src/wire/command.js";
import { openAll, sealAll } from "../../../support/zmtp/curve-frames.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { flips, range } from "../../../support/zmtp/flips.js";
import { encodeFrame, frame, property, type RawFrame } from "../../../support/zmtp/frames.js";
import { commandOf, decision, sentBy, shakeHands } from "../../../support/zmtp/handshake.js";
import { makeKeyPair, RawCurveClient, RawCurveServer } from "../../../support/zmtp/raw-curve.js";
import { seed } from "../../../support/zmtp/seed.js";

const serverKeys = nodeCiphers.createKeyPair();
const clientKeys = nodeCiphers.createKeyPair();
const client = (ciphers: Ciphers = nodeCiphers, serverKey = serverKeys.publicKey) =>
	new CurveClient(ciphers, [["Socket-Type", Buffer.from("DEALER")]], clientKeys, serverKey);
const server = (ciphers: Ciphers = nodeCiphers, keys: KeyPair = serverKeys) =>
	new CurveServer(ciphers, [["Socket-Type", Buffer.from("ROUTER")]], keys);

/** Keys that every secret makes zero of: order 1, 2, 4 and 8, and the same modulo 2^255 - 19. */
const weakKeys = [
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => Buffer.from(hex, "hex"));

/** The commands of one handshake, each from the side that it belongs to, and both sides as they are behind it. */
function shaken() {
	const ends = { client: client(), server: server() };
	const hello = sentBy(ends.client.start());
	ends.server.start();
	const welcome = sentBy(ends.server.receive(hello));
	const initiate = sentBy(ends.client.receive(welcome));
	const { authenticate } = ends.server.receive(initiate);
	const welcomed = ends.server.decided(decision(200));
	return { ...ends, hello, welcome, initiate, authenticate, welcomed, ready: sentBy(welcomed) };
}

/** A server that has sent its WELCOME, and the raw client that it was sent to. */
function welcomed(keys = makeKeyPair(), mechanism: Mechanism = server()) {
	const raw = new RawCurveClient(serverKeys.publicKey, keys);
	const welcome = { flags: 4, body: Buffer.from(mechanism.receive(fromRaw(raw.hello())).send!) };
	return { server: mechanism, raw, welcome };
}

const fromRaw = ({ body }: RawFrame): Command => commandOf(body);
const socketType = property("Socket-Type", "DEALER");
const broken = "ZMTP_CURVE_HANDSHAKE_INVALID";

/** Fails unless `mechanism` refuses the command with every bit of its data flipped; `nonceAt`: where its nonce is. */
function refusesAllFlips(mechanism: Mechanism, { name, data }: Command, nonceAt?: number): void {
	for (const [bit, flipped] of flips(data, nonceAt === undefined ? [] : range(nonceAt, 8))) {
		const code = thrownCode(() => mechanism.receive({ name, data: flipped }));
		expect(code, `${name}, bit ${bit}`).oneOf([broken, "ZMTP_CURVE_NONCE_INVALID"]);
	}
}

describe("zmtp CURVE mechanism", () => {
	it("exchanges HELLO, WELCOME, INITIATE and READY, and each side learns the other's properties", () => {
		const ends = shakeHands(client(), server());
		expect(ends.commands).deep.equal(["C HELLO", "S WELCOME", "C INITIATE", "S READY"]);
		expect(String(ends.client.peerProperties!.get("socket-type"))).equal("ROUTER");
		expect(String(ends.server.peerProperties!.get("socket-type"))).equal("DEALER");
	});

	it("26/CURVEZMQ: the commands have the sizes of the RFC, name and its length included", () => {
		const { hello, welcome, initiate, ready } = shaken();
		const sizes = [hello, welcome, initiate, ready].map(({ name, data }) => 1 + name.length + data.length);
		const properties = property("Socket-Type", "DEALER").length;
		expect(sizes).deep.equal([200, 168, 257 + properties, 30 + properties]);
		expect([...hello.data.subarray(0, 2), ...new Set(hello.data.subarray(2, 74))]).deep.equal([1, 0, 0]);
	});

	it("asks for the client's long-term key to be judged, once that it has it is proven", () => {
		const { authenticate } = shaken();
		expect(authenticate!.mechanism).equal("CURVE");
		expect(Buffer.from((authenticate as { publicKey: Uint8Array }).publicKey).equals(clientKeys.publicKey)).equal(true);
	});

	it("understands a client made by hand over libsodium, and is understood by it", () => {
		const { server: ours, raw, welcome } = welcomed();
		ours.receive(fromRaw(raw.initiate(welcome, socketType)));
		const { cipher, peerProperties } = ours.decided(decision(200));
		expect(String(peerProperties!.get("socket-type"))).equal("DEALER");
		const sealed = raw.traffic!.seal({ flags: 1, body: Buffer.from("hello") });
		expect(openAll(cipher!, encodeFrame(sealed)).opened.toString("latin1")).equal("\x01\x05hello");
		const body = sealAll(cipher!, frame(4, "there")).sealed.subarray(2);
		expect(raw.traffic!.open({ flags: 0, body })).deep.equal({ flags: 4, body: Buffer.from("there") });
	});

	it("understands a server made by hand over libsodium, and is understood by it", () => {
		const keys = makeKeyPair();
		const raw = new RawCurveServer(keys);
		const ours = client(nodeCiphers, keys.publicKey);
		const hello = { flags: 4, body: Buffer.from(ours.start().send!) };
		ours.receive(fromRaw(raw.welcome(hello)));
		const { cipher, peerProperties } = ours.receive(fromRaw(raw.ready(property("Socket-Type", "ROUTER"))));
		expect(String(peerProperties!.get("socket-type"))).equal("ROUTER");
		const sealed = raw.traffic!.seal({ flags: 0, body: Buffer.from("hello") });
		expect(openAll(cipher!, encodeFrame(sealed)).opened.toString("latin1")).equal("\0\x05hello");
	});

	it("uses keys of its own for every connection", () => {
		const one = shaken();
		const other = shaken();
		const keyOf = ({ hello }: typeof one) => Buffer.from(hello.data.subarray(74, 106)).toString("hex");
		expect(keyOf(one)).not.equal(keyOf(other));
		expect(Buffer.from(one.welcome.data).equals(other.welcome.data)).equal(false);
	});

	it("H45: takes no HELLO of another length or version, none with its padding used, and none with any bit flipped", () => {
		const { hello } = shaken();
		for (const data of [hello.data.subarray(1), Buffer.concat([hello.data, Buffer.of(0)]), new Uint8Array(0)]) {
			expect(thrownCode(() => server().receive({ name: "HELLO", data }))).equal(broken);
		}
		for (const lies of [
			{ version: Buffer.of(0, 1) },
			{ version: Buffer.of(2, 0) },
			{ version: Buffer.of(1, 1) },
			{ padding: Buffer.alloc(72, 1) },
		]) {
			const raw = new RawCurveClient(serverKeys.publicKey);
			expect(thrownCode(() => server().receive(fromRaw(raw.hello(lies))))).equal(broken);
		}
		refusesAllFlips(server(), hello, 106);
	});

	it("H46: takes no HELLO for the key of low order, nor one for a key whose box it is not", () => {
		for (const transientKey of [...weakKeys, serverKeys.publicKey, nodeCiphers.createKeyPair().publicKey]) {
			const raw = new RawCurveClient(serverKeys.publicKey);
			expect(thrownCode(() => server().receive(fromRaw(raw.hello({ transientKey }))))).equal(broken);
		}
	});

	it("H46: takes no long-term key of low order from a client, and no transient one from a server", () => {
		for (const weak of weakKeys) {
			const { server: ours, raw, welcome } = welcomed({ publicKey: weak, privateKey: makeKeyPair().privateKey });
			expect(thrownCode(() => ours.receive(fromRaw(raw.initiate(welcome, socketType))))).equal(broken);
			const hostile = new RawCurveServer(makeKeyPair());
			Object.assign(hostile.transient, { publicKey: weak });
			const asking = client(nodeCiphers, hostile.keys.publicKey);
			const hello = { flags: 4, body: Buffer.from(asking.start().send!) };
			expect(thrownCode(() => asking.receive(fromRaw(hostile.welcome(hello))))).equal(broken);
		}
	});

	it("H47: takes no WELCOME of another length, from another server, or with any bit flipped", () => {
		const asking = client();
		const hello = sentBy(asking.start());
		const welcome = sentBy(server().receive(hello));
		for (const data of [welcome.data.subarray(1), Buffer.concat([welcome.data, Buffer.of(0)])]) {
			expect(thrownCode(() => asking.receive({ name: "WELCOME", data }))).equal(broken);
		}
		const body = Buffer.concat([Buffer.from("\x05HELLO"), hello.data]);
		const other = new RawCurveServer(makeKeyPair()).welcome({ flags: 4, body });
		expect(thrownCode(() => asking.receive(fromRaw(other)))).equal(broken);
		refusesAllFlips(asking, welcome);
		expect(sentBy(asking.receive(welcome)).name).equal("INITIATE");
	});

	it("H48: takes no INITIATE of a shorter length or with any bit flipped", () => {
		const { server: ours, raw, welcome } = welcomed();
		const initiate = fromRaw(raw.initiate(welcome, socketType));
		for (const length of [0, 8, 247]) {
			const data = initiate.data.subarray(0, length);
			expect(thrownCode(() => ours.receive({ name: "INITIATE", data }))).equal(broken);
		}
		// The nonce's higher bits would make all that follow it a step back.
		for (const [bit, flipped] of flips(initiate.data, range(96, 8))) {
			if (bit >= 96 * 8 && bit < 104 * 8) break;
			expect(
				thrownCode(() => ours.receive({ name: "INITIATE", data: flipped })),
				`bit ${bit}`,
			).oneOf([broken, "ZMTP_CURVE_NONCE_INVALID"]);
		}
		const fresh = welcomed();
		const second = fromRaw(fresh.raw.initiate(fresh.welcome, socketType));
		refusesAllFlips(fresh.server, second, 96);
	});

	it("H48: an INITIATE without properties is one", () => {
		const { server: ours, raw, welcome } = welcomed();
		expect(ours.receive(fromRaw(raw.initiate(welcome, Buffer.alloc(0)))).authenticate?.mechanism).equal("CURVE");
		expect(ours.decided(decision(200)).peerProperties).deep.equal(new Map());
	});

	it("H48: takes no cookie of another connection, and no INITIATE that was another's", () => {
		const one = welcomed();
		const other = welcomed();
		const cookie = Buffer.from(fromRaw(other.raw.initiate(other.welcome, socketType)).data.subarray(0, 96));
		expect(thrownCode(() => one.server.receive(fromRaw(one.raw.initiate(one.welcome, socketType, { cookie }))))).equal(
			broken,
		);
		const replayed = fromRaw(other.raw.initiate(other.welcome, socketType));
		expect(thrownCode(() => welcomed().server.receive(replayed))).equal(broken);
	});

	it("H49: takes no vouch that means another server, or another client's key", () => {
		for (const lies of [
			{ vouchedServer: nodeCiphers.createKeyPair().publicKey },
			{ vouchedTransient: makeKeyPair().publicKey },
		]) {
			const { server: ours, raw, welcome } = welcomed();
			expect(thrownCode(() => ours.receive(fromRaw(raw.initiate(welcome, socketType, lies))))).equal(broken);
		}
	});

	it("H49: a client cannot claim a key whose secret it does not have", () => {
		const {
			server: ours,
			raw,
			welcome,
		} = welcomed({
			publicKey: makeKeyPair().publicKey,
			privateKey: makeKeyPair().privateKey,
		});
		expect(thrownCode(() => ours.receive(fromRaw(raw.initiate(welcome, socketType))))).equal(broken);
	});

	it("takes no READY that is too short or has any bit flipped", () => {
		const asking = client();
		const serving = server();
		const welcome = sentBy(serving.receive(sentBy(asking.start())));
		serving.receive(sentBy(asking.receive(welcome)));
		const ready = sentBy(serving.decided(decision(200)));
		for (const length of [0, 7, 8, 23]) {
			const data = ready.data.subarray(0, length);
			expect(thrownCode(() => asking.receive({ name: "READY", data }))).equal(broken);
		}
		refusesAllFlips(asking, ready, 0);
	});

	it("H51: takes nothing out of place, on either side", () => {
		const { hello, welcome, initiate, ready } = shaken();
		const expectUnexpected = (mechanism: Mechanism, command: Command) =>
			expect(
				thrownCode(() => mechanism.receive(command)),
				command.name,
			).equal("ZMTP_COMMAND_UNEXPECTED");
		const message = { name: "MESSAGE", data: new Uint8Array(40) };
		const asking = client();
		asking.start();
		for (const command of [hello, initiate, ready, message]) expectUnexpected(asking, command);
		for (const command of [welcome, initiate, ready, message]) expectUnexpected(server(), command);
		const { server: ours, raw, welcome: own } = welcomed();
		for (const command of [hello, welcome, ready, message]) expectUnexpected(ours, command);
		const answered = fromRaw(raw.initiate(own, socketType));
		ours.receive(answered);
		for (const command of [hello, answered, ready]) expectUnexpected(ours, command);
	});

	it("looks at the client's properties only when it was judged welcome", () => {
		const { server: ours, raw, welcome } = welcomed();
		ours.receive(fromRaw(raw.initiate(welcome, Buffer.of(9))));
		expect(thrownCode(() => ours.decided(decision(200)))).equal("ZMTP_PROPERTIES_MALFORMED");
	});

	it("lets a client down by ERROR and its status, or without a word when it may come back", () => {
		const texts = ([300, 400, 500] as const).map((status) => {
			const { server: ours, raw, welcome } = welcomed();
			ours.receive(fromRaw(raw.initiate(welcome, socketType)));
			const { send, refusal } = ours.decided(decision(status));
			return [send && Buffer.from(send).toString("latin1"), refusal?.status];
		});
		expect(texts).deep.equal([
			[undefined, 300],
			["\x05ERROR\x03400", 400],
			["\x05ERROR\x03500", 500],
		]);
	});

	it("wipes every key that it has used when the connection is closed", () => {
		const used: Uint8Array[] = [];
		const note = (key: Uint8Array) => {
			used.push(key);
			return key;
		};
		const watched: Ciphers = {
			...nodeCiphers,
			seal: (key, nonce, text) => nodeCiphers.seal(note(key), nonce, text),
			open: (key, nonce, box) => nodeCiphers.open(note(key), nonce, box),
			deriveKey: (key, prefix) => nodeCiphers.deriveKey(note(key), prefix),
		};
		const asking = client(watched);
		const serving = server(watched);
		const ends = shakeHands(asking, serving);
		const { sealed } = sealAll(ends.client.cipher!, frame(0, "text"));
		expect(used.length).greaterThan(10);
		asking.close();
		serving.close();
		expect(used.every((key) => key.every((octet) => octet === 0))).equal(true);
		expect(() => openAll(ends.server.cipher!, sealed)).throw("forgotten");
	});

	it("answers whatever it is sent, in whatever state, with a step or with the peer's fault", () => {
		const states: readonly (() => Mechanism)[] = [
			server,
			() => welcomed().server,
			() => {
				const { server: ours, raw, welcome } = welcomed();
				ours.receive(fromRaw(raw.initiate(welcome, socketType)));
				return ours;
			},
			() => {
				const asking = client();
				asking.start();
				return asking;
			},
			() => {
				const asking = client();
				asking.receive(sentBy(server().receive(sentBy(asking.start()))));
				return asking;
			},
		];
		const name = fc.constantFrom("HELLO", "WELCOME", "INITIATE", "READY", "MESSAGE", "ERROR", "PING");
		const size = fc.constantFrom(0, 1, 8, 24, 160, 194, 248, 300, 4000);
		const data = size.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
		fc.assert(
			fc.property(fc.constantFrom(...states), name, data, (create, command, octets) => {
				try {
					create().receive({ name: command, data: octets });
				} catch (error) {
					expect(error).instanceOf(ZmtpError);
				}
			}),
			{ seed, numRuns: 500 },
		);
	});
});
