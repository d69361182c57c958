import { Port } from "@homing/zmtp/port";
import { defaultMaxFrameBytes } from "../limits.js";
import { homingProperty, type Link, type LinkHandler, type LinkOptions } from "./link.js";

/** Octets that may wait for one peer before callers are held up. Unit: bytes. */
const queuedBytes = 16 * 1024 * 1024;

/** A link over ZeroMQ: DEALER where one side asks, ROUTER where one side serves many. */
export function openLink(type: "DEALER" | "ROUTER", handler: LinkHandler, options: LinkOptions = {}): Link {
	const heartbeatInterval = options.heartbeatMs ?? 2000;
	// 0 would mean never.
	const heartbeatTimeout = Math.max(1, (options.heartbeatTimeoutMs ?? 10_000) - heartbeatInterval);
	const port = new Port(
		type,
		{
			maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
			heartbeatInterval,
			heartbeatTimeout,
			linger: options.lingerMs ?? 1000,
			reconnectInterval: options.reconnectMs ?? 50,
			reconnectMaxInterval: options.reconnectMaxMs ?? 2000,
			// Octets are what memory is made of; the number of messages says little.
			sendHighWaterMark: Number.POSITIVE_INFINITY,
			sendHighWaterMarkBytes: queuedBytes,
		},
		handler,
		[[homingProperty, Buffer.from("1")]],
	);
	for (const event of ["handshake:error:protocol", "handshake:error:auth", "handshake:error:other"] as const) {
		port.events.on(event, ({ address, error }) => handler.onStranger(address, error));
	}
	return port;
}
