/**
 * RFC 26 (CurveZMQ), the client.
 *
 * C, S: long-term keys of client and server. C', S': keys of this connection alone; their secret halves are forgotten with
 * it, so that nobody who learns c and s later can read what was said. X→Y: a box that only X can make and only Y can open.
 *
 * C: HELLO (C', proof C'→S) → S: WELCOME S→C' (S', cookie)
 * C: INITIATE (cookie, C'→S' (C, vouch C→S' (C', S), properties)) → S: READY S'→C' (properties)
 */
import { type Command, encodeCommand } from "../wire/command.js";
import { concat } from "../wire/octets.js";
import { decodeProperties, encodeProperties, type PropertyList } from "../wire/properties.js";
import type { Ciphers, KeyPair } from "./ciphers.js";
import {
	CurveBoxes,
	expectLength,
	helloProofBytes,
	keyBytes,
	readyBytes,
	unexpected,
	versionBytes,
	welcomeBytes,
} from "./curve-boxes.js";
import type { CurveTraffic } from "./curve-traffic.js";
import type { HandshakeStep, Mechanism } from "./mechanism.js";

export class CurveClient implements Mechanism {
	readonly name = "CURVE";
	readonly isServer = false;
	readonly #boxes: CurveBoxes;
	readonly #properties: PropertyList;
	readonly #longTerm: KeyPair;
	readonly #serverKey: Uint8Array;
	#awaited: "WELCOME" | "READY" = "WELCOME";
	#transient: KeyPair | undefined;
	/** Between C' and S. */
	#helloKey: Uint8Array | undefined;
	/** Between C' and S', for INITIATE and everything after it. */
	#sessionKey: Uint8Array | undefined;
	#cipher: CurveTraffic | undefined;

	/** `serverKey`: S, which the client must have learnt from someone it trusts. */
	constructor(ciphers: Ciphers, properties: PropertyList, longTerm: KeyPair, serverKey: Uint8Array) {
		this.#boxes = new CurveBoxes(ciphers);
		this.#properties = properties;
		this.#longTerm = longTerm;
		this.#serverKey = serverKey;
	}

	start(): HandshakeStep {
		this.#transient = this.#boxes.createKeyPair();
		this.#helloKey = this.#boxes.sharedKey(this.#transient, this.#serverKey);
		const proof = this.#boxes.sealShort(this.#helloKey, "CurveZMQHELLO---", new Uint8Array(helloProofBytes));
		return { send: encodeCommand("HELLO", concat([versionBytes, this.#transient.publicKey, proof])) };
	}

	receive({ name, data }: Command): HandshakeStep {
		if (name !== this.#awaited) throw unexpected(name, this.#awaited);
		return name === "WELCOME" ? this.#welcome(data) : this.#ready(data);
	}

	decided(): HandshakeStep {
		throw new Error("a CURVE client asks nobody");
	}

	close(): void {
		this.#transient = undefined;
		this.#helloKey?.fill(0);
		this.#sessionKey?.fill(0);
		this.#cipher?.close();
	}

	#welcome(data: Uint8Array): HandshakeStep {
		expectLength("WELCOME", data, welcomeBytes);
		const welcome = this.#boxes.openLong(this.#helloKey!, "WELCOME-", data);
		const serverTransient = welcome.subarray(0, keyBytes);
		const cookie = welcome.subarray(keyBytes);
		this.#sessionKey = this.#boxes.sharedKey(this.#transient!, serverTransient);
		this.#awaited = "READY";
		const text = concat([this.#longTerm.publicKey, this.#vouch(serverTransient), encodeProperties(this.#properties)]);
		const initiate = this.#boxes.sealShort(this.#sessionKey, "CurveZMQINITIATE", text);
		return { send: encodeCommand("INITIATE", concat([cookie, initiate])) };
	}

	/** That whoever has c stands behind C', and means this server: it cannot be shown to another one. */
	#vouch(serverTransient: Uint8Array): Uint8Array {
		const key = this.#boxes.sharedKey(this.#longTerm, serverTransient);
		const vouch = this.#boxes.sealLong(key, "VOUCH---", concat([this.#transient!.publicKey, this.#serverKey]));
		key.fill(0);
		return vouch;
	}

	#ready(data: Uint8Array): HandshakeStep {
		expectLength("READY", data, readyBytes, Number.POSITIVE_INFINITY);
		const text = this.#boxes.openShort(this.#sessionKey!, "CurveZMQREADY---", data);
		const peerProperties = decodeProperties(text, 0, text.length);
		this.#cipher = this.#boxes.createTraffic("client", this.#sessionKey!);
		this.#transient = undefined;
		return { peerProperties, cipher: this.#cipher };
	}
}
