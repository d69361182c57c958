import { ZmtpError } from "../errors.js";
import { type Command, encodeCommand } from "../wire/command.js";
import { decodeProperties, encodeProperties, type PropertyList } from "../wire/properties.js";
import type { Decision } from "./authentication.js";
import type { HandshakeStep, Mechanism } from "./mechanism.js";
import { refuse } from "./refusal.js";

/**
 * RFC 37, The NULL mechanism: no credentials, no confidentiality. Both sides send READY at once, as RFC 23 says and
 * libzmq does; RFC 37's prose would let the client go first. A peer's address alone can be judged (RFC 27), and then
 * READY waits for that.
 */
export class NullMechanism implements Mechanism {
	readonly name = "NULL";
	readonly isServer = false;
	readonly #properties: PropertyList;
	readonly #mustAuthenticate: boolean;

	constructor(properties: PropertyList, mustAuthenticate = false) {
		this.#properties = properties;
		this.#mustAuthenticate = mustAuthenticate;
	}

	start(): HandshakeStep {
		return this.#mustAuthenticate ? { authenticate: { mechanism: "NULL" } } : this.#ready();
	}

	receive(command: Command): HandshakeStep {
		if (command.name !== "READY") {
			throw new ZmtpError("ZMTP_COMMAND_UNEXPECTED", `the peer sent ${command.name} where READY was due`);
		}
		return { peerProperties: decodeProperties(command.data, 0, command.data.length) };
	}

	decided(decision: Decision): HandshakeStep {
		return decision.status === 200 ? this.#ready() : refuse(decision);
	}

	close(): void {}

	#ready(): HandshakeStep {
		return { send: encodeCommand("READY", encodeProperties(this.#properties)) };
	}
}
