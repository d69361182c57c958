import { ZmtpError } from "../errors.js";
import type { Credentials, Decision } from "../mechanism/authentication.js";
import type { Curve } from "../mechanism/curve.js";
import type { Mechanism } from "../mechanism/mechanism.js";
import { NullMechanism } from "../mechanism/null.js";
import { PlainClient, PlainServer } from "../mechanism/plain.js";
import type { Platform } from "../platform/platform.js";
import type { Scheme } from "../transport/endpoint.js";
import { isSame, utf8 } from "../wire/octets.js";
import type { PropertyList } from "../wire/properties.js";
import { type GateSettings, judge } from "./gatekeeper.js";

/** What of a socket's settings decides how its connections are secured. */
export interface SecuritySettings extends GateSettings {
	readonly plainServer: boolean;
	readonly plainUsername: string | null;
	readonly plainPassword: string | null;
	readonly curveServer: boolean;
	readonly curveServerKey: Uint8Array | null;
	readonly curvePublicKey: Uint8Array | null;
	readonly curveSecretKey: Uint8Array | null;
}

/** The security of one endpoint: settings as they were when it was bound or connected. */
export interface Security {
	/** One side of a new connection's handshake. `properties`: what this side tells of itself. */
	createMechanism(properties: PropertyList): Mechanism;
	/** Never rejects. `address`: the peer's, as its stream has it. */
	judge(credentials: Credentials, address: string): Promise<Decision>;
}

/** As zeromq.js's `securityMechanism` has it. */
export type SecurityMechanism = "plain" | "curve" | null;

/**
 * Throws `EINVAL` on settings that do not go together: a connection that is less safe than it was meant to be is none.
 * Inside the process there is nobody to hide from; as with libzmq, an inproc endpoint of a CURVE server takes all comers.
 */
export function createSecurity(scheme: Scheme, settings: SecuritySettings, platform: Platform): Security {
	const { curve, transports } = platform;
	const gate = { ...settings };
	const createMechanism = mechanismFactory(settings, curve);
	return {
		createMechanism: scheme === "inproc" ? (properties) => new NullMechanism(properties) : createMechanism,
		judge: (credentials, address) => judge(gate, transports.inproc, credentials, address),
	};
}

export function mechanismOf(settings: SecuritySettings): SecurityMechanism {
	const { plainServer, plainUsername, plainPassword, curveServer, curveServerKey } = settings;
	if (curveServer || curveServerKey !== null) return "curve";
	return plainServer || plainUsername !== null || plainPassword !== null ? "plain" : null;
}

function mechanismFactory(settings: SecuritySettings, curve: Curve | undefined): (_: PropertyList) => Mechanism {
	switch (mechanismOf(settings)) {
		case "curve":
			return curveFactory(settings, curve);
		case "plain":
			return plainFactory(settings);
		case null: {
			const mustAuthenticate = settings.authenticator !== null || settings.zapDomain !== null;
			return (properties) => new NullMechanism(properties, mustAuthenticate);
		}
	}
}

function plainFactory({ plainServer, plainUsername, plainPassword }: SecuritySettings): (_: PropertyList) => Mechanism {
	if (!plainServer) {
		const username = utf8(plainUsername ?? "");
		const password = utf8(plainPassword ?? "");
		return (properties) => new PlainClient(properties, username, password);
	}
	if (plainUsername !== null || plainPassword !== null) {
		throw new ZmtpError(
			"EINVAL",
			"plainServer goes with neither plainUsername nor plainPassword: those are a client's",
		);
	}
	return (properties) => new PlainServer(properties);
}

function curveFactory(settings: SecuritySettings, curve: Curve | undefined): (_: PropertyList) => Mechanism {
	const { curveServer, curveServerKey, curvePublicKey, curveSecretKey } = settings;
	if (curve === undefined) throw new ZmtpError("ENOTSUP", "there is no CURVE here; use wss:// for secrecy");
	if (settings.plainServer || settings.plainUsername !== null || settings.plainPassword !== null) {
		throw new ZmtpError("EINVAL", "options of PLAIN and of CURVE do not go together");
	}
	if (curveServer && curveServerKey !== null) {
		throw new ZmtpError("EINVAL", "curveServer does not go with curveServerKey: that is a client's");
	}
	if (curveSecretKey === null) throw new ZmtpError("EINVAL", "CURVE needs curveSecretKey; see curveKeyPair()");
	// Better now than at the first peer.
	curve.ciphers.frameBoxes();
	const keys = curve.ciphers.keyPairOf(curveSecretKey);
	if (curvePublicKey !== null && !isSame(curvePublicKey, keys.publicKey)) {
		throw new ZmtpError("EINVAL", "curvePublicKey does not belong to curveSecretKey");
	}
	if (curveServerKey === null) return (properties) => curve.createServer(properties, keys);
	try {
		keys.sharedKey(curveServerKey).fill(0);
	} catch (cause) {
		throw new ZmtpError("EINVAL", "curveServerKey cannot be a public key", { cause });
	}
	return (properties) => curve.createClient(properties, keys, curveServerKey);
}
