// The same for CommonJS.
import { Dealer, type Message, Publisher, ZmtpError } from "@homing/zmtp";
import * as draft from "@homing/zmtp/draft";
import { type Peer, Port, type PortHandler } from "@homing/zmtp/port";

const dealer = new Dealer({ routingId: "me", linger: 0 });
export const message: Promise<Message[]> = dealer.receive();
export const sent: Promise<void> = new Publisher().send(["topic", new Uint8Array(1), null]);
export const code = (error: unknown) => (error instanceof ZmtpError ? error.code : undefined);

// @ts-expect-error: no such option.
new Dealer({ lingers: 0 });
// @ts-expect-error: a Publisher does not receive.
new Publisher().receive();

export const drafts = Object.keys(draft);

const handler: PortHandler = {
	onPeerReady: (peer: Peer) => peer.address,
	onPeerLost() {},
	onMessage() {},
	onWritable() {},
};
export const port = new Port("ROUTER", {}, handler);
