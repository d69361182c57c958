import { ZmtpError } from "../errors.js";

/** Every scheme there is; a host has transports for some of them. */
export type Scheme = "inproc" | "ipc" | "tcp" | "ws" | "wss";

export interface Endpoint {
	readonly scheme: Scheme;
	/** What follows `://`; its form is the transport's. */
	readonly address: string;
}

/** How an endpoint of each scheme is written. */
const forms: Readonly<Record<Scheme, string>> = {
	inproc: "inproc://name",
	ipc: "ipc:///path",
	tcp: "tcp://host:port",
	ws: "ws://host:port/path",
	wss: "wss://host:port/path",
};

/** Takes `scheme://address` apart. Throws `EINVAL`, or `EPROTONOSUPPORT` unless the scheme is one of `known`. */
export function parseEndpoint(text: string, known: readonly Scheme[]): Endpoint {
	const match = /^([a-z][a-z0-9+]*):\/\/(.+)$/s.exec(text);
	if (match === null) {
		throw new ZmtpError(
			"EINVAL",
			`${JSON.stringify(text)} is no endpoint; write ${known.map((scheme) => forms[scheme]).join(", ")}`,
		);
	}
	const [, scheme, address] = match as unknown as [string, string, string];
	if (!(known as readonly string[]).includes(scheme)) {
		const others = known.map((other) => `${other}://`).join(", ");
		throw new ZmtpError("EPROTONOSUPPORT", `there is no transport ${scheme}:// here; there are ${others}`);
	}
	return { scheme: scheme as Scheme, address };
}

export interface HostAndPort {
	/** `undefined`: all interfaces. */
	readonly host: string | undefined;
	/** 0: the system chooses. */
	readonly port: number;
}

/** Takes `host:port`, `*:port`, `[v6]:port` apart; `*` or 0 as port only when binding. Throws `EINVAL`. */
export function parseHostAndPort(address: string, isBinding: boolean, scheme: Scheme = "tcp"): HostAndPort {
	const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:;[\]]+)):(\d{1,5}|\*)$/.exec(address);
	const host = match?.[1] ?? match?.[2];
	const port = match?.[3] === "*" ? 0 : Number(match?.[3]);
	if (host === undefined || !(port <= 65535)) {
		throw new ZmtpError(
			"EINVAL",
			`${scheme}://${address} is no endpoint; write ${forms[scheme]}, with an IPv6 address in brackets`,
		);
	}
	if (!isBinding && (host === "*" || port === 0)) {
		throw new ZmtpError("EINVAL", `${scheme}://${address} cannot be connected to: it names no host or no port`);
	}
	return { host: host === "*" ? undefined : host, port };
}

/** Where to connect to and, if it was said, from where. */
export interface Route {
	readonly source: HostAndPort | undefined;
	readonly target: HostAndPort;
}

/** Takes `host:port` or libzmq's `source:port;host:port` apart. Throws `EINVAL`. */
export function parseRoute(address: string): Route {
	const [first, second, ...more] = address.split(";") as [string, ...string[]];
	if (more.length > 0) throw new ZmtpError("EINVAL", `tcp://${address} has more than one source`);
	return second === undefined
		? { source: undefined, target: parseHostAndPort(first, false) }
		: { source: parseHostAndPort(first, true), target: parseHostAndPort(second, false) };
}

export interface WebSocketAddress extends HostAndPort {
	/** From its slash on, with the query if there is one. */
	readonly path: string;
}

const defaultPorts: Readonly<Record<"ws" | "wss", string>> = { ws: "80", wss: "443" };

/** Takes `host:port/path` apart; a port left out is the scheme's own, but not when binding. Throws `EINVAL`. */
export function parseWebSocketAddress(scheme: "ws" | "wss", address: string, isBinding: boolean): WebSocketAddress {
	const slash = address.indexOf("/");
	const authority = slash === -1 ? address : address.slice(0, slash);
	const path = slash === -1 ? "/" : address.slice(slash);
	// It becomes a line of HTTP.
	if (!/^[!-~]+$/.test(path) || path.includes("#")) {
		throw new ZmtpError("EINVAL", `the path of ${scheme}://${address} has a character that must be percent-encoded`);
	}
	const hasPort = isBinding || /:(\d+|\*)$/.test(authority);
	return { ...parseHostAndPort(hasPort ? authority : `${authority}:${defaultPorts[scheme]}`, isBinding, scheme), path };
}
