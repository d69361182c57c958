/** What `wss://` needs of TLS, by the names of `node:tls`; keys and certificates are PEM. */
export interface TlsOptions {
	/** The private key; a server needs one. */
	readonly key?: string | Uint8Array;
	/** The certificate that belongs to it, with what leads up to its authority. */
	readonly cert?: string | Uint8Array;
	/** The authorities to trust, instead of those that Node knows. */
	readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
	/** What the key is encrypted with. */
	readonly passphrase?: string;
	/** Client: the name that the server's certificate must be for. Default: the endpoint's host. */
	readonly servername?: string;
	/** Server: ask clients for a certificate. Default: false. */
	readonly requestCert?: boolean;
	/** Refuse a peer whose certificate no authority vouches for. Default: true. */
	readonly rejectUnauthorized?: boolean;
	/** `TLSv1.2` or `TLSv1.3`. Default: Node's. */
	readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** What each member may be. Node looks at the contents when they are used. */
const members: Readonly<Record<keyof TlsOptions, (value: unknown) => boolean>> = {
	key: isPem,
	cert: isPem,
	ca: (value) => (Array.isArray(value) ? value.every(isPem) : isPem(value)),
	passphrase: (value) => typeof value === "string",
	servername: (value) => typeof value === "string",
	requestCert: (value) => typeof value === "boolean",
	rejectUnauthorized: (value) => typeof value === "boolean",
	minVersion: (value) => value === "TLSv1.2" || value === "TLSv1.3",
};

export const tlsNames: readonly string[] = Object.keys(members);

/** A copy, so that what is changed afterwards does not count; `undefined` for what is no such object. */
export function acceptTls(value: unknown): TlsOptions | null | undefined {
	if (value === null) return null;
	if (typeof value !== "object") return undefined;
	const given = Object.entries(value).filter(([, member]) => member !== undefined);
	const isRight = given.every(([name, member]) => Object.hasOwn(members, name) && members[name as "key"](member));
	return isRight ? Object.fromEntries(given) : undefined;
}

function isPem(value: unknown): boolean {
	return typeof value === "string" || value instanceof Uint8Array;
}
