import type { Options, ZapRules } from "../side.js";

export type Mechanism = "NULL" | "PLAIN" | "CURVE";

/** Key pairs in Z85, those that libzmq's manual shows. */
const server = {
	publicKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
	secretKey: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
};
const client = {
	publicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
	secretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
};

/** What a handler has to know to let the clients of the matrix in. */
export const zapRules: ZapRules = {
	"PLAIN pigeon secret": ["200", "OK", ""],
	[`CURVE ${client.publicKey}`]: ["200", "OK", ""],
};

/** What a socket has to be told for a mechanism and its role in it. */
export function securityOf(mechanism: Mechanism, isServer: boolean): Options {
	if (mechanism === "NULL") return {};
	if (mechanism === "PLAIN") {
		return isServer ? { plainServer: true } : { plainUsername: "pigeon", plainPassword: "secret" };
	}
	return isServer
		? { curveServer: true, curveSecretKey: server.secretKey }
		: { curveServerKey: server.publicKey, curvePublicKey: client.publicKey, curveSecretKey: client.secretKey };
}
