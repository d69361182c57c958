/**
 * Who is who on a link. Whoever connects knows the other end's public key, or has a name and a password; whoever binds has a
 * key pair, or checks passwords, and says who comes in. Both ends have to name the same mechanism: no other is tried. Within
 * the process (`inproc://`) there is none.
 */

/** A CURVE key pair, each key as 40 digits of Z85: see `curveKeyPair()`. */
export interface KeyPair {
	/** Follows from the secret key; where it is given, it has to belong to it. */
	readonly publicKey?: string;
	readonly secretKey: string;
}

/** CURVE, for who connects: encrypted, and with nobody but the owner of `serverKey`. */
export interface CurveClientSecurity {
	/** The public key of whoever is bound there, from somebody you trust. */
	readonly serverKey: string;
	/** This side's own, by which it is known there. Default: one that is made for this link and never seen again. */
	readonly keyPair?: KeyPair;
}

/** PLAIN, for who connects: a name and a password in clear text, so only over `ipc://`, `wss://` or a tunnel. */
export interface PlainClientSecurity {
	/** At most 255 octets. */
	readonly username: string;
	/** At most 255 octets. */
	readonly password: string;
}

export type ClientSecurity = CurveClientSecurity | PlainClientSecurity;

/** What is known of a peer that wants to come in. `address`: its IP address; empty over `ipc://`. */
export type AuthenticationRequest =
	| {
			readonly mechanism: "CURVE";
			readonly address: string;
			/** The peer's, as Z85. That it has the secret one has been proven by then. */
			readonly publicKey: string;
	  }
	| {
			readonly mechanism: "PLAIN";
			readonly address: string;
			readonly username: string;
			readonly password: string;
	  };

/** `true`: welcome, known by its public key or its username; `{ userId }`: known by that; `false`: refused, for good. */
export type AuthenticationDecision = boolean | { readonly userId: string };

/** What it throws, and no answer within ten seconds, keep the peer out; it may try again. */
export type Authenticate<Request = AuthenticationRequest> = (
	request: Request,
) => AuthenticationDecision | Promise<AuthenticationDecision>;

/** CURVE, for who binds. */
export interface CurveServerSecurity {
	readonly mechanism?: "CURVE";
	readonly keyPair: KeyPair;
	/** Who may come in. Default: everybody who knows the public key, and nobody of them has a user id. */
	readonly authenticate?: Authenticate<Extract<AuthenticationRequest, { mechanism: "CURVE" }>>;
}

/** PLAIN, for who binds. */
export interface PlainServerSecurity {
	/** Says that passwords in clear text are meant: a `keyPair` that is missing by mistake must not turn CURVE into this. */
	readonly mechanism: "PLAIN";
	/** Compare in constant time: `crypto.timingSafeEqual` over hashes. */
	readonly authenticate: Authenticate<Extract<AuthenticationRequest, { mechanism: "PLAIN" }>>;
}

export type ServerSecurity = CurveServerSecurity | PlainServerSecurity;

export type Security = ClientSecurity | ServerSecurity;
