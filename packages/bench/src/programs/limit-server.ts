/** The limit: gives back what it reads, chunk by chunk, without looking at it. */
import { type AddressInfo, createServer } from "node:net";
import { reportReady } from "../load/server.js";

const server = createServer({ noDelay: true }, (socket) => {
	socket.on("data", (chunk) => socket.write(chunk));
	socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => reportReady({ port: (server.address() as AddressInfo).port }));
