import type { PropertyList } from "../wire/properties.js";
import type { Ciphers, KeyPair } from "./ciphers.js";
import { CurveClient } from "./curve-client.js";
import { CurveServer } from "./curve-server.js";
import type { Mechanism } from "./mechanism.js";

/** CURVE, as a host that has ciphers for it offers it: one that has none need not carry the code of it. */
export interface Curve {
	readonly ciphers: Ciphers;
	/** `serverKey`: 32 octets, from someone that the client trusts. */
	createClient(properties: PropertyList, longTerm: KeyPair, serverKey: Uint8Array): Mechanism;
	createServer(properties: PropertyList, longTerm: KeyPair): Mechanism;
}

export function curveOver(ciphers: Ciphers): Curve {
	return {
		ciphers,
		createClient: (properties, longTerm, serverKey) => new CurveClient(ciphers, properties, longTerm, serverKey),
		createServer: (properties, longTerm) => new CurveServer(ciphers, properties, longTerm),
	};
}
