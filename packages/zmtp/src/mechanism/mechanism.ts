import type { ZmtpError } from "../errors.js";
import type { Command } from "../wire/command.js";
import type { FrameWriter } from "../wire/frame-writer.js";
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
	 * Seals the whole frames that `plain` has from `start` on, behind what `sealed` has. Returns where it stopped; `start`: the
	 * frame there is cut, or too large to go with others. Throws a `ZmtpError` when it has come to its end.
	 */
	sealFrames(plain: Uint8Array, start: number, sealed: FrameWriter): number;
	/** Seals one frame of any size. `flags`: MORE or COMMAND. `body` is borrowed until return. Throws as `sealFrames` does. */
	sealFrame(flags: number, body: Uint8Array, sealed: FrameWriter): void;
	/**
	 * Opens the whole frames that `chunk` has from `start` on, with sealed bodies up to `most`; the plain frames then lie
	 * there, from `start` up to `openedEnd`. Returns where it stopped; `start`: the frame there is cut, not of the kind that
	 * holds another, or too large to go with others. `fault`: what is wrong with the one there otherwise.
	 */
	openFrames(chunk: Uint8Array, start: number, most: number): number;
	/** Of the last `openFrames`. */
	readonly openedEnd: number;
	/** Of the last `openFrames`: the peer is at fault. */
	readonly fault: ZmtpError | undefined;
	/**
	 * Opens, in place, one sealed frame of any size. `body`: owned from here on. Returns the plain frame, a part of it.
	 * Throws a `ZmtpError` on one that is forged or comes again.
	 */
	openFrame(body: Uint8Array): Uint8Array;
}
