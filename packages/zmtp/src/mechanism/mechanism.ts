import type { ZmtpError } from "../errors.js";
import type { Command } from "../wire/command.js";
import type { Properties } from "../wire/properties.js";
import type { Credentials, Decision } from "./authentication.js";

/** What a mechanism wants after a step. */
export interface HandshakeStep {
	/** A command to send now: a command frame's body. Owned by the receiver of the step. */
	readonly send?: Uint8Array;
	/** The peer must be judged; no command of it is taken before `decided` has been called. */
	readonly authenticate?: Credentials;
	/** The peer may not come in: the connection ends once `send` has left. */
	readonly refusal?: ZmtpError;
	/** Set once the peer's properties are known and ours have left: traffic may begin. */
	readonly peerProperties?: Properties;
	/** With `peerProperties`: what every frame goes through from now on, both ways. */
	readonly cipher?: TrafficCipher;
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
	/** Takes the answer to a step's `authenticate`. */
	decided(decision: Decision): HandshakeStep;
	/** Wipes what is secret. Nothing is called after it, nor anything of the cipher. */
	close(): void;
}

/** Seals the frames of one connection, and opens those of its peer. RFC 26, The MESSAGE command. */
export interface TrafficCipher {
	/** How much longer a sealed frame's body is than the plain one's. Unit: bytes. */
	readonly overheadBytes: number;
	/**
	 * Writes the sealed form of a frame's body, `source` from `start` to `end`, to `target` from `at`, with room for
	 * `overheadBytes` more. `flags`: the frame's, MORE or COMMAND. Source and target do not overlap.
	 */
	seal(flags: number, source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void;
	/**
	 * Opens, in place, the sealed body in `buffer` from `start` to `end`: the plain one then lies there from
	 * `start + overheadBytes` on. Returns the frame's flags. Throws a `ZmtpError` on one that is forged or comes again.
	 */
	open(buffer: Uint8Array, start: number, end: number): number;
}
