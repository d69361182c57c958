// JSON-RPC 2.0 by hand over ws. As ws's own documentation advises for throughput: no permessage-deflate, the text not
// validated a second time before JSON.parse, bufferutil installed. Nothing is validated beyond that, which is to its
// advantage.
import { WebSocketServer } from "ws";
import { reportReady } from "../dist/load/server.js";

const methods = { "Echo.small": (message) => message, "Echo.medium": (order) => order };

const server = new WebSocketServer(
	{ port: 0, host: "127.0.0.1", perMessageDeflate: false, skipUTF8Validation: true, clientTracking: false },
	() => reportReady({ port: server.address().port }),
);
server.on("connection", (socket) => {
	socket.on("message", (data) => {
		const { id, method, params } = JSON.parse(data.toString());
		const result = methods[method](...params);
		socket.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
	});
});
