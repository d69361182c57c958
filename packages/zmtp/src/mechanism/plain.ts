/**
 * RFC 24 (ZMTP PLAIN): a client names itself and gives a password, in clear text; nothing after that is protected.
 *
 * C: HELLO user password → S: WELCOME → C: INITIATE properties → S: READY properties. A server says ERROR instead.
 * The RFC's prose has names of eight characters padded with blanks; its grammar, and libzmq, put a length in front.
 */
import { ZmtpError } from "../errors.js";
import { type Command, encodeCommand } from "../wire/command.js";
import { copy } from "../wire/octets.js";
import { decodeProperties, encodeProperties, type PropertyList } from "../wire/properties.js";
import type { Decision } from "./authentication.js";
import type { HandshakeStep, Mechanism } from "./mechanism.js";
import { refuse } from "./refusal.js";

const nothing = new Uint8Array(0);

export class PlainClient implements Mechanism {
	readonly name = "PLAIN";
	readonly isServer = false;
	readonly #properties: PropertyList;
	readonly #username: Uint8Array;
	readonly #password: Uint8Array;
	#awaited: "WELCOME" | "READY" = "WELCOME";

	/** `username`, `password`: at most 255 octets each, as a length octet can say. */
	constructor(properties: PropertyList, username: Uint8Array, password: Uint8Array) {
		this.#properties = properties;
		this.#username = username;
		this.#password = password;
	}

	start(): HandshakeStep {
		const username = this.#username;
		const password = this.#password;
		const hello = new Uint8Array(2 + username.length + password.length);
		hello[0] = username.length;
		hello.set(username, 1);
		hello[1 + username.length] = password.length;
		hello.set(password, 2 + username.length);
		return { send: encodeCommand("HELLO", hello) };
	}

	receive({ name, data }: Command): HandshakeStep {
		if (name !== this.#awaited) throw unexpected(name, this.#awaited);
		if (name === "READY") return { peerProperties: decodeProperties(data, 0, data.length) };
		if (data.length > 0) throw malformed("WELCOME holds nothing");
		this.#awaited = "READY";
		return { send: encodeCommand("INITIATE", encodeProperties(this.#properties)) };
	}

	decided(): HandshakeStep {
		throw new Error("a PLAIN client asks nobody");
	}

	close(): void {}
}

export class PlainServer implements Mechanism {
	readonly name = "PLAIN";
	readonly isServer = true;
	readonly #properties: PropertyList;
	#awaited: "HELLO" | "INITIATE" | "nothing" = "HELLO";

	constructor(properties: PropertyList) {
		this.#properties = properties;
	}

	start(): HandshakeStep {
		return {};
	}

	receive({ name, data }: Command): HandshakeStep {
		if (name !== this.#awaited) throw unexpected(name, this.#awaited);
		this.#awaited = "nothing";
		if (name === "HELLO") return { authenticate: readHello(data) };
		return {
			send: encodeCommand("READY", encodeProperties(this.#properties)),
			peerProperties: decodeProperties(data, 0, data.length),
		};
	}

	decided(decision: Decision): HandshakeStep {
		if (decision.status !== 200) return refuse(decision);
		this.#awaited = "INITIATE";
		return { send: encodeCommand("WELCOME", nothing) };
	}

	close(): void {}
}

/** The credentials in a HELLO, as copies. */
function readHello(data: Uint8Array) {
	const passwordAt = 1 + (data[0] ?? 0);
	const end = passwordAt + 1 + (data[passwordAt] ?? 0);
	if (data.length <= passwordAt || data.length !== end) throw malformed("HELLO's lengths do not fill it");
	return {
		mechanism: "PLAIN",
		username: copy(data, 1, passwordAt),
		password: copy(data, passwordAt + 1, end),
	} as const;
}

function unexpected(name: string, awaited: string): ZmtpError {
	return new ZmtpError("ZMTP_COMMAND_UNEXPECTED", `the peer sent ${name} where ${awaited} was due`);
}

function malformed(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_COMMAND_MALFORMED", `the peer's command is malformed: ${reason}`);
}
