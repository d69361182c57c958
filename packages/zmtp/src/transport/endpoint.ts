import { ZmtpError } from "../errors.js";

export type Scheme = "inproc" | "ipc" | "tcp";

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
