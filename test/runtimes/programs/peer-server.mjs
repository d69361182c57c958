// The binding half of a conversation between two processes: echoes through ROUTER, until a message says that it is over.
import { curveKeyPair, Pull, Router } from "@homing/zmtp";

const [, , endpoint, mechanism] = process.argv;
const { publicKey, secretKey } = curveKeyPair();
const security = mechanism === "CURVE" ? { curveServer: true, curveSecretKey: secretKey } : {};
const router = new Router(security);
const pull = new Pull(security);
await router.bind(endpoint);
await pull.bind(endpoint);
console.log(JSON.stringify({ echo: router.lastEndpoint, end: pull.lastEndpoint, publicKey }));

const echoing = (async () => {
	for await (const frames of router) await router.send(frames);
})();
await pull.receive();
await router.close();
await pull.close();
await echoing;
