/** A ROUTER of ours in a process of its own, to be stopped and killed: sends back what it gets. Arguments: endpoint, heartbeat in ms. */
import { Router } from "../../../packages/zmtp/src/index.js";

const [endpoint, heartbeat] = process.argv.slice(2) as [string, string];
const router = new Router({ heartbeatInterval: Number(heartbeat), linger: 0 });
await router.bind(endpoint);
process.stdout.write(`${router.lastEndpoint}\n`);
// Nobody is left to answer for.
process.stdin.on("end", () => process.exit()).resume();
for await (const frames of router) await router.send(frames);
