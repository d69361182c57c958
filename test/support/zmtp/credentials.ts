import { type CurveKeyPair, curveKeyPair } from "../../../packages/zmtp/src/index.js";

export const serverKeys: CurveKeyPair = curveKeyPair();
export const clientKeys: CurveKeyPair = curveKeyPair();

/** Options of a CURVE server, and of a client of it. */
export const curveServer = { curveServer: true, curveSecretKey: serverKeys.secretKey };
export const curveClient = {
	curveServerKey: serverKeys.publicKey,
	curvePublicKey: clientKeys.publicKey,
	curveSecretKey: clientKeys.secretKey,
};

/** Options of a PLAIN client. */
export const plainClient = (username: string, password: string) => ({
	plainUsername: username,
	plainPassword: password,
});

/** A connecting side that does not let a test wait for it. */
export const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };
