export type SocketType =
	| "DEALER"
	| "PAIR"
	| "PUB"
	| "PULL"
	| "PUSH"
	| "REP"
	| "REQ"
	| "ROUTER"
	| "SUB"
	| "XPUB"
	| "XSUB";

/** RFC 37, The Socket-Type property: which types may talk to each other. */
const partners: Readonly<Record<SocketType, readonly SocketType[]>> = {
	DEALER: ["REP", "DEALER", "ROUTER"],
	PAIR: ["PAIR"],
	PUB: ["SUB", "XSUB"],
	PULL: ["PUSH"],
	PUSH: ["PULL"],
	REP: ["REQ", "DEALER"],
	REQ: ["REP", "ROUTER"],
	ROUTER: ["REQ", "DEALER", "ROUTER"],
	SUB: ["PUB", "XPUB"],
	XPUB: ["SUB", "XSUB"],
	XSUB: ["PUB", "XPUB"],
};

/** Whether a socket of type `ours` may talk to a peer that calls itself `theirs`. */
export function isCompatible(ours: SocketType, theirs: string): boolean {
	return (partners[ours] as readonly string[]).includes(theirs);
}
