import type { Mechanism } from "./arguments.js";

/** In Z85, as both libraries make it. */
interface KeyPair {
	readonly publicKey: string;
	readonly secretKey: string;
}

/** A server's options, and what it says of them when it is ready. */
export function secureServer(mechanism: Mechanism, curveKeyPair: () => KeyPair) {
	if (mechanism === "NULL") return { options: {}, told: {} };
	const { publicKey, secretKey } = curveKeyPair();
	return { options: { curveServer: true, curveSecretKey: secretKey }, told: { publicKey } };
}

/** A client's options. */
export function secureClient(
	{ mechanism, serverKey }: { readonly mechanism: Mechanism; readonly serverKey: string },
	curveKeyPair: () => KeyPair,
) {
	if (mechanism === "NULL") return {};
	const { publicKey, secretKey } = curveKeyPair();
	return { curveServerKey: serverKey, curvePublicKey: publicKey, curveSecretKey: secretKey };
}
