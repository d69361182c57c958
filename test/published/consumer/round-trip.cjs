// As CommonJS.
const assert = require("node:assert/strict");
const { curveKeyPair, Reply, Request } = require("@homing/zmtp");
const draft = require("@homing/zmtp/draft");
const { Port } = require("@homing/zmtp/port");

assert.notDeepEqual(Object.keys(draft), []);

async function main() {
	assert.equal(typeof Port, "function");
	const server = curveKeyPair();
	const reply = new Reply({ curveServer: true, curveSecretKey: server.secretKey });
	await reply.bind("tcp://127.0.0.1:*");
	const { publicKey, secretKey } = curveKeyPair();
	const request = new Request({
		curveServerKey: server.publicKey,
		curvePublicKey: publicKey,
		curveSecretKey: secretKey,
	});
	request.connect(reply.lastEndpoint);
	await request.send("question");
	assert.equal(String((await reply.receive())[0]), "question");
	await reply.send("answer");
	assert.equal(String((await request.receive())[0]), "answer");
	await Promise.all([reply.close(), request.close()]);
	console.log("round trip");
}

main();
