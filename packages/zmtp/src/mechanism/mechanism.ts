import type { Command } from "../wire/command.js";
import type { Properties } from "../wire/properties.js";

/** What a mechanism wants after a step. */
export interface HandshakeStep {
	/** A command to send now: a command frame's body. Owned by the receiver of the step. */
	readonly send?: Uint8Array;
	/** Set once the peer's properties are known and ours have left: traffic may begin. */
	readonly peerProperties?: Properties;
}

/** One side's security handshake with one peer: pure steps, no I/O, no clock. */
export interface Mechanism {
	/** As in the greeting: `NULL`, `PLAIN`, `CURVE`. */
	readonly name: string;
	readonly isServer: boolean;
	/** Called once, when the greetings have crossed. */
	start(): HandshakeStep;
	/** Takes the peer's next command, borrowed until return. Throws a `ZmtpError` on one that is wrong or out of place. */
	receive(command: Command): HandshakeStep;
}
