// The binding half of a conversation between two processes: echoes through ROUTER, until a message says that it is over.
import { Pull, Router } from "@homing/zmtp";

const [, , endpoint] = process.argv;
const router = new Router();
const pull = new Pull();
await router.bind(endpoint);
await pull.bind(endpoint);
console.log(JSON.stringify({ echo: router.lastEndpoint, end: pull.lastEndpoint }));

const echoing = (async () => {
	for await (const frames of router) await router.send(frames);
})();
await pull.receive();
await router.close();
await pull.close();
await echoing;
