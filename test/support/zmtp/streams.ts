import { defaultLimits } from "../../../packages/zmtp/src/limits.js";
import type { ByteStream, ListenOptions, StreamOptions } from "../../../packages/zmtp/src/transport/transport.js";
import { testTls } from "./certificate.js";

/** What a socket that was told nothing asks of its streams. */
export const streamOptions: StreamOptions = {
	mechanism: "NULL",
	maxFrameBytes: defaultLimits.maxFrameBytes,
	maxCommandBytes: defaultLimits.maxCommandBytes,
	ipv6: true,
	tcpKeepalive: -1,
	tcpKeepaliveIdle: -1,
	tls: testTls,
};

/** The same of its listeners, whose streams go to `onStream`. */
export function listenOptions(onStream: (stream: ByteStream) => void = () => {}): ListenOptions {
	return {
		...streamOptions,
		backlog: 100,
		reusePort: false,
		handshakeInterval: 30_000,
		maxPendingHandshakes: 4096,
		onStream,
		onAcceptError: (error) => {
			throw error;
		},
	};
}
