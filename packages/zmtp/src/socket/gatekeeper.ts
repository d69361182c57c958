/**
 * Who may come in: asks the application's authenticator about a peer, and fails closed. Whatever is not a clear yes, be it
 * an exception, silence or nonsense, keeps the peer out.
 */
import type { AuthenticationStatus, Credentials, Decision } from "../mechanism/authentication.js";
import type { Transport } from "../transport/transport.js";
import { utf8 } from "../wire/octets.js";
import type { Properties } from "../wire/properties.js";
import { encodeZ85 } from "../wire/z85.js";
import { idleTimeout } from "./process-hold.js";
import { askHandler, hasHandler } from "./zap.js";

/** What an authenticator is asked: the request of RFC 27 (ZAP). */
export interface AuthenticationRequest {
	/** The socket's `zapDomain`; empty when it has none. */
	readonly domain: string;
	/** The peer's IP address, without its port; empty over ipc and inproc. */
	readonly address: string;
	/** The socket's own `routingId`; empty when it has none. */
	readonly routingId: Uint8Array;
	readonly mechanism: "NULL" | "PLAIN" | "CURVE";
	/** PLAIN only. */
	readonly username?: string;
	/** PLAIN only. */
	readonly password?: string;
	/** CURVE only: the client's public key as Z85. That it has the secret one has been proven by then. */
	readonly publicKey?: string;
}

/** `true` or status 200: welcome. `false` or 400: wrong credentials, do not ask again. 300: not now. 500: something is broken here. */
export type AuthenticationAnswer =
	| boolean
	| {
			readonly status: AuthenticationStatus;
			/** Why, for this side's events. The peer is told the status only. */
			readonly text?: string;
			/** Whom the peer is taken for. */
			readonly userId?: string;
			/** What else those who receive from the peer should know of it. */
			readonly metadata?: Readonly<Record<string, string | Uint8Array>>;
	  };

/** May throw and may take its time, up to ten seconds; either way the peer stays outside. */
export type Authenticator = (request: AuthenticationRequest) => AuthenticationAnswer | Promise<AuthenticationAnswer>;

/** What of a socket's settings decides who is asked. */
export interface GateSettings {
	readonly authenticator: Authenticator | null;
	readonly zapDomain: string | null;
	readonly zapEnforceDomain: boolean;
	readonly routingId: Uint8Array;
}

/** How long an answer may take. Unit: ms. */
const patienceMs = 10_000;

const noMetadata: Properties = new Map();
const statuses: ReadonlySet<unknown> = new Set<AuthenticationStatus>([200, 300, 400, 500]);

/** Never rejects. `inproc`: where a ZAP handler may be bound. */
export async function judge(
	settings: GateSettings,
	inproc: Transport | undefined,
	credentials: Credentials,
	peerAddress: string,
): Promise<Decision> {
	const { authenticator } = settings;
	const question = { domain: settings.zapDomain ?? "", address: hostOf(peerAddress), routingId: settings.routingId };
	try {
		if (authenticator !== null) {
			const request = { ...question, ...describe(credentials) };
			return decisionOf(await inTime(async () => authenticator(request)));
		}
		if (isForHandler(settings, credentials) && hasHandler(inproc)) {
			return await inTime((signal) => askHandler(inproc, question, credentials, signal));
		}
	} catch (cause) {
		// Perhaps it was a bad moment: 300 lets the peer try again, which ERROR would not.
		return { ...no(300, "the authenticator failed"), cause };
	}
	return unattended(settings, credentials);
}

/** As libzmq has it: with NULL only for a domain's sake, with CURVE unless `zapEnforceDomain` wants a domain that is missing. */
function isForHandler({ zapDomain, zapEnforceDomain }: GateSettings, { mechanism }: Credentials): boolean {
	if (mechanism === "PLAIN" || zapDomain !== null) return true;
	return mechanism === "CURVE" && !zapEnforceDomain;
}

/** Nobody is there to ask. A password that nobody checks is no password; CURVE alone keeps the traffic secret from others. */
function unattended({ zapDomain, zapEnforceDomain }: GateSettings, { mechanism }: Credentials): Decision {
	if (mechanism === "PLAIN" || (zapEnforceDomain && zapDomain !== null)) return no(300, "there is no authenticator");
	return { status: 200, text: "", userId: "", metadata: noMetadata };
}

function no(status: AuthenticationStatus, text: string): Decision {
	return { status, text, userId: "", metadata: noMetadata };
}

function describe(credentials: Credentials) {
	const { mechanism } = credentials;
	switch (mechanism) {
		case "NULL":
			return { mechanism };
		case "PLAIN":
			return { mechanism, username: textOf(credentials.username), password: textOf(credentials.password) };
		case "CURVE":
			return { mechanism, publicKey: encodeZ85(credentials.publicKey) };
	}
}

/** Throws on what is not UTF-8: two passwords must not become the same text. */
function textOf(octets: Uint8Array): string {
	return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
}

/**
 * `tcp://[::1]:5555` is `::1`, and an IPv4 address is itself, also where it comes in by an IPv6 socket; transports without
 * such addresses give nothing.
 */
function hostOf(address: string): string {
	const [, host = ""] = /^(?:tcp|wss?):\/\/\[?(?:::ffff:(?=\d+\.))?([^\]/]*)\]?:\d+/.exec(address) ?? [];
	return host;
}

/** Takes what untyped code may have answered for what it is. */
function decisionOf(answer: unknown): Decision {
	if (answer === true) return { status: 200, text: "", userId: "", metadata: noMetadata };
	if (answer === false) return no(400, "the authenticator said no");
	const { status, text = "", userId = "", metadata = {} } = (answer ?? {}) as Record<string, unknown>;
	if (!statuses.has(status)) return no(300, "the authenticator gave no status that there is");
	if (typeof text !== "string" || typeof userId !== "string" || typeof metadata !== "object" || metadata === null) {
		return no(300, "the authenticator's answer is malformed");
	}
	return { status: status as AuthenticationStatus, text, userId, metadata: propertiesOf(metadata) };
}

function propertiesOf(metadata: object): Properties {
	const properties = new Map<string, Uint8Array>();
	for (const [name, value] of Object.entries(metadata) as [string, unknown][]) {
		properties.set(name.toLowerCase(), value instanceof Uint8Array ? value : utf8(String(value)));
	}
	return properties;
}

/** What `ask` answers, unless that takes too long. */
function inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	return new Promise((resolve, reject) => {
		const timer = idleTimeout(() => {
			const late = new Error(`no answer within ${patienceMs} ms`);
			controller.abort(late);
			reject(late);
		}, patienceMs);
		ask(controller.signal)
			.then(resolve, reject)
			.finally(() => clearTimeout(timer));
	});
}
