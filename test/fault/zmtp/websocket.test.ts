import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import type { Router, SocketOptions } from "../../../packages/zmtp/src/index.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { chunkings } from "../../support/zmtp/chunking.js";
import { commandBody, propertiesOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { wsPlace } from "../../support/zmtp/places.js";
import { RawWebSocket } from "../../support/zmtp/raw-websocket.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { upgradeRequest } from "../../support/zmtp/upgrade.js";
import { event } from "../../support/zmtp/waiting.js";
import { testMask, webSocketFrame, zws } from "../../support/zmtp/websocket-frames.js";

const mask = testMask;
const ready = zws(2, commandBody("READY", propertiesOf("DEALER")), mask);

/** What a peer says before there is a WebSocket, what it is answered, and what is told of it. */
const uninvited: [id: string, what: string, request: string, status: string, code: string][] = [
	["H56", "no protocol", upgradeRequest("Sec-WebSocket-Protocol: "), "400", "ZMTP_MECHANISM_MISMATCH"],
	[
		"H56",
		"another mechanism",
		upgradeRequest("Sec-WebSocket-Protocol: ZWS2.0/CURVE"),
		"400",
		"ZMTP_MECHANISM_MISMATCH",
	],
	[
		"H56",
		"a protocol ten thousand times",
		upgradeRequest(`Sec-WebSocket-Protocol: ${Array(10_000).fill("ZWS2.0").join(",")}`),
		"431",
		"ZMTP_NOT_ZMTP",
	],
	["H56", "32 KiB of spaces", upgradeRequest(`x: ${" ".repeat(32_768)}`), "431", "ZMTP_NOT_ZMTP"],
	[
		"H56",
		"two thousand headers",
		upgradeRequest(...Array.from({ length: 2000 }, (_, i) => `x${i}: y`)),
		"431",
		"ZMTP_NOT_ZMTP",
	],
	["H56", "a header of a megabyte", upgradeRequest(`x: ${"y".repeat(2 ** 20)}`), "431", "ZMTP_NOT_ZMTP"],
	["H56", "a request for a page", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426", "ZMTP_NOT_ZMTP"],
	["H56", "ZMTP without a WebSocket", `\xff${"\0".repeat(8)}\x7f\x03`, "400", "ZMTP_NOT_ZMTP"],
];

/** What a peer says in an open WebSocket, before or in traffic, and the code it is closed with. */
const malicious: [id: string, what: string, octets: Uint8Array, closeCode: number, code: string][] = [
	["H57", "a frame that is not masked", zws(0, "x"), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H57", "a fragment without a beginning", webSocketFrame({ opcode: 0, mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	[
		"H57",
		"a message among another's fragments",
		Buffer.concat([webSocketFrame({ isFinal: false, mask }), zws(0, "x", mask)]),
		1002,
		"ZMTP_WEBSOCKET_MALFORMED",
	],
	["H57", "text", webSocketFrame({ opcode: 1, payload: "hello", mask }), 1003, "ZMTP_WEBSOCKET_UNSUPPORTED"],
	["H57", "a reserved bit", webSocketFrame({ payload: "\0", reserved: 2, mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H58", "a compressed frame", webSocketFrame({ payload: "\0", reserved: 4, mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H57", "opcode 3", webSocketFrame({ opcode: 3, mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	[
		"H57",
		"a PING of 126 octets",
		webSocketFrame({ opcode: 9, payload: "x".repeat(126), mask }),
		1002,
		"ZMTP_WEBSOCKET_MALFORMED",
	],
	["H57", "2^63 octets", webSocketFrame({ size: 2n ** 63n, sizeBytes: 8, mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H57", "an empty message", webSocketFrame({ mask }), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H57", "flags of 3", zws(3, "x", mask), 1002, "ZMTP_WEBSOCKET_MALFORMED"],
	["H59", "half a close code", webSocketFrame({ opcode: 8, payload: "x", mask }), 1002, "ZMTP_CONNECTION_LOST"],
	[
		"H59",
		"a close code that is never sent",
		webSocketFrame({ opcode: 8, payload: Buffer.of(3, 237), mask }),
		1002,
		"ZMTP_CONNECTION_LOST",
	],
	[
		"H59",
		"a Close with a text that is no UTF-8",
		webSocketFrame({ opcode: 8, payload: Buffer.of(3, 232, 0xff, 0xc0), mask }),
		1000,
		"ZMTP_CONNECTION_LOST",
	],
];

describe("zmtp ROUTER on a WebSocket", () => {
	leavesNothingOpen();
	const kit = useSockets();

	async function attacked(options: SocketOptions<Router>, attack: (endpoint: string, router: Router) => Promise<void>) {
		const router = kit.router(options);
		const endpoint = await bound(router, wsPlace.endpoint());
		const bystander = bystanderOf(kit, router, endpoint);
		await bystander.bounce();
		const stop = bystander.start();
		await attack(endpoint, router);
		expect(await stop()).above(1);
		await bystander.bounce();
	}

	for (const [id, what, request, status, code] of uninvited) {
		it(`${id}: answers ${what} with ${status}, and ends that connection alone`, () =>
			attacked({}, async (endpoint, router) => {
				const told = event(router.events, "handshake:error:protocol");
				const peer = await RawWebSocket.connect(endpoint);
				peer.socket.write(request, "latin1");
				expect(await peer.readHead()).match(new RegExp(`^HTTP/1.1 ${status} `));
				expect((await told).error.code).equal(code);
				await peer.closed;
			}));
	}

	for (const [id, what, octets, closeCode, code] of malicious) {
		it(`${id}: closes with ${closeCode} after ${what}, in the handshake and in traffic, however it is cut`, () =>
			attacked({}, async (endpoint, router) => {
				for (const { cut } of chunkings) {
					const early = await RawWebSocket.open(endpoint);
					const gone = event(
						router.events,
						code === "ZMTP_CONNECTION_LOST" ? "handshake:error:other" : "handshake:error:protocol",
					);
					for (const piece of cut(octets)) early.socket.write(piece);
					expect(await early.closeCode()).equal(closeCode);
					expect((await gone).error.code).equal(code);

					const late = await RawWebSocket.open(endpoint);
					const left = event(router.events, "disconnect");
					for (const piece of cut(Buffer.concat([ready, octets]))) late.socket.write(piece);
					expect(await late.closeCode()).equal(closeCode);
					expect((await left).error?.code).equal(code);
				}
			}));
	}

	it("H57: closes with 1009 after the head of a frame that is too large, and waits for nothing of it", () =>
		attacked({ maxFrameBytes: 1000 }, async (endpoint, router) => {
			const peer = await RawWebSocket.open(endpoint);
			const left = event(router.events, "disconnect");
			peer.socket.write(Buffer.concat([ready, webSocketFrame({ size: 1002n, payload: "\0", mask })]));
			expect(await peer.closeCode()).equal(1009);
			expect((await left).error?.code).equal("ZMTP_FRAME_TOO_LARGE");
		}));

	it("H57: closes with 1009 after a handshake's command above maxCommandBytes, whatever a frame may have", () =>
		attacked({}, async (endpoint, router) => {
			const peer = await RawWebSocket.open(endpoint);
			const told = event(router.events, "handshake:error:protocol");
			peer.socket.write(webSocketFrame({ size: 65_538n, payload: "\x02", mask }));
			expect(await peer.closeCode()).equal(1009);
			expect((await told).error.code).equal("ZMTP_COMMAND_TOO_LARGE");
		}));

	it("H57: closes with 1009 after fragments above maxFrameBytes", () =>
		attacked({ maxFrameBytes: 100_000 }, async (endpoint, router) => {
			const fragment = webSocketFrame({ opcode: 0, isFinal: false, payload: Buffer.alloc(10_000), mask });
			const peer = await RawWebSocket.open(endpoint);
			const told = event(router.events, "disconnect");
			peer.socket.write(Buffer.concat([ready, webSocketFrame({ isFinal: false, payload: "\0", mask })]));
			for (let i = 0; i < 11; i++) peer.socket.write(fragment);
			expect(await peer.closeCode()).equal(1009);
			expect((await told).error?.code).equal("ZMTP_FRAME_TOO_LARGE");
		}));

	it("H57: reads no more than maxCommandBytes in fragments before the handshake is done, and then the rest", () =>
		attacked({ handshakeInterval: 300 }, async (endpoint, router) => {
			const start = webSocketFrame({ isFinal: false, payload: "\0", mask });
			const fragment = webSocketFrame({ opcode: 0, isFinal: false, payload: Buffer.alloc(60_000), mask });
			const stranger = await RawWebSocket.open(endpoint);
			const told = event(router.events, "handshake:error:other");
			stranger.socket.write(Buffer.concat([start, fragment, fragment, ready]));
			expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			await stranger.closed;

			// In one segment, so that the fragments are there before the handshake can have been done.
			const friend = await RawWebSocket.open(endpoint);
			const end = webSocketFrame({ opcode: 0, payload: "end", mask });
			friend.socket.write(Buffer.concat([ready, start, fragment, fragment, end]));
			friend.socket.write(webSocketFrame({ opcode: 9, payload: "done", mask }));
			for (let frames: string[] = []; !frames.includes(`8a ${Buffer.from("done").toString("hex")}`); ) {
				frames = await friend.readFrames(1);
			}
			friend.socket.destroy();
			await friend.closed;
		}));

	it("closes with 1008 after a peer of the wrong type, whom it has told why", () =>
		attacked({}, async (endpoint) => {
			const peer = await RawWebSocket.open(endpoint);
			peer.socket.write(zws(2, commandBody("READY", propertiesOf("PUB")), mask));
			expect(await peer.closeCode()).equal(1008);
		}));

	it("H09: gives up a peer that opens a connection and says nothing, or an upgrade and no more", () =>
		attacked({ handshakeInterval: 200 }, async (endpoint, router) => {
			for (const words of ["", "GET / HT", upgradeRequest()]) {
				const told = event(
					router.events,
					"handshake:error:other",
					({ error }) => error.code === "ZMTP_HANDSHAKE_TIMEOUT",
				);
				const peer = await RawWebSocket.connect(endpoint);
				peer.socket.write(words);
				await told;
				await peer.closed;
			}
		}));

	it("H28: answers a flood of PINGs now and then, and the last one in any case", () =>
		attacked({}, async (endpoint) => {
			const peer = await RawWebSocket.open(endpoint);
			peer.socket.write(ready);
			peer.socket.pause();
			const pings = Buffer.concat(
				Array.from({ length: 5000 }, () => webSocketFrame({ opcode: 9, payload: "x".repeat(125), mask })),
			);
			for (let i = 0; i < 20; i++) await new Promise((resolve) => peer.socket.write(pings, resolve));
			peer.socket.write(webSocketFrame({ opcode: 9, payload: "last", mask }));
			peer.socket.resume();
			const answers: string[] = [];
			while (answers.at(-1) !== `8a ${Buffer.from("last").toString("hex")}`)
				answers.push(...(await peer.readFrames(1)));
			expect(answers.length).below(25_000);
			peer.socket.destroy();
			await peer.closed;
		}));
});

describe("zmtp DEALER at a WebSocket's hostile server", () => {
	let server: Server;
	let onSocket: (socket: Socket) => void;

	before(async () => {
		server = createServer((socket) => {
			socket.on("error", () => {});
			onSocket(socket);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	});
	after(() => new Promise((resolve) => server.close(resolve)));
	leavesNothingOpen();
	const kit = useSockets();

	/** What the dealer tells of a server that says `words` to its request, or behind a right answer to it. */
	async function reason(words: Uint8Array | string, isOpen: boolean): Promise<string> {
		onSocket = (socket) => {
			socket.once("data", (request: Buffer) => {
				const key = /Sec-WebSocket-Key: (.+)\r\n/.exec(request.toString())![1]!;
				const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
				const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n`;
				if (isOpen) socket.write(answer);
				socket.write(words);
			});
		};
		const dealer = kit.dealer({ reconnectInterval: 100_000 });
		const told = event(dealer.events, "handshake:error:protocol");
		const retried = event(dealer.events, "connect:retry");
		const { port } = server.address() as { port: number };
		dealer.connect(`ws://127.0.0.1:${port}/path`);
		const { error } = await told;
		// It is tried again: what is wrong there may be mended.
		await retried;
		return error.code;
	}

	it("H56: says what a server answered that does not let it in", async () => {
		expect(await reason("HTTP/1.1 404 Not Found\r\n\r\n", false)).equal("ZMTP_WEBSOCKET_REFUSED");
		expect(await reason("SSH-2.0-OpenSSH_9.2\r\n", false)).equal("ZMTP_NOT_ZMTP");
		expect(await reason("HTTP/1.1 101 Switching Protocols\r\n\r\n", false)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(await reason(`HTTP/1.1 101 x\r\n${"x: y\r\n".repeat(2000)}\r\n`, false)).equal("ZMTP_NOT_ZMTP");
		expect(await reason(`HTTP/1.1 101 x\r\nx: ${"y".repeat(2 ** 20)}\r\n\r\n`, false)).equal("ZMTP_NOT_ZMTP");
	});

	it("H57: closes the connection with a server that masks, fragments, speaks text or lies about sizes", async () => {
		expect(await reason(zws(0, "x", mask), true)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(await reason(webSocketFrame({ opcode: 0, payload: "\0" }), true)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(await reason(webSocketFrame({ opcode: 1, payload: "x" }), true)).equal("ZMTP_WEBSOCKET_UNSUPPORTED");
		expect(await reason(webSocketFrame({ payload: "\0", reserved: 4 }), true)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(await reason(webSocketFrame({ size: 2n ** 63n, sizeBytes: 8 }), true)).equal("ZMTP_WEBSOCKET_MALFORMED");
	});
});
