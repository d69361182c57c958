/**
 * Both sides of CURVE (RFC 26), by hand and over libsodium: what the product's own sides are tried against. Command
 * bodies in, command bodies out; each method can be made to lie.
 */
import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import { COMMAND, commandFrame, MORE, type RawFrame } from "./frames.js";
import type { RawMechanism } from "./raw-mechanisms.js";
import type { RawPeer } from "./raw-peer.js";

await sodium.ready;

export interface KeyPair {
	readonly publicKey: Uint8Array;
	readonly privateKey: Uint8Array;
}

export const makeKeyPair = (): KeyPair => sodium.crypto_box_keypair();

const counted = (count: bigint) => {
	const octets = Buffer.alloc(8);
	octets.writeBigUInt64BE(BigInt.asUintN(64, count));
	return octets;
};
const noted = (prefix: string, tail: Uint8Array) => Buffer.concat([Buffer.from(prefix, "latin1"), tail]);
/** Name and data of a command's body. */
const dataOf = (body: Uint8Array) => Buffer.from(body.subarray(1 + body[0]!));

export const innerMore = 1;
export const innerCommand = 2;

/** What both sides do once they share S' and C'. */
export class RawTraffic {
	/** The next nonce's count; a test may set it back. */
	nextNonce = 1n;
	readonly #shared: Uint8Array;
	readonly #mine: string;
	readonly #theirs: string;

	constructor(shared: Uint8Array, side: "client" | "server") {
		this.#shared = shared;
		this.#mine = side === "client" ? "CurveZMQMESSAGEC" : "CurveZMQMESSAGES";
		this.#theirs = side === "client" ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC";
	}

	/** From now on the peer's frames go through here. READY, which is a command, still comes as it is. */
	carry(peer: RawPeer): void {
		peer.seal = (frame) => this.seal(frame);
		peer.open = (frame) => ((frame.flags & COMMAND) === 0 ? this.open(frame) : frame);
	}

	/** A MESSAGE; on the wire it is a message frame, not a command. */
	seal({ flags, body }: RawFrame): RawFrame {
		const inner = ((flags & MORE) !== 0 ? innerMore : 0) | ((flags & COMMAND) !== 0 ? innerCommand : 0);
		return this.sealOctets(Buffer.concat([Buffer.of(inner), body]));
	}

	/** A MESSAGE around any octets: inner flags, then payload, or whatever else. */
	sealOctets(plain: Uint8Array, count = this.nextNonce++): RawFrame {
		const nonce = counted(count);
		const box = sodium.crypto_box_easy_afternm(plain, noted(this.#mine, nonce), this.#shared);
		return { flags: 0, body: Buffer.concat([Buffer.from("\x07MESSAGE"), nonce, box]) };
	}

	open({ body }: RawFrame): RawFrame {
		const data = dataOf(body);
		const plain = Buffer.from(
			sodium.crypto_box_open_easy_afternm(data.subarray(8), noted(this.#theirs, data.subarray(0, 8)), this.#shared),
		);
		const inner = plain[0]!;
		return {
			flags: ((inner & innerMore) !== 0 ? MORE : 0) | ((inner & innerCommand) !== 0 ? COMMAND : 0),
			body: plain.subarray(1),
		};
	}
}

/** The key that two key pairs share: one has the secret half of its own, and the public one of the other. */
export const sharedKey = (publicKey: Uint8Array, privateKey: Uint8Array) =>
	sodium.crypto_box_beforenm(publicKey, privateKey);

export class RawCurveClient {
	readonly keys: KeyPair;
	readonly transient: KeyPair;
	traffic: RawTraffic | undefined;
	readonly #serverKey: Uint8Array;
	readonly #helloKey: Uint8Array;
	#nonce = 1n;

	/** `helloKey`: what `transient` and the server's key share, where it is known already. */
	constructor(
		serverKey: Uint8Array,
		keys = makeKeyPair(),
		transient = makeKeyPair(),
		helloKey = sharedKey(serverKey, transient.privateKey),
	) {
		this.#serverKey = serverKey;
		this.#helloKey = helloKey;
		this.keys = keys;
		this.transient = transient;
	}

	hello(lies: { transientKey?: Uint8Array; version?: Uint8Array; padding?: Uint8Array } = {}): RawFrame {
		const nonce = counted(this.#nonce++);
		const box = sodium.crypto_box_easy_afternm(new Uint8Array(64), noted("CurveZMQHELLO---", nonce), this.#helloKey);
		return commandFrame(
			"HELLO",
			Buffer.concat([
				lies.version ?? Buffer.of(1, 0),
				lies.padding ?? Buffer.alloc(72),
				lies.transientKey ?? this.transient.publicKey,
				nonce,
				box,
			]),
		);
	}

	/** Takes the WELCOME apart and answers it with `properties`. */
	initiate(
		welcome: RawFrame,
		properties: Uint8Array,
		lies: { vouchedServer?: Uint8Array; vouchedTransient?: Uint8Array; cookie?: Uint8Array } = {},
	): RawFrame {
		const data = dataOf(welcome.body);
		const plain = Buffer.from(
			sodium.crypto_box_open_easy_afternm(data.subarray(16), noted("WELCOME-", data.subarray(0, 16)), this.#helloKey),
		);
		const serverTransient = plain.subarray(0, 32);
		const shared = sharedKey(serverTransient, this.transient.privateKey);
		this.traffic = new RawTraffic(shared, "client");
		const vouchNonce = randomBytes(16);
		const vouch = sodium.crypto_box_easy(
			Buffer.concat([lies.vouchedTransient ?? this.transient.publicKey, lies.vouchedServer ?? this.#serverKey]),
			noted("VOUCH---", vouchNonce),
			serverTransient,
			this.keys.privateKey,
		);
		const nonce = counted(this.#nonce++);
		const box = sodium.crypto_box_easy_afternm(
			Buffer.concat([this.keys.publicKey, vouchNonce, vouch, properties]),
			noted("CurveZMQINITIATE", nonce),
			shared,
		);
		this.traffic.nextNonce = this.#nonce;
		return commandFrame("INITIATE", Buffer.concat([lies.cookie ?? plain.subarray(32), nonce, box]));
	}
}

export class RawCurveServer {
	readonly keys: KeyPair;
	readonly transient: KeyPair;
	traffic: RawTraffic | undefined;
	#shared: Uint8Array = new Uint8Array(0);

	constructor(keys: KeyPair, transient = makeKeyPair()) {
		this.keys = keys;
		this.transient = transient;
	}

	/** The cookie means nothing to a client: it is octets to give back. */
	welcome(hello: RawFrame): RawFrame {
		const transientKey = dataOf(hello.body).subarray(74, 106);
		this.#shared = sharedKey(transientKey, this.transient.privateKey);
		this.traffic = new RawTraffic(this.#shared, "server");
		const nonce = randomBytes(16);
		const box = sodium.crypto_box_easy(
			Buffer.concat([this.transient.publicKey, randomBytes(96)]),
			noted("WELCOME-", nonce),
			transientKey,
			this.keys.privateKey,
		);
		return commandFrame("WELCOME", Buffer.concat([nonce, box]));
	}

	ready(properties: Uint8Array): RawFrame {
		const nonce = counted(this.traffic!.nextNonce++);
		const box = sodium.crypto_box_easy_afternm(properties, noted("CurveZMQREADY---", nonce), this.#shared);
		return commandFrame("READY", Buffer.concat([nonce, box]));
	}
}

/** The keys of all tests: the server's, and one client's. */
export const curveKeys = { server: makeKeyPair(), client: makeKeyPair() };

export const rawCurve: RawMechanism = {
	name: "CURVE",
	server: { curveServer: true, curveSecretKey: curveKeys.server.privateKey },
	client: {
		curveServerKey: curveKeys.server.publicKey,
		curvePublicKey: curveKeys.client.publicKey,
		curveSecretKey: curveKeys.client.privateKey,
	},
	async asClient(peer, properties, parts = {}) {
		await peer.greet({ mechanism: "CURVE", ...parts });
		const client = new RawCurveClient(curveKeys.server.publicKey, curveKeys.client);
		peer.say(client.hello());
		peer.say(client.initiate(await peer.readFrame(), properties));
		client.traffic!.carry(peer);
		return async () => void (await peer.readFrame());
	},
	async asServer(peer, properties, parts = {}) {
		await peer.greet({ mechanism: "CURVE", asServer: 1, ...parts });
		const server = new RawCurveServer(curveKeys.server);
		peer.say(server.welcome(await peer.readFrame()));
		await peer.readFrame();
		peer.say(server.ready(properties));
		server.traffic!.carry(peer);
		return async () => {};
	},
};
