import { ZmtpError } from "../errors.js";

export type Scheme = "inproc" | "ipc" | "tcp";

export interface Endpoint {
	readonly scheme: Scheme;
	/** What follows `://`; its form is the transport's. */
	readonly address: string;
}

const schemes: ReadonlySet<string> = new Set<Scheme>(["inproc", "ipc", "tcp"]);

/** Takes `scheme://address` apart. Throws `EINVAL` or `EPROTONOSUPPORT`, with what would be right. */
export function parseEndpoint(text: string): Endpoint {
	const match = /^([a-z][a-z0-9+]*):\/\/(.+)$/s.exec(text);
	if (match === null) {
		throw new ZmtpError(
			"EINVAL",
			`${JSON.stringify(text)} is no endpoint; write tcp://host:port, ipc:///path or inproc://name`,
		);
	}
	const [, scheme, address] = match as unknown as [string, string, string];
	if (!schemes.has(scheme)) {
		throw new ZmtpError("EPROTONOSUPPORT", `there is no transport ${scheme}://; use tcp://, ipc:// or inproc://`);
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
export function parseHostAndPort(address: string, isBinding: boolean): HostAndPort {
	const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:;[\]]+)):(\d{1,5}|\*)$/.exec(address);
	const host = match?.[1] ?? match?.[2];
	const port = match?.[3] === "*" ? 0 : Number(match?.[3]);
	if (host === undefined || !(port <= 65535)) {
		throw new ZmtpError(
			"EINVAL",
			`tcp://${address} is no endpoint; write tcp://host:port, with an IPv6 address in brackets`,
		);
	}
	if (!isBinding && (host === "*" || port === 0)) {
		throw new ZmtpError("EINVAL", `tcp://${address} cannot be connected to: it names no host or no port`);
	}
	return { host: host === "*" ? undefined : host, port };
}
