// libzmq by way of zeromq.js, told what to do over stdin, one JSON object a line. See zmq-side.ts for the commands.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import * as zmq from "zeromq";

zmq.context.maxSockets = 10_000;

const classes = {
	DEALER: zmq.Dealer,
	PAIR: zmq.Pair,
	PUB: zmq.Publisher,
	PULL: zmq.Pull,
	PUSH: zmq.Push,
	REP: zmq.Reply,
	REQ: zmq.Request,
	ROUTER: zmq.Router,
	SUB: zmq.Subscriber,
	XPUB: zmq.XPublisher,
	XSUB: zmq.XSubscriber,
};

const sockets = new Map();
/** Sockets that echo or are beacons: what ends that. */
const busy = new Map();
/** By their front sockets. A proxy that is collected while it runs aborts the process. */
const proxies = new Map();
const asked = [];

const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const fromHex = (hex) => Buffer.from(hex, "hex");

function body([size, seed]) {
	return Buffer.alloc(size, createHash("sha256").update(seed).digest());
}

function described(frames) {
	return {
		frames: frames.map((frame) => [frame.length, createHash("sha256").update(frame).digest("hex")]),
		first: frames[0].subarray(0, 300).toString("hex"),
	};
}

async function sendToPeer(socket, frames) {
	const end = performance.now() + 10_000;
	for (;;) {
		try {
			return await socket.send(frames);
		} catch (error) {
			// A mandatory ROUTER says so until its peer is there.
			if (error.code !== "EHOSTUNREACH" || performance.now() > end) throw error;
			await delay(2);
		}
	}
}

/** ZeroMQ's base 85: keys as they are written in options. */
function z85(octets) {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
	let text = "";
	for (let i = 0; i < octets.length; i += 4) {
		const value = octets.readUInt32BE(i);
		for (let power = 85 ** 4; power >= 1; power /= 85) text += digits[Math.floor(value / power) % 85];
	}
	return text;
}

/** zeromq.js says EAGAIN when what woke it was a reply that REQ then discards: nothing came for us, so wait on. */
async function receiveFrom(socket) {
	const { receiveTimeout } = socket;
	const end = receiveTimeout < 0 ? Infinity : performance.now() + receiveTimeout;
	for (;;) {
		try {
			return await socket.receive();
		} catch (error) {
			if (error.code !== "EAGAIN" || socket.closed || performance.now() >= end) throw error;
		}
	}
}

/** A socket that was closed lets go of its endpoint a moment later, and nothing tells when. */
async function bindWhenFree(socket, endpoint) {
	const end = performance.now() + 5000;
	for (;;) {
		try {
			return await socket.bind(endpoint);
		} catch (error) {
			if (error.code !== "EADDRINUSE" || performance.now() >= end) throw error;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}
}

const commands = {
	open({ name, type, options }) {
		const given = Object.entries(options).map(([key, value]) => [
			key,
			value?.hex === undefined ? value : fromHex(value.hex).toString("latin1"),
		]);
		sockets.set(name, new classes[type](Object.fromEntries(given)));
	},
	async bind({ name, endpoint }) {
		const socket = sockets.get(name);
		await bindWhenFree(socket, endpoint);
		return { endpoint: socket.lastEndpoint };
	},
	connect({ name, endpoint }) {
		sockets.get(name).connect(endpoint);
	},
	async unbind({ name, endpoint }) {
		await sockets.get(name).unbind(endpoint);
	},
	disconnect({ name, endpoint }) {
		sockets.get(name).disconnect(endpoint);
	},
	subscribe({ name, topic }) {
		sockets.get(name).subscribe(fromHex(topic));
	},
	unsubscribe({ name, topic }) {
		sockets.get(name).unsubscribe(fromHex(topic));
	},
	async send({ name, messages }) {
		for (const { envelope, frames } of messages) {
			await sendToPeer(sockets.get(name), [...envelope.map(fromHex), ...frames.map(body)]);
		}
	},
	async receive({ name, count, skip }) {
		const socket = sockets.get(name);
		const messages = [];
		while (messages.length < count) {
			const frames = await receiveFrom(socket);
			if (frames.length !== 1 || frames[0].toString("hex") !== skip) messages.push(described(frames));
		}
		return { messages };
	},
	/** Until the socket is closed. */
	echo({ name }) {
		const socket = sockets.get(name);
		(async () => {
			for await (const frames of socket) await socket.send(frames);
		})().catch(() => {});
	},
	/** The same message again and again, until the next command. */
	beacon({ name, frame }) {
		const socket = sockets.get(name);
		let isOver = false;
		const sent = (async () => {
			while (!isOver) {
				await socket.send(fromHex(frame));
				await delay(2);
			}
		})();
		busy.set(name, () => {
			isOver = true;
			return sent;
		});
	},
	/** Ends of pipes take a word there and one back, each seen at a call only. */
	async notice({ name }) {
		for (let i = 0; i < 3; i++) {
			void sockets.get(name).readable;
			await delay(5);
		}
	},
	close({ name }) {
		proxies.get(name)?.terminate();
		sockets.get(name)?.close();
		sockets.delete(name);
	},
	proxy({ front, back }) {
		const proxy = new zmq.Proxy(sockets.get(front), sockets.get(back));
		sockets.delete(front);
		sockets.delete(back);
		proxies.set(front, proxy);
		proxy
			.run()
			.catch(() => {})
			.then(() => proxies.delete(front));
	},
	/** Decides about peers: `rules` has mechanism and credentials, keys in Z85, and what to answer. */
	async zap({ rules }) {
		const handler = new zmq.Reply();
		await handler.bind("inproc://zeromq.zap.01");
		(async () => {
			for await (const [version, request, domain, address, identity, mechanism, ...credentials] of handler) {
				const known = credentials.map((part) => (String(mechanism) === "CURVE" ? z85(part) : String(part)));
				const key = [String(mechanism), ...known].join(" ");
				asked.push({ key, domain: String(domain), address: String(address), identity: identity.toString("hex") });
				const [status, text, user] = rules[key] ?? ["400", "unknown", ""];
				await handler.send([version, request, status, text, user, ""]);
			}
		})();
	},
	zapRequests() {
		return { requests: asked };
	},
};

async function obey(command) {
	try {
		const stop = busy.get(command.name);
		busy.delete(command.name);
		await stop?.();
		reply({ id: command.id, ...(await commands[command.op](command)) });
	} catch (error) {
		reply({ id: command.id, error: `${error.name}: ${error.message}` });
	}
}

reply({ id: 0, version: `libzmq ${zmq.version}` });
for await (const line of createInterface(process.stdin)) void obey(JSON.parse(line));
process.exit();
