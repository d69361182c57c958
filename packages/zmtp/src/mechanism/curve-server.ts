/** RFC 26 (CurveZMQ), the server; the keys and the commands are told of in `curve-client.ts`. */
import { type Command, encodeCommand } from "../wire/command.js";
import { concat, copy, isSame } from "../wire/octets.js";
import { decodeProperties, encodeProperties, type PropertyList } from "../wire/properties.js";
import type { Decision } from "./authentication.js";
import type { Ciphers, KeyPair } from "./ciphers.js";
import {
	CurveBoxes,
	cookieBytes,
	expectLength,
	helloBytes,
	initiateBytes,
	invalid,
	keyBytes,
	unexpected,
	versionBytes,
	vouchBytes,
} from "./curve-boxes.js";
import type { CurveTraffic } from "./curve-traffic.js";
import type { HandshakeStep, Mechanism } from "./mechanism.js";
import { refuse } from "./refusal.js";

export class CurveServer implements Mechanism {
	readonly name = "CURVE";
	readonly isServer = true;
	readonly #boxes: CurveBoxes;
	readonly #properties: PropertyList;
	readonly #longTerm: KeyPair;
	#awaited: "HELLO" | "INITIATE" | "nothing" = "HELLO";
	#transient: KeyPair | undefined;
	/** Opens this connection's cookie and no other's. */
	#cookieKey: Uint8Array | undefined;
	/** C'. */
	#clientTransient: Uint8Array | undefined;
	/** Between C' and S', for INITIATE and everything after it. */
	#sessionKey: Uint8Array | undefined;
	/** As it came out of INITIATE. */
	#clientProperties: Uint8Array | undefined;
	#cipher: CurveTraffic | undefined;

	constructor(ciphers: Ciphers, properties: PropertyList, longTerm: KeyPair) {
		this.#boxes = new CurveBoxes(ciphers);
		this.#properties = properties;
		this.#longTerm = longTerm;
	}

	start(): HandshakeStep {
		return {};
	}

	receive({ name, data }: Command): HandshakeStep {
		const awaited = this.#awaited;
		if (name !== awaited) throw unexpected(name, awaited);
		return awaited === "HELLO" ? this.#hello(data) : this.#initiate(data);
	}

	/** What the client told of itself counts only now that it may come in. */
	decided(decision: Decision): HandshakeStep {
		if (decision.status !== 200) return refuse(decision);
		const text = this.#clientProperties!;
		const peerProperties = decodeProperties(text, 0, text.length);
		const properties = encodeProperties(this.#properties);
		const ready = this.#boxes.sealShort(this.#sessionKey!, "CurveZMQREADY---", properties);
		this.#cipher = this.#boxes.createTraffic("server", this.#sessionKey!);
		return { send: encodeCommand("READY", ready), peerProperties, cipher: this.#cipher };
	}

	close(): void {
		this.#transient = undefined;
		this.#cookieKey?.fill(0);
		this.#sessionKey?.fill(0);
		this.#cipher?.close();
	}

	#hello(data: Uint8Array): HandshakeStep {
		expectLength("HELLO", data, helloBytes);
		const version = data.subarray(0, versionBytes.length);
		// Version 1.0 and its padding, which makes HELLO longer than WELCOME: nobody gets more out of a server than he put in.
		if (!isSame(version, versionBytes)) throw invalid("it is of another version than 1.0");
		const clientTransient = copy(data, version.length, version.length + keyBytes);
		const key = this.#boxes.sharedKey(this.#longTerm, clientTransient);
		const proof = this.#boxes.openShort(key, "CurveZMQHELLO---", data.subarray(version.length + keyBytes));
		if (proof.some((octet) => octet !== 0)) throw invalid("HELLO's box holds something");
		this.#clientTransient = clientTransient;
		this.#transient = this.#boxes.createKeyPair();
		this.#cookieKey = crypto.getRandomValues(new Uint8Array(keyBytes));
		const { publicKey } = this.#transient;
		const cookie = this.#boxes.sealLong(this.#cookieKey, "COOKIE--", concat([clientTransient, publicKey]));
		const welcome = this.#boxes.sealLong(key, "WELCOME-", concat([publicKey, cookie]));
		key.fill(0);
		this.#awaited = "INITIATE";
		return { send: encodeCommand("WELCOME", welcome) };
	}

	#initiate(data: Uint8Array): HandshakeStep {
		expectLength("INITIATE", data, initiateBytes, Number.POSITIVE_INFINITY);
		this.#checkCookie(data.subarray(0, cookieBytes));
		this.#sessionKey = this.#boxes.sharedKey(this.#transient!, this.#clientTransient!);
		const text = this.#boxes.openShort(this.#sessionKey, "CurveZMQINITIATE", data.subarray(cookieBytes));
		const publicKey = copy(text, 0, keyBytes);
		this.#checkVouch(publicKey, text.subarray(keyBytes, keyBytes + vouchBytes));
		this.#clientProperties = text.subarray(keyBytes + vouchBytes);
		this.#transient = undefined;
		this.#awaited = "nothing";
		return { authenticate: { mechanism: "CURVE", publicKey } };
	}

	/** That the client has seen this connection's WELCOME. The RFC puts s' in; S' says as much and is no secret. */
	#checkCookie(cookie: Uint8Array): void {
		const ours = concat([this.#clientTransient!, this.#transient!.publicKey]);
		if (!isSame(this.#boxes.openLong(this.#cookieKey!, "COOKIE--", cookie), ours))
			throw invalid("the cookie is another's");
	}

	/**
	 * That whoever has the secret half of `publicKey` stands behind C' and means us. libzmq does not look at the second: a
	 * server could then pass for its clients at another.
	 */
	#checkVouch(publicKey: Uint8Array, vouch: Uint8Array): void {
		const key = this.#boxes.sharedKey(this.#transient!, publicKey);
		const vouched = this.#boxes.openLong(key, "VOUCH---", vouch);
		key.fill(0);
		const ours = concat([this.#clientTransient!, this.#longTerm.publicKey]);
		if (!isSame(vouched, ours)) throw invalid("the vouch is for another connection or server");
	}
}
