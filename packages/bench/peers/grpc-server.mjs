import { reportReady } from "../dist/load/server.js";
import { makeSmall } from "../dist/workload.js";
import { channelOptions, Echo, grpc } from "./grpc-echo.mjs";

const echo = (call, callback) => callback(null, call.request);

/** Writes until it is told to wait, as streams of Node do. */
function items(call) {
	let number = 0;
	const go = () => {
		while (number < call.request.count) if (!call.write(makeSmall(number++))) return void call.once("drain", go);
		call.end();
	};
	go();
}

const server = new grpc.Server(channelOptions);
server.addService(Echo.service, { Small: echo, Medium: echo, Items: items });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
	if (error) throw error;
	reportReady({ port });
});
