/** Streams over sockets of `node:net`: those that connect, and those that a server accepts. */
import { createConnection, type NetConnectOpts, type ServerOpts, Socket, type SocketConstructorOpts } from "node:net";
import { DirectReading, readsDirectly } from "./direct-reading.js";
import { connected } from "./node-listener.js";
import { NodeStream } from "./node-stream.js";

/** What Node makes sockets of, which its types do not show. */
interface WithHandle {
	_handle?: { readonly useUserBuffer?: unknown } | null;
}

/** For servers whose sockets go to `accept`. */
export const acceptPaused: ServerOpts = readsDirectly ? { pauseOnConnect: true } : {};

/** Rejects with a `ZmtpError`; nothing stays open then. */
export async function dial(where: NetConnectOpts, endpoint: string, signal: AbortSignal): Promise<NodeStream> {
	const reading = readsDirectly ? new DirectReading() : undefined;
	const socket = createConnection(reading === undefined ? where : { ...where, onread: reading.onread });
	// Until somebody listens.
	if (reading !== undefined) socket.pause();
	await connected(socket, "connect", endpoint, signal);
	return new NodeStream(socket, endpoint, reading);
}

/**
 * A server has no option for direct reading, so what it has accepted goes on as another socket, made of the same handle:
 * the way a socket takes to another process. Where there is no such handle, it is read as a stream.
 */
export function accept(accepted: Socket, remoteAddress: string): NodeStream {
	const { _handle: handle } = accepted as WithHandle;
	if (!readsDirectly || typeof handle?.useUserBuffer !== "function") return new NodeStream(accepted, remoteAddress);
	(accepted as WithHandle)._handle = null;
	accepted.destroy();
	const reading = new DirectReading();
	const options = { handle, onread: reading.onread, pauseOnCreate: true };
	return new NodeStream(new Socket(options as SocketConstructorOpts), remoteAddress, reading);
}
