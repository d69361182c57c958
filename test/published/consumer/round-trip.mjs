// As an ES module, each entry by its name.
import assert from "node:assert/strict";
import { Dealer, Router } from "@homing/zmtp";
import * as draft from "@homing/zmtp/draft";
import { Port } from "@homing/zmtp/port";

assert.notDeepEqual(Object.keys(draft), []);

const router = new Router();
await router.bind("tcp://127.0.0.1:*");
const dealer = new Dealer();
dealer.connect(router.lastEndpoint);
await dealer.send(["there", "and back"]);
await router.send(await router.receive());
assert.deepEqual((await dealer.receive()).map(String), ["there", "and back"]);
await dealer.close();

const heard = await new Promise((resolve) => {
	const port = new Port(
		"DEALER",
		{},
		{
			onPeerReady(peer) {
				peer.begin().frame(Buffer.from("over the port"), false);
				peer.commit();
			},
			onPeerLost() {},
			onWritable() {},
			onMessage() {},
		},
	);
	port.connect(router.lastEndpoint);
	router.receive().then(async (frames) => {
		await port.close();
		resolve(frames);
	});
});
assert.equal(String(heard[1]), "over the port");
await router.close();
console.log("round trip");
