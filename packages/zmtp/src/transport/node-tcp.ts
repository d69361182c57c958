/** What tcp, ws and wss have in common: where to listen, how to connect, what to set on a socket. */
import { lookup } from "node:dns/promises";
import {
	type AddressInfo,
	isIP,
	type ListenOptions as NodeListenOptions,
	type Server,
	type ServerOpts,
	type Socket,
	type TcpNetConnectOpts,
} from "node:net";
import { networkInterfaces } from "node:os";
import { fromNodeError, ZmtpError } from "../errors.js";
import type { HostAndPort, Route, Scheme } from "./endpoint.js";
import { listen, listenerOf } from "./node-listener.js";
import type { Listener, ListenOptions, StreamOptions } from "./transport.js";

/** What a server sets on the sockets it accepts. */
export function acceptOptions(options: StreamOptions): ServerOpts {
	return { noDelay: true, ...keepAlive(options) };
}

/** Binds a server. `path`: what an endpoint has behind its port. */
export async function listenOnPort(
	scheme: Scheme,
	server: Server,
	{ host, port }: HostAndPort,
	options: ListenOptions,
	path = "",
): Promise<Listener> {
	const address = host === undefined ? everywhere(options) : await resolveLocal(host, options);
	const where: NodeListenOptions & { reusePort?: boolean } = { ...address, port, backlog: options.backlog };
	if (options.reusePort) where.reusePort = assertReusePort();
	await listen(server, where, options.onAcceptError);
	const bound = server.address() as AddressInfo;
	return listenerOf(server, format(scheme, host === undefined ? "0.0.0.0" : bound.address, bound.port) + path);
}

/** How to connect. Rejects with a `ZmtpError` when the source is no address of this machine. */
export async function connectOptions({ source, target }: Route, options: StreamOptions): Promise<TcpNetConnectOpts> {
	const from: { localAddress?: string; localPort?: number } = {};
	if (source?.host !== undefined) from.localAddress = (await resolveLocal(source.host, options)).host;
	if (source !== undefined && source.port !== 0) from.localPort = source.port;
	const family = options.ipv6 ? {} : { family: 4 };
	return { host: target.host!, port: target.port, noDelay: true, ...keepAlive(options), ...family, ...from };
}

/** The peer of an accepted socket. */
export function describePeer(scheme: Scheme, socket: Socket): string {
	return format(scheme, socket.remoteAddress ?? "unknown", socket.remotePort ?? 0);
}

function format(scheme: Scheme, ip: string, port: number): string {
	// A socket of both families shows its IPv4 peers as IPv6.
	const plain = ip.startsWith("::ffff:") ? ip.slice("::ffff:".length) : ip;
	return plain.includes(":") ? `${scheme}://[${plain}]:${port}` : `${scheme}://${plain}:${port}`;
}

/** Node itself takes both families where the system has both. */
function everywhere({ ipv6 }: StreamOptions): NodeListenOptions {
	return ipv6 ? {} : { host: "0.0.0.0" };
}

/** An address of this machine by itself, by its interface's name as in libzmq, or by a name that stands for it. */
async function resolveLocal(host: string, { ipv6 }: StreamOptions): Promise<{ host: string }> {
	if (isIP(host) !== 0) return { host };
	const addresses = networkInterfaces()[host]?.filter(({ family }) => ipv6 || family === "IPv4");
	const own = addresses?.find(({ family }) => family === "IPv4") ?? addresses?.[0];
	if (own !== undefined) return { host: own.address };
	try {
		return { host: (await lookup(host, ipv6 ? {} : { family: 4 })).address };
	} catch (error) {
		throw fromNodeError(error, `cannot resolve ${host}`);
	}
}

function keepAlive({ tcpKeepalive, tcpKeepaliveIdle }: StreamOptions): {
	keepAlive?: boolean;
	keepAliveInitialDelay?: number;
} {
	if (tcpKeepalive === -1) return {};
	const idle = tcpKeepaliveIdle === -1 ? {} : { keepAliveInitialDelay: tcpKeepaliveIdle * 1000 };
	return { keepAlive: tcpKeepalive === 1, ...idle };
}

/** An older Node would take no notice, and the second listener would fail. */
function assertReusePort(): true {
	const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
	if (major > 23 || (major === 23 && minor >= 1)) return true;
	throw new ZmtpError("ENOTSUP", `reusePort needs Node 23.1 or newer; this is ${process.versions.node}`);
}
