/**
 * Runs a server program and a client program side by side, and ends the server when the client is done:
 * `node dist/run-together.js hello/server hello/client [arguments for both]`.
 */
import { spawn } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const [serverName, clientName, ...args] = process.argv.slice(2);

// In no order: calls made before the server is there wait for it.
const server = start(serverName!);
const client = start(clientName!);
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {
	client.kill();
	server.kill();
});
client.on("close", (code) => {
	process.exitCode = code ?? 1;
	server.kill();
});
server.on("close", () => client.kill());

function start(name: string) {
	const program = fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
	return spawn(process.execPath, [...process.execArgv, program, ...args], { stdio: "inherit" });
}
