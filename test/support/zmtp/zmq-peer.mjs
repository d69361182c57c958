// libzmq by way of zeromq.js, told what to do over stdin, one JSON object a line. See zmq-side.ts for the commands.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import * as zmq from "zeromq";

const classes = { DEALER: zmq.Dealer, ROUTER: zmq.Router, REQ: zmq.Request, REP: zmq.Reply };
const sockets = new Map();

const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function body([size, seed]) {
	return Buffer.alloc(size, createHash("sha256").update(seed).digest());
}

const commands = {
	open({ name, type, routingId, heartbeatMs }) {
		const socket = new classes[type]({
			linger: 0,
			...(routingId ? { routingId: Buffer.from(routingId, "hex").toString("latin1") } : {}),
			...(type === "ROUTER" ? { mandatory: true } : {}),
			...(heartbeatMs
				? { heartbeatInterval: heartbeatMs, heartbeatTimeout: heartbeatMs * 4, heartbeatTimeToLive: heartbeatMs * 8 }
				: {}),
		});
		sockets.set(name, socket);
	},
	async bind({ name, endpoint }) {
		const socket = sockets.get(name);
		await socket.bind(endpoint);
		return { endpoint: socket.lastEndpoint };
	},
	connect({ name, endpoint }) {
		sockets.get(name).connect(endpoint);
	},
	async send({ name, envelope, frames }) {
		const message = [...envelope.map((part) => Buffer.from(part, "hex")), ...frames.map(body)];
		for (;;) {
			try {
				return await sockets.get(name).send(message);
			} catch (error) {
				// A mandatory ROUTER says so until its peer is there.
				if (error.code !== "EHOSTUNREACH") throw error;
				await delay(2);
			}
		}
	},
	async receive({ name }) {
		const frames = await sockets.get(name).receive();
		return {
			frames: frames.map((frame) => [frame.length, createHash("sha256").update(frame).digest("hex")]),
			first: frames[0].subarray(0, 300).toString("hex"),
		};
	},
	async ask(command) {
		await commands.send(command);
		return commands.receive(command);
	},
	echo({ name }) {
		const socket = sockets.get(name);
		(async () => {
			for await (const frames of socket) await socket.send(frames);
		})().catch(() => {});
	},
	close({ name }) {
		sockets.get(name).close();
		sockets.delete(name);
	},
};

reply({ id: 0, version: `libzmq ${zmq.version}` });
for await (const line of createInterface(process.stdin)) {
	const command = JSON.parse(line);
	try {
		reply({ id: command.id, ...(await commands[command.op](command)) });
	} catch (error) {
		reply({ id: command.id, error: `${error.name}: ${error.message}` });
	}
}
process.exit();
