import { type AddressInfo, createConnection, type Socket } from "node:net";
import { parseHostAndPort } from "./endpoint.js";
import { connectWithNode, listenWithNode } from "./node-listener.js";
import type { Transport } from "./transport.js";

/** `tcp://`: IPv4, IPv6 in brackets, names; `*` binds all interfaces, port 0 or `*` lets the system choose. */
export const tcp: Transport = {
	check(address) {
		parseHostAndPort(address, false);
	},
	async listen(address, options) {
		const { host, port } = parseHostAndPort(address, true);
		return listenWithNode({ port, ...(host === undefined ? {} : { host }) }, options, {
			bound: (bound) => {
				const { address: ip, port: chosen } = bound as AddressInfo;
				return host === undefined ? `tcp://0.0.0.0:${chosen}` : format(ip, chosen);
			},
			peer: describePeer,
		});
	},
	async connect(address, signal) {
		const { host, port } = parseHostAndPort(address, false);
		const socket = createConnection({ host: host!, port, noDelay: true });
		return connectWithNode(socket, `tcp://${address}`, signal);
	},
};

function describePeer(socket: Socket): string {
	return format(socket.remoteAddress ?? "unknown", socket.remotePort ?? 0);
}

function format(ip: string, port: number): string {
	// A socket of both families shows its IPv4 peers as IPv6.
	const plain = ip.startsWith("::ffff:") ? ip.slice("::ffff:".length) : ip;
	return plain.includes(":") ? `tcp://[${plain}]:${port}` : `tcp://${plain}:${port}`;
}
