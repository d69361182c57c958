import type { Properties } from "../wire/properties.js";

/** What a peer proves, or claims, to be. Owned by the receiver. */
export type Credentials =
	| { readonly mechanism: "NULL" }
	| { readonly mechanism: "PLAIN"; readonly username: Uint8Array; readonly password: Uint8Array }
	/** `publicKey`: 32 octets whose secret half the peer has. */
	| { readonly mechanism: "CURVE"; readonly publicKey: Uint8Array };

/** RFC 27, The ZAP reply: welcome, try again later, the credentials are wrong, something failed here. */
export type AuthenticationStatus = 200 | 300 | 400 | 500;

/** Whether a peer may come in, and as whom. */
export interface Decision {
	readonly status: AuthenticationStatus;
	/** Why, for this side's own log. It is not told to the peer. */
	readonly text: string;
	/** Whom the authenticator takes the peer for; empty when it does not say. */
	readonly userId: string;
	readonly metadata: Properties;
	/** What was thrown, when that is why. */
	readonly cause?: unknown;
}
