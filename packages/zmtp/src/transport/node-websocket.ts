import { createHash, randomBytes, randomFillSync } from "node:crypto";
import { ClientUpgrade, ServerUpgrade } from "../wire/http-upgrade.js";
import type { WebSocketAddress } from "./endpoint.js";
import type { StreamOptions } from "./transport.js";
import type { WebSocketSide } from "./websocket-stream.js";

/** RFC 6455, Opening Handshake: what the key is completed by. */
const keySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export function serverSide(options: StreamOptions): WebSocketSide {
	return { ...options, upgrade: new ServerUpgrade(options.mechanism, acceptKey), nextMask: undefined };
}

export function clientSide(options: StreamOptions, { host, port, path }: WebSocketAddress): WebSocketSide {
	const authority = host!.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
	const key = randomBytes(16).toString("base64");
	return { ...options, upgrade: new ClientUpgrade(options.mechanism, authority, path, key, acceptKey), nextMask };
}

function acceptKey(key: string): string {
	return createHash("sha1")
		.update(key + keySuffix)
		.digest("base64");
}

const masks = new Uint32Array(1024);
let nextIndex = masks.length;

/** RFC 6455, Client-to-Server Masking: nobody may foresee a mask. Filling many at once costs little more than one. */
function nextMask(): number {
	if (nextIndex === masks.length) {
		randomFillSync(masks);
		nextIndex = 0;
	}
	return masks[nextIndex++]!;
}
