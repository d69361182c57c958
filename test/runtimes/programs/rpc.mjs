// Client, server and queue of @homing/runtime with the stubs of the hello example, all in one process.
import assert from "node:assert/strict";
import { connect, Queue, RpcError, Server } from "@homing/runtime";
import { GreeterClient, greeterService } from "../../../packages/examples/dist/hello/generated/greeter.js";
import { check } from "./check.mjs";

const greet = (name, context) => {
	if (name === "nobody") throw new RpcError("NOT_FOUND", "there is nobody");
	if (name !== "nobody in time") return `Hello, ${name}!`;
	return new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
};

async function serving(prepare, body) {
	const server = new Server();
	server.add(greeterService({ greet }));
	const endpoint = await prepare(server);
	const connection = connect(endpoint);
	try {
		await body(new GreeterClient(connection), connection);
	} finally {
		await connection.close();
		await server.close();
	}
}

async function converse(greeter) {
	assert.equal(await greeter.greet("world"), "Hello, world!");
	const names = Array.from({ length: 1000 }, (_, i) => `number ${i}`);
	const answers = await Promise.all(names.map((name) => greeter.greet(name)));
	assert.deepEqual(
		answers,
		names.map((name) => `Hello, ${name}!`),
	);
	const long = "é".repeat(100_000);
	assert.equal(await greeter.greet(long), `Hello, ${long}!`);
	await assert.rejects(greeter.greet("nobody"), { status: "NOT_FOUND" });
	await assert.rejects(greeter.greet(7), { status: "INVALID_ARGUMENT" });
	await assert.rejects(greeter.greet("nobody in time", { timeoutMs: 50 }), { status: "DEADLINE_EXCEEDED" });
	const giveUp = new AbortController();
	const cancelled = assert.rejects(greeter.greet("nobody in time", { signal: giveUp.signal }), { status: "CANCELLED" });
	giveUp.abort();
	await cancelled;
	assert.equal(await greeter.greet("again"), "Hello, again!");
}

for (const endpoint of ["tcp://127.0.0.1:0", "ipc://*", "inproc://greeter"]) {
	await check(`calls over ${endpoint.split(":")[0]}`, () => serving((server) => server.bind(endpoint), converse));
}

await check("calls through a queue", async () => {
	const queue = new Queue({ clients: "tcp://127.0.0.1:0", workers: "tcp://127.0.0.1:0" });
	const { clients, workers } = await queue.start();
	try {
		await serving(async (server) => {
			await server.join(workers[0]);
			return clients[0];
		}, converse);
	} finally {
		await queue.close();
	}
});

await check("a server that is told to drain answers first", () => {
	let server;
	return serving(
		(served) => {
			server = served;
			return served.bind("tcp://127.0.0.1:0");
		},
		async (greeter) => {
			const last = greeter.greet("last");
			assert.equal(await last, "Hello, last!");
			await server.drain();
		},
	);
});
