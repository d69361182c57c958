import { reportReady } from "../dist/load/server.js";
import { channelOptions, Echo, grpc } from "./grpc-echo.mjs";

const echo = (call, callback) => callback(null, call.request);
const server = new grpc.Server(channelOptions);
server.addService(Echo.service, { Small: echo, Medium: echo });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
	if (error) throw error;
	reportReady({ port });
});
