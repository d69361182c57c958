import { expect } from "chai";
import * as zmtp from "../../../packages/zmtp/src/index.js";
import { arenas } from "../../support/zmtp/arenas.js";
import { propertiesOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import type { Handshake } from "../../support/zmtp/raw-mechanisms.js";
import { RawPeer, RawServer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

/** RFC 37, The Socket-Type property, written down a second time. */
const partners = {
	REQ: ["REP", "ROUTER"],
	REP: ["REQ", "DEALER"],
	DEALER: ["REP", "DEALER", "ROUTER"],
	ROUTER: ["REQ", "DEALER", "ROUTER"],
	PUB: ["SUB", "XSUB"],
	XPUB: ["SUB", "XSUB"],
	SUB: ["PUB", "XPUB"],
	XSUB: ["PUB", "XPUB"],
	PUSH: ["PULL"],
	PULL: ["PUSH"],
	PAIR: ["PAIR"],
} as const;
type Type = keyof typeof partners;
const types = Object.keys(partners) as Type[];

const classes = {
	REQ: zmtp.Request,
	REP: zmtp.Reply,
	DEALER: zmtp.Dealer,
	ROUTER: zmtp.Router,
	PUB: zmtp.Publisher,
	XPUB: zmtp.XPublisher,
	SUB: zmtp.Subscriber,
	XSUB: zmtp.XSubscriber,
	PUSH: zmtp.Push,
	PULL: zmtp.Pull,
	PAIR: zmtp.Pair,
};

const quick = { linger: 0, reconnectInterval: 5, reconnectMaxInterval: 5 };

for (const { name, place, mechanism } of arenas) {
	if (place.name === "ipc") continue;

	describe(`zmtp sockets that meet peers of every type ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		/** How the meeting of a socket with a peer of this type ends, as the socket tells it. */
		async function meet(socket: zmtp.Socket, peer: RawPeer, theirs: Type, shake: Handshake): Promise<string> {
			const ready = event(socket.events, "handshake").then(() => "ready");
			const refused = event(socket.events, "handshake:error:protocol").then(({ error }) => error.code);
			await shake(peer, propertiesOf(theirs));
			const end = await Promise.race([ready, refused]);
			await peer.close();
			return end;
		}

		for (const ours of types) {
			it(`H20: ${ours} as the side that binds takes ${partners[ours].join(" and ")} and refuses all others`, async () => {
				const socket = kit.keep(new classes[ours]({ ...quick, ...mechanism.server }));
				const endpoint = await bound(socket, place.endpoint());
				for (const theirs of types) {
					const fits = (partners[ours] as readonly string[]).includes(theirs);
					const peer = await RawPeer.connect(endpoint);
					const end = await meet(socket, peer, theirs, mechanism.asClient);
					expect(end, theirs).equal(fits ? "ready" : "ZMTP_SOCKET_TYPE_MISMATCH");
				}
			});

			it(`H20: ${ours} as the side that connects takes them and refuses all others, and tries again`, async () => {
				const server = kit.keep(await RawServer.listen(place.endpoint()));
				const socket = kit.keep(new classes[ours]({ ...quick, ...mechanism.client }));
				socket.connect(server.endpoint);
				for (const theirs of types) {
					const fits = (partners[ours] as readonly string[]).includes(theirs);
					const peer = await server.accept();
					const end = await meet(socket, peer, theirs, mechanism.asServer);
					expect(end, theirs).equal(fits ? "ready" : "ZMTP_SOCKET_TYPE_MISMATCH");
				}
			});
		}
	});
}
