import { ZmtpError } from "../errors.js";
import { encodeError } from "../wire/command.js";
import type { Decision } from "./authentication.js";
import type { HandshakeStep } from "./mechanism.js";

/**
 * How a server lets a peer down, as libzmq does: 400 and 500 are told by ERROR, after which a client does not ask again
 * with the same credentials; 300 is a close without a word, after which it does.
 */
export function refuse({ status, text, cause }: Decision): HandshakeStep {
	const message = `the peer was refused with status ${status}: ${text}`;
	const refusal = new ZmtpError("ZMTP_AUTHENTICATION_FAILED", message, {
		status,
		...(cause === undefined ? {} : { cause }),
	});
	return status === 300 ? { refusal } : { send: encodeError(String(status)), refusal };
}
