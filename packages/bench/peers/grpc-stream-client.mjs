import { runClient, startReaders } from "../dist/load/client.js";
import { itemsOfAStream } from "../dist/workload.js";
import { channelOptions, Echo, grpc } from "./grpc-echo.mjs";

await runClient((meter, { port, inFlight }) => {
	const echo = new Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), channelOptions);
	startReaders(meter, inFlight, () => echo.Items({ count: itemsOfAStream }));
});
