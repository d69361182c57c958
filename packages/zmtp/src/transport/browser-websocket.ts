import { ZmtpError } from "../errors.js";
import { pageProtocols } from "../wire/http-upgrade.js";
import { BrowserStream, type PlatformSocket } from "./browser-stream.js";
import { parseWebSocketAddress } from "./endpoint.js";
import type { ByteStream, StreamOptions, Transport } from "./transport.js";

export const ws: Transport = transportOf("ws");
export const wss: Transport = transportOf("wss");

/** The platform's WebSocket: it connects, and cannot be connected to. */
function transportOf(scheme: "ws" | "wss"): Transport {
	return {
		check(address, options) {
			parseWebSocketAddress(scheme, address, false);
			refuseWhatBrowsersDecide(options);
		},
		async listen() {
			throw new ZmtpError("ENOTSUP", "a browser cannot be connected to; bind in Node and connect from here");
		},
		connect: (address, _options, signal) => open(`${scheme}://${address}`, signal),
	};
}

function refuseWhatBrowsersDecide({ mechanism, tls }: StreamOptions): void {
	if (mechanism !== "NULL") {
		throw new ZmtpError(
			"ENOTSUP",
			`a browser lets no protocol's name with "/" through, so ${mechanism} cannot be asked for; use wss:// for secrecy`,
		);
	}
	if (tls !== null)
		throw new ZmtpError("ENOTSUP", "what wss:// trusts is the browser's to decide; leave option tls out");
}

function open(endpoint: string, signal: AbortSignal): Promise<ByteStream> {
	return new Promise((resolve, reject) => {
		const { WebSocket } = globalThis as {
			WebSocket?: new (url: string, protocols: readonly string[]) => PlatformSocket;
		};
		if (WebSocket === undefined) throw new ZmtpError("ENOTSUP", "there is no WebSocket here");
		const socket = new WebSocket(endpoint, pageProtocols);
		const fail = (error: ZmtpError) => {
			signal.removeEventListener("abort", abort);
			socket.onopen = null;
			socket.onclose = null;
			socket.close();
			reject(error);
		};
		const abort = () => fail(new ZmtpError("ECANCELED", `connecting to ${endpoint} was given up`));
		signal.addEventListener("abort", abort, { once: true });
		socket.binaryType = "arraybuffer";
		// A page is not told why: that would let it look around in the network of whoever visits it.
		socket.onerror = () => {};
		socket.onclose = () =>
			fail(new ZmtpError("ESYSTEM", `cannot connect to ${endpoint}; the browser's console may say why`));
		socket.onopen = () => {
			signal.removeEventListener("abort", abort);
			resolve(new BrowserStream(socket, endpoint));
		};
	});
}
