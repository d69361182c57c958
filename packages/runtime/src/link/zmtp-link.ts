import { type AuthenticationAnswer, type Authenticator, curveKeyPair, Port, type PortOptions } from "@homing/zmtp/port";
import { defaultMaxFrameBytes, maxHeadBytes } from "../limits.js";
import { homingProperty, type Link, type LinkHandler, type LinkOptions, octetsProperty } from "./link.js";
import type { Authenticate, KeyPair, Security } from "./security.js";

export { curveKeyPair, curvePublicKey } from "@homing/zmtp/port";

/** Octets that may wait for one peer before callers are held up. Unit: bytes. */
const queuedBytes = 16 * 1024 * 1024;

/** The version of the protocol, as text. */
const homingVersion = Uint8Array.of(0x31);

/**
 * A link over ZeroMQ: DEALER where one side asks, ROUTER where one side serves many. Throws a `TypeError` for a security that
 * says neither what it is nor what it needs; keys that are none are told by `bind()` and `connect()`.
 */
export function openLink(
	type: "DEALER" | "ROUTER",
	handler: LinkHandler,
	options: LinkOptions = {},
	security?: Security,
): Link {
	if (options.carrier !== undefined) return options.carrier(type, handler);
	const maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
	const heartbeatInterval = options.heartbeatMs ?? 2000;
	// 0 would mean never.
	const heartbeatTimeout = Math.max(1, (options.heartbeatTimeoutMs ?? 10_000) - heartbeatInterval);
	const port = new Port(
		type,
		{
			maxFrameBytes,
			// What lies beside a body counts as the body does.
			maxMessageBytes: maxFrameBytes + maxHeadBytes,
			heartbeatInterval,
			heartbeatTimeout,
			linger: options.lingerMs ?? 1000,
			reconnectInterval: options.reconnectMs ?? 50,
			reconnectMaxInterval: options.reconnectMaxMs ?? 2000,
			// Octets are what memory is made of; the number of messages says little.
			sendHighWaterMark: Number.POSITIVE_INFINITY,
			sendHighWaterMarkBytes: queuedBytes,
			...(security === undefined ? {} : securityOptions(security)),
		},
		handler,
		[
			[homingProperty, homingVersion],
			[octetsProperty, homingVersion],
		],
	);
	for (const event of ["handshake:error:protocol", "handshake:error:auth", "handshake:error:other"] as const) {
		port.events.on(event, ({ address, error }) => handler.onStranger(address, error));
	}
	return port;
}

function securityOptions(security: Security): PortOptions {
	if ("serverKey" in security && isKey(security.serverKey)) {
		return { curveServerKey: security.serverKey, ...keyOptions(security.keyPair ?? curveKeyPair()) };
	}
	if ("username" in security && typeof security.username === "string" && typeof security.password === "string") {
		return { plainUsername: security.username, plainPassword: security.password };
	}
	if ("keyPair" in security && !("serverKey" in security) && isKey(security.keyPair?.secretKey)) {
		const { keyPair, authenticate } = security;
		return { curveServer: true, ...keyOptions(keyPair), ...authenticatorOptions(authenticate) };
	}
	if ("mechanism" in security && security.mechanism === "PLAIN" && typeof security.authenticate === "function") {
		return { plainServer: true, ...authenticatorOptions(security.authenticate) };
	}
	// Half of a security is not taken for none.
	throw new TypeError(
		"security is { serverKey } or { username, password } for who connects, " +
			'{ keyPair } or { mechanism: "PLAIN", authenticate } for who binds',
	);
}

/** What the sockets say of a text that is no key has the option's name; what is no text is a key that is missing. */
function isKey(key: unknown): boolean {
	return typeof key === "string" && key !== "";
}

function keyOptions({ publicKey, secretKey }: KeyPair): PortOptions {
	return { curveSecretKey: secretKey, ...(publicKey === undefined ? {} : { curvePublicKey: publicKey }) };
}

function authenticatorOptions(authenticate: Authenticate<never> | undefined): PortOptions {
	return authenticate === undefined ? {} : { authenticator: authenticatorOf(authenticate) };
}

/** Whoever was let in is somebody: by default the one whose key or name was looked at. */
function authenticatorOf(authenticate: Authenticate<never>): Authenticator {
	return async ({ mechanism, address, publicKey, username, password }): Promise<AuthenticationAnswer> => {
		const request =
			mechanism === "CURVE" ? { mechanism, address, publicKey } : { mechanism, address, username, password };
		const decision = await authenticate(request as never);
		if (decision === false) return false;
		if (decision === true) return { status: 200, userId: publicKey ?? username ?? "" };
		// Whatever is not a clear yes keeps the peer out, as a word of the sockets' own for it.
		if (typeof decision?.userId !== "string") throw new TypeError("authenticate answers true, false or { userId }");
		return { status: 200, userId: decision.userId };
	};
}
