// PLAIN and CURVE, both roles, with an authenticator that knows whom it lets in.
import assert from "node:assert/strict";
import { curveKeyPair, decodeZ85, encodeZ85, Reply, Request } from "@homing/zmtp";
import { check, next, using } from "./check.mjs";

const server = curveKeyPair();
const friend = curveKeyPair();
const stranger = curveKeyPair();

const curveServer = {
	curveServer: true,
	curveSecretKey: server.secretKey,
	authenticator: async ({ mechanism, publicKey }) => mechanism === "CURVE" && publicKey === friend.publicKey,
};
const curveClient = ({ publicKey, secretKey }, serverKey = server.publicKey) => ({
	curveServerKey: serverKey,
	curvePublicKey: publicKey,
	curveSecretKey: secretKey,
});
const plainServer = {
	plainServer: true,
	authenticator: ({ username, password }) => username === "ada" && password === "lovelace",
};

async function talk(serverOptions, clientOptions, endpoint) {
	await using([new Reply(serverOptions), new Request({ ...clientOptions, linger: 0 })], async (reply, request) => {
		await reply.bind(endpoint);
		request.connect(reply.lastEndpoint);
		for (const size of [0, 1, 31, 32, 33, 300, 70_000, 2_000_000]) {
			const body = new Uint8Array(size).fill(size % 251);
			await request.send(["question", body]);
			const [text, octets] = await reply.receive();
			assert.equal(String(text), "question");
			assert.ok(Buffer.from(body).equals(Buffer.from(octets)), `${size} octets came changed`);
			await reply.send("answer");
			assert.equal(String((await request.receive())[0]), "answer");
		}
	});
}

async function fail(serverOptions, clientOptions) {
	await using([new Reply(serverOptions), new Request({ ...clientOptions, linger: 0 })], async (reply, request) => {
		await reply.bind("tcp://127.0.0.1:*");
		const events = ["handshake:error:auth", "handshake:error:protocol"];
		const refused = Promise.race(events.map((name) => next(reply, name)));
		let isLet = false;
		reply.events.on("handshake", () => {
			isLet = true;
		});
		request.connect(reply.lastEndpoint);
		await refused;
		assert.equal(isLet, false);
	});
}

for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*", "inproc://safe"]) {
	const transport = endpoint.split(":")[0];
	await check(`CURVE over ${transport}`, () => talk(curveServer, curveClient(friend), endpoint));
	await check(`PLAIN over ${transport}`, () =>
		talk(plainServer, { plainUsername: "ada", plainPassword: "lovelace" }, endpoint),
	);
}
await check("CURVE keeps a stranger out", () => fail(curveServer, curveClient(stranger)));
await check("CURVE keeps out who takes this for another server", () =>
	fail(curveServer, curveClient(friend, stranger.publicKey)),
);
await check("PLAIN keeps a wrong password out", () =>
	fail(plainServer, { plainUsername: "ada", plainPassword: "byron" }),
);
await check("Z85 there and back", () => assert.equal(encodeZ85(decodeZ85(server.publicKey)), server.publicKey));
