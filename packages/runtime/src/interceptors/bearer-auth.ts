import type { CallPeer } from "../call-context.js";
import type { ClientInterceptor } from "../client/client-call.js";
import { createContextKey } from "../context-values.js";
import { notStarted, RpcError } from "../errors.js";
import type { ServerCall, ServerInterceptor } from "../server/server-call.js";

/** Who calls, as far as it has been proven. */
export interface AuthenticatedUser {
	readonly id: string;
	/** By a token that came with the call, or by the keys of the connection it came over. */
	readonly by: "token" | "connection";
	/** What else the token says: whatever `verify` gave. */
	readonly claims?: unknown;
}

/** Where `bearerAuth` puts who calls: `context.values.get(authenticatedUser)`. */
export const authenticatedUser = createContextKey<AuthenticatedUser | undefined>(undefined);

/** For a client: sends a token with each call, as `metadata.authorization`. `token`: asked for each call; keep what is worth keeping. */
export function bearerToken(token: () => string | Promise<string>): ClientInterceptor {
	return (call, next) => {
		const withToken = (text: string) => next(call.with({ metadata: { authorization: `Bearer ${text}` } }));
		const found = token();
		return typeof found === "string" ? withToken(found) : found.then(withToken);
	};
}

export interface BearerAuthOptions {
	/**
	 * Whose token it is; `undefined` refuses the call with UNAUTHENTICATED. May throw an `RpcError`, PERMISSION_DENIED for one:
	 * the caller is told. What else it throws is INTERNAL. Compare in constant time.
	 */
	readonly verify: (token: string, call: ServerCall) => Promise<Verified | undefined> | Verified | undefined;
	/**
	 * Whether the user id of a connection counts for a call without a token. Of a call through a queue that is the queue's: say
	 * no for the keys of queues. Default: it counts.
	 */
	readonly acceptsPeer?: (peer: CallPeer, call: ServerCall) => boolean;
	/** Calls that anybody may make, by name. Default: none. */
	readonly isPublic?: (method: string) => boolean;
}

export type Verified = string | { readonly id: string; readonly claims?: unknown };

/**
 * For a server: lets calls in whose caller has proven who it is, by a token or, where there is none, by the keys of its
 * connection. A token that is no good is not made up for by keys.
 */
export function bearerAuth({ verify, acceptsPeer = yes, isPublic = no }: BearerAuthOptions): ServerInterceptor {
	return async (call, next) => {
		const { authorization } = call.metadata;
		if (authorization !== undefined) {
			const verified = await verify(tokenOf(authorization), call);
			if (verified === undefined) throw notStarted("UNAUTHENTICATED", `${call.method}: the token is not valid`);
			const user = typeof verified === "string" ? { id: verified } : verified;
			call.values.set(authenticatedUser, { ...user, by: "token" });
			return next(call);
		}
		const { peer } = call;
		if (peer.userId !== undefined && acceptsPeer(peer, call)) {
			call.values.set(authenticatedUser, { id: peer.userId, by: "connection" });
			return next(call);
		}
		if (isPublic(call.method)) return next(call);
		throw notStarted("UNAUTHENTICATED", `${call.method}: say who you are: metadata.authorization is missing`);
	};
}

function tokenOf(authorization: unknown): string {
	const [, token] = (typeof authorization === "string" && /^bearer +(\S+)$/i.exec(authorization)) || [];
	if (token !== undefined) return token;
	throw new RpcError("UNAUTHENTICATED", "metadata.authorization is not of the form: Bearer <token>", {
		outcome: "not-started",
	});
}

function yes(): boolean {
	return true;
}

function no(): boolean {
	return false;
}
