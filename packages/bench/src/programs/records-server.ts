/** node:net by hand: records behind a length of four octets, each received into memory of its own and given back. */
import { type AddressInfo, createServer } from "node:net";
import { readRecords, writeRecord } from "../load/records.js";
import { reportReady } from "../load/server.js";

const server = createServer({ noDelay: true }, (socket) => {
	readRecords(socket, (record) => writeRecord(socket, record));
	socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => reportReady({ port: (server.address() as AddressInfo).port }));
