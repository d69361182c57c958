/**
 * RFC 27 (ZAP): a REP or ROUTER of the application, bound to `inproc://zeromq.zap.01`, says who may come in. One connection
 * for each question: nothing is shared between peers that nobody knows yet.
 */
import { Connection, type ConnectionHost, type ConnectionOptions } from "../connection/connection.js";
import { ZmtpError } from "../errors.js";
import type { AuthenticationStatus, Credentials, Decision } from "../mechanism/authentication.js";
import { NullMechanism } from "../mechanism/null.js";
import type { Frames } from "../pattern/frames.js";
import type { ByteStream, StreamOptions, Transport } from "../transport/transport.js";
import { FrameWriter } from "../wire/frame-writer.js";
import { latin1, utf8 } from "../wire/octets.js";
import { decodeProperties } from "../wire/properties.js";

const address = "zeromq.zap.01";
const version = "1.0";
const requestId = "1";

/** RFC 27 has a length octet's worth of text and of user id. Unit: bytes. */
const maxTextBytes = 255;
/** A reply of more than 64 KiB is none; the time is the asker's to watch. */
const connectionOptions: ConnectionOptions = {
	socketType: "REQ",
	limits: { maxFrameBytes: 65_536, maxMessageBytes: 65_536, maxFramesPerMessage: 8, maxCommandBytes: 65_536 },
	heartbeat: { intervalMs: 0, timeoutMs: 0, timeToLiveMs: 0 },
	handshakeTimeoutMs: Number.POSITIVE_INFINITY,
};

/** None of them is of use inside the process. */
const streamOptions: StreamOptions = {
	mechanism: "NULL",
	maxFrameBytes: connectionOptions.limits.maxFrameBytes,
	maxCommandBytes: connectionOptions.limits.maxCommandBytes,
	ipv6: false,
	tcpKeepalive: -1,
	tcpKeepaliveIdle: -1,
	tls: null,
};

const nothing = new Uint8Array(0);

/** What the handler is told of the peer beside its credentials. */
export interface ZapQuestion {
	readonly domain: string;
	readonly address: string;
	/** The server's own. */
	readonly routingId: Uint8Array;
}

/** Whether a handler is bound now. */
export function hasHandler(inproc: Transport | undefined): inproc is Transport {
	return inproc?.isBound?.(address) === true;
}

/** Rejects when the handler answers anything but what RFC 27 has, or not before `signal` aborts. */
export async function askHandler(
	inproc: Transport,
	question: ZapQuestion,
	credentials: Credentials,
	signal: AbortSignal,
): Promise<Decision> {
	const stream = await inproc.connect(address, streamOptions, signal);
	const { domain, address: from, routingId } = question;
	const head = [nothing, utf8(version), utf8(requestId), utf8(domain), utf8(from), routingId];
	try {
		return decisionOf(await exchange(stream, [...head, utf8(credentials.mechanism), ...proofOf(credentials)], signal));
	} finally {
		stream.destroy();
	}
}

function proofOf(credentials: Credentials): Frames {
	switch (credentials.mechanism) {
		case "NULL":
			return [];
		case "PLAIN":
			return [credentials.username, credentials.password];
		case "CURVE":
			return [credentials.publicKey];
	}
}

/** Sends one message and takes one, as REQ does. */
function exchange(stream: ByteStream, request: Frames, signal: AbortSignal): Promise<Frames> {
	return new Promise((resolve, reject) => {
		const host: ConnectionHost = {
			transmit: (octets) => void stream.write([octets]),
			onReady() {
				const writer = new FrameWriter();
				writer.begin();
				for (const [index, frame] of request.entries()) writer.frame(frame, index < request.length - 1);
				writer.commit();
				stream.write(writer.pending());
				return undefined;
			},
			onMessage: (message) => resolve(message.takeAll()),
			onFailed: reject,
			pingsByItself: true,
			transmitPing() {},
			transmitPong() {},
			authenticate() {},
			onSubscription() {},
			onTickChanged() {},
		};
		const connection = new Connection(connectionOptions, new NullMechanism([["Socket-Type", utf8("REQ")]]), host, 0);
		stream.onData = (chunk) => connection.receive(chunk, 0);
		stream.onClose = () => reject(new ZmtpError("ZMTP_CONNECTION_LOST", "the ZAP handler left"));
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
		connection.start();
	});
}

/** Whoever lies in any part of its answer has not answered. */
function decisionOf(reply: Frames): Decision {
	const [delimiter, replyVersion, id, status, text, userId, metadata] = reply;
	if (reply.length !== 7 || delimiter!.length > 0) throw malformed("it does not have its seven frames");
	if (textOf(replyVersion!) !== version) throw malformed("its version is not 1.0");
	if (textOf(id!) !== requestId) throw malformed("it answers another request");
	if (!/^[2345]00$/.test(textOf(status!))) throw malformed("its status is none");
	if (text!.length > maxTextBytes || userId!.length > maxTextBytes) throw malformed("its text or user id is too long");
	return {
		status: Number(textOf(status!)) as AuthenticationStatus,
		text: textOf(text!),
		userId: new TextDecoder().decode(userId),
		metadata: decodeProperties(metadata!, 0, metadata!.length),
	};
}

function textOf(octets: Uint8Array): string {
	return latin1(octets, 0, octets.length);
}

function malformed(reason: string): Error {
	return new Error(`the ZAP handler's reply is malformed: ${reason}`);
}
