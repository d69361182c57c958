import { ZmtpError } from "../errors.js";
import { type Command, encodeCommand } from "../wire/command.js";
import { decodeProperties, encodeProperties } from "../wire/properties.js";
import type { HandshakeStep, Mechanism } from "./mechanism.js";

/**
 * RFC 37, The NULL mechanism: no authentication, no confidentiality. Both sides send READY at once, as RFC 23 says and
 * libzmq does; RFC 37's prose would let the client go first.
 */
export class NullMechanism implements Mechanism {
	readonly name = "NULL";
	readonly isServer = false;
	readonly #properties: Iterable<readonly [string, Uint8Array]>;

	constructor(properties: Iterable<readonly [name: string, value: Uint8Array]>) {
		this.#properties = properties;
	}

	start(): HandshakeStep {
		return { send: encodeCommand("READY", encodeProperties(this.#properties)) };
	}

	receive(command: Command): HandshakeStep {
		if (command.name !== "READY") {
			throw new ZmtpError("ZMTP_COMMAND_UNEXPECTED", `the peer sent ${command.name} where READY was due`);
		}
		return { peerProperties: decodeProperties(command.data, 0, command.data.length) };
	}
}
