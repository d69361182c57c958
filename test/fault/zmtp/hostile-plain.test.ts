import { expect } from "chai";
import type { AuthenticationRequest, Router, SocketOptions } from "../../../packages/zmtp/src/index.js";
import { arenas } from "../../support/zmtp/arenas.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { commandFrame, messageFrames, propertiesOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

/** What stands behind the name of a HELLO. */
const malformed: readonly (readonly [what: string, data: string])[] = [
	["nothing", ""],
	["a user name past the end", "\x09admin"],
	["a password past the end", "\x05admin\x09x"],
	["no password", "\x05admin"],
	["an octet behind the password", "\x05admin\x01x\0"],
];

const refused: readonly (readonly [what: string, username: Buffer, password: Buffer])[] = [
	["empty ones", Buffer.alloc(0), Buffer.alloc(0)],
	["255 octets each", Buffer.alloc(255, "x"), Buffer.alloc(255, "x")],
	["zeros", Buffer.alloc(10), Buffer.alloc(10)],
	["the right ones with a zero behind", Buffer.from("someone\0"), Buffer.from("and something\0")],
	["what is no UTF-8", Buffer.from("ff", "hex"), Buffer.from("c080", "hex")],
];

const broken: readonly (readonly [what: string, answer: () => unknown])[] = [
	[
		"throws",
		() => {
			throw new Error("broken");
		},
	],
	["rejects", () => Promise.reject(new Error("broken"))],
	["says nothing that makes sense", () => ({ status: "2OO" })],
	["says a status that there is none of", () => ({ status: 999 })],
];

for (const { name, place, mechanism } of arenas) {
	if (mechanism.name !== "PLAIN") continue;

	describe(`zmtp ROUTER and those who want to come in ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		async function arena(options: SocketOptions<Router> = {}) {
			const router = kit.router({ ...mechanism.server, ...options });
			const endpoint = await bound(router, place.endpoint());
			const others: string[] = [];
			const bystander = bystanderOf(kit, router, endpoint, {
				options: mechanism.client,
				onOther: (frames) => others.push(frames.join("|")),
			});
			await bystander.bounce();
			return { router, endpoint, others, bystander };
		}

		/** Says it, and goes on as if it had been let in. */
		async function insist(endpoint: string, username: Buffer, password: Buffer): Promise<RawPeer> {
			const peer = await RawPeer.connect(endpoint);
			await peer.greet({ mechanism: "PLAIN" });
			const credentials = [Buffer.of(username.length), username, Buffer.of(password.length), password];
			peer.say(commandFrame("HELLO", Buffer.concat(credentials)));
			peer.say(commandFrame("INITIATE", propertiesOf("DEALER")), ...messageFrames("let in"));
			return peer;
		}

		it("H54: a HELLO that its lengths do not fill ends that connection alone", async () => {
			const { router, endpoint, others, bystander } = await arena();
			const stop = bystander.start();
			for (const [what, data] of malformed) {
				const told = event(router.events, "handshake:error:protocol");
				const peer = await RawPeer.connect(endpoint);
				await peer.greet({ mechanism: "PLAIN" });
				peer.say(commandFrame("HELLO", data), ...messageFrames("let in"));
				expect((await told).error.code, what).equal("ZMTP_COMMAND_MALFORMED");
				await peer.closed;
			}
			expect(await stop()).above(1);
			expect(others).deep.equal([]);
		});

		it("H54: wrong credentials of any form are refused, and what follows them is not delivered", async () => {
			const { router, endpoint, others, bystander } = await arena();
			const stop = bystander.start();
			for (const [what, username, password] of refused) {
				const told = event(router.events, "handshake:error:auth");
				const peer = await insist(endpoint, username, password);
				expect((await told).error.code, what).equal("ZMTP_AUTHENTICATION_FAILED");
				await peer.closed;
			}
			expect(await stop()).above(1);
			expect(others).deep.equal([]);
		});

		for (const [what, answer] of broken) {
			it(`H55: an authenticator that ${what} about a peer lets it not in, and others are judged as ever`, async () => {
				const { authenticator } = mechanism.server as { authenticator: (request: AuthenticationRequest) => boolean };
				const { router, endpoint, others, bystander } = await arena({
					authenticator: (request) => (request.username === "strange" ? (answer() as boolean) : authenticator(request)),
				});
				const stop = bystander.start();
				const told = event(router.events, "handshake:error:auth");
				const peer = await insist(endpoint, Buffer.from("strange"), Buffer.from("x"));
				expect((await told).error.code).equal("ZMTP_AUTHENTICATION_FAILED");
				await peer.closed;
				expect(await stop()).above(1);
				expect(others).deep.equal([]);
			});
		}

		it("H55: an authenticator that never answers about a peer holds up no other; the peer's time runs out", async () => {
			const { authenticator } = mechanism.server as { authenticator: (request: AuthenticationRequest) => boolean };
			const { router, endpoint, others, bystander } = await arena({
				handshakeInterval: 100,
				authenticator: (request) =>
					request.username === "strange" ? new Promise<boolean>(() => {}) : authenticator(request),
			});
			const stop = bystander.start();
			const told = event(router.events, "handshake:error:other");
			const peer = await insist(endpoint, Buffer.from("strange"), Buffer.from("x"));
			expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			await peer.closed;
			expect(await stop()).above(1);
			expect(others).deep.equal([]);
		});
	});
}
