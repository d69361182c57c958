// Life cycle: in which order things may come, how they end, what is said when they go wrong.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { Dealer, Pull, Push, Router } from "@homing/zmtp";
import { check, next, using } from "./check.mjs";

/** A port that was free a moment ago. */
function freePort() {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

await check("connects before the other binds, and again when it has come back", async () => {
	const endpoint = `tcp://127.0.0.1:${await freePort()}`;
	await using([new Push({ linger: 0, reconnectInterval: 10 })], async (push) => {
		push.connect(endpoint);
		await push.send("early");
		for (const text of ["early", "late"]) {
			await using([new Pull()], async (pull) => {
				await pull.bind(endpoint);
				assert.equal(String((await pull.receive())[0]), text);
			});
			if (text === "early") await push.send("late");
		}
	});
});

await check("refuses an address that is taken", () =>
	using([new Pull(), new Pull()], async (one, two) => {
		await one.bind("tcp://127.0.0.1:*");
		await assert.rejects(two.bind(one.lastEndpoint), { code: "EADDRINUSE" });
		await two.bind("ipc://*");
		await assert.rejects(one.bind(two.lastEndpoint), { code: "EADDRINUSE" });
	}),
);

await check("unbinds, and the address is free", () =>
	using([new Pull(), new Pull()], async (one, two) => {
		await one.bind("tcp://127.0.0.1:*");
		const endpoint = one.lastEndpoint;
		await one.unbind(endpoint);
		await two.bind(endpoint);
	}),
);

await check("sends what is queued before it closes", async () => {
	const pull = new Pull();
	await pull.bind("tcp://127.0.0.1:*");
	const push = new Push();
	push.connect(pull.lastEndpoint);
	const last = new Uint8Array(20_000_000).fill(9);
	for (let i = 0; i < 500; i++) await push.send(`${i}`);
	await push.send(last);
	const closing = push.close();
	for (let i = 0; i < 500; i++) assert.equal(String((await pull.receive())[0]), `${i}`);
	assert.equal((await pull.receive())[0].length, last.length);
	await closing;
	await pull.close();
});

await check("a sender waits for a receiver that does not read, and loses nothing", () =>
	using([new Push({ sendHighWaterMark: 2, linger: 0 }), new Pull({ receiveHighWaterMark: 2 })], async (push, pull) => {
		await push.bind("tcp://127.0.0.1:*");
		pull.connect(push.lastEndpoint);
		const count = 100;
		let sent = 0;
		const sending = (async () => {
			for (; sent < count; sent++) await push.send(new Uint8Array(1_000_000).fill(sent));
		})();
		// It cannot be done with while nobody reads: 100 MB fit in no kernel's socket.
		await next(push, "handshake");
		for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
		assert.ok(sent < count, "the sender did not wait");
		for (let i = 0; i < count; i++) {
			const [frame] = await pull.receive();
			assert.equal(frame.length, 1_000_000);
			assert.equal(frame[999_999], i);
		}
		await sending;
	}),
);

await check("closes the connection of who is no ZMTP peer, and serves the others", () =>
	using([new Router(), new Dealer({ linger: 0 })], async (router, dealer) => {
		await router.bind("tcp://127.0.0.1:*");
		const complaint = next(router, "handshake:error:protocol");
		const stranger = connect(Number(new URL(router.lastEndpoint).port), "127.0.0.1");
		const gone = new Promise((resolve) => stranger.on("close", resolve));
		stranger.on("error", () => {});
		stranger.resume();
		stranger.write("GET / HTTP/1.1\r\n\r\n");
		assert.equal((await complaint).error.code, "ZMTP_NOT_ZMTP");
		await gone;
		dealer.connect(router.lastEndpoint);
		await dealer.send("hello");
		assert.equal(String((await router.receive())[1]), "hello");
	}),
);

await check("hears of a peer that has gone", async () => {
	const router = new Router();
	const dealer = new Dealer({ linger: 0 });
	await router.bind("tcp://127.0.0.1:*");
	const met = next(router, "handshake");
	dealer.connect(router.lastEndpoint);
	await met;
	const lost = next(router, "disconnect");
	await dealer.close();
	await lost;
	await router.close();
});

await check("ends calls that wait when it is closed", async () => {
	const pull = new Pull();
	await pull.bind("inproc://idle");
	const waiting = assert.rejects(pull.receive(), { code: "EAGAIN" });
	await pull.close();
	await waiting;
	await assert.rejects(pull.receive(), { code: "EBADF" });
});

await check("gives up a peer that falls silent", () =>
	using([new Router({ heartbeatInterval: 20, heartbeatTimeout: 20 })], async (router) => {
		await router.bind("tcp://127.0.0.1:*");
		const lost = next(router, "disconnect");
		const mute = connect(Number(new URL(router.lastEndpoint).port), "127.0.0.1");
		const gone = new Promise((resolve) => mute.on("close", resolve));
		mute.on("error", () => {});
		mute.resume();
		mute.write(Buffer.concat([Buffer.from("ff00000000000000007f0301", "hex"), Buffer.from("NULL"), Buffer.alloc(48)]));
		mute.write("\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER");
		assert.equal((await lost).error.code, "ZMTP_HEARTBEAT_TIMEOUT");
		await gone;
	}),
);
