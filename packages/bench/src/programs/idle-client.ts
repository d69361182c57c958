/** Opens `--in-flight` connections to a server, makes one call over each, and keeps them. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import { tell } from "../load/messages.js";
import { makeSmall } from "../workload.js";

/** At a time: a burst of a thousand would measure the backlog of the listening socket. */
const batch = 50;

const { port, inFlight } = readArguments();
const open = async (number: number) => {
	const connection = connect(`tcp://127.0.0.1:${port}`);
	await new EchoClient(connection).small(makeSmall(number));
	return connection;
};
for (let opened = 0; opened < inFlight; opened += batch) {
	await Promise.all(Array.from({ length: Math.min(batch, inFlight - opened) }, (_, i) => open(opened + i)));
}
tell({});
