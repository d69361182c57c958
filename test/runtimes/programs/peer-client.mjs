// The connecting half: small messages, many at once, and some larger than any buffer on the way.
import assert from "node:assert/strict";
import { curveKeyPair, Dealer, Push } from "@homing/zmtp";

const [, , echo, end, curveServerKey] = process.argv;
const { publicKey, secretKey } = curveKeyPair();
const security =
	curveServerKey === undefined ? {} : { curveServerKey, curvePublicKey: publicKey, curveSecretKey: secretKey };
const dealer = new Dealer(security);
const push = new Push(security);
dealer.connect(echo);
push.connect(end);

const small = 5000;
const sizes = [0, 1, 255, 256, 65_535, 65_536, 1_000_003, 20_000_000];
const bodyOf = (size) => new Uint8Array(size).fill(size % 251);
const sending = (async () => {
	for (let i = 0; i < small; i++) await dealer.send([`${i}`, "", "body"]);
	for (const size of sizes) await dealer.send(["large", bodyOf(size)]);
})();
for (let i = 0; i < small; i++) {
	const [number, delimiter, body] = await dealer.receive();
	assert.equal(String(number), `${i}`);
	assert.equal(delimiter.length, 0);
	assert.equal(String(body), "body");
}
for (const size of sizes) {
	const [, body] = await dealer.receive();
	assert.ok(Buffer.from(bodyOf(size)).equals(Buffer.from(body)), `${size} octets came back changed`);
}
await sending;
await push.send("over");
await Promise.all([dealer.close(), push.close()]);
console.log("ok echoed");
