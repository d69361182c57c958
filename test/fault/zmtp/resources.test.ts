import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { command, greeting, message, ready } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const loader = createRequire(import.meta.url).resolve("tsx");
const flags = ["--conditions=homing-source", `--import=${loader}`];

async function answer<T>(child: ChildProcess, question?: object): Promise<T> {
	const reply = once(child, "message");
	if (question !== undefined) child.send(question);
	const [message] = await reply;
	return message as T;
}

/** Runs a program of a few lines against the sockets; `zmtp` is their module. */
async function run(program: string, limits = ""): Promise<{ code: number | null; output: string }> {
	const module = new URL("../../../packages/zmtp/src/index.ts", import.meta.url).href;
	const source = `import * as zmtp from ${JSON.stringify(module)};\n${program}`;
	const node = [process.execPath, ...flags, "--input-type=module", "-e", source];
	const child =
		limits === "" ? spawn(node[0]!, node.slice(1)) : spawn("/bin/sh", ["-c", `${limits}; exec "$@"`, "sh", ...node]);
	let output = "";
	for (const stream of [child.stdout, child.stderr])
		stream.on("data", (chunk) => {
			output += chunk;
		});
	const [code] = await once(child, "close");
	return { code, output };
}

describe("zmtp resources", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("an idle connection costs at most 30 KB, a thousand of them measured", async () => {
		const server = fork(fileURLToPath(new URL("../../support/zmtp/idle-server.ts", import.meta.url)), [], {
			execArgv: [...flags, "--expose-gc"],
		});
		const { endpoint } = await answer<{ endpoint: string }>(server);
		const connect = (count: number) =>
			Promise.all(
				Array.from({ length: count }, async () => {
					const peer = await RawPeer.connect(endpoint);
					peer.write(greeting(), ready("DEALER"), message("hello"), command("PING", "\0\0"));
					await peer.read(64);
					for (const name of ["READY", "PONG"]) expect(await peer.readCommand()).include(name);
					return peer;
				}),
			);
		// The first ones pay for what is made once.
		const first = await connect(100);
		const before = await answer<{ heap: number; resident: number }>(server, { measure: true });
		const more = [];
		for (let i = 0; i < 10; i++) more.push(...(await connect(100)));
		await answer(server, { wait: 1100 });
		const now = await answer<{ heap: number; resident: number }>(server, { measure: true });
		expect((now.heap - before.heap) / 1000, "heap and buffers").below(30_000);
		expect((now.resident - before.resident) / 1000, "resident").below(30_000);
		const over = once(server, "exit");
		server.send({ close: true });
		await Promise.all([...first, ...more].map((peer) => peer.close()));
		await over;
	});

	it("H97: two thousand connections that come and go leave no handle and no growing heap", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		let gone = 0;
		router.events.on("disconnect", () => gone++);
		const round = async () => {
			for (let i = 0; i < 20; i++) {
				await Promise.all(
					Array.from({ length: 25 }, async () => {
						const peer = await RawPeer.ready(endpoint, "DEALER");
						await peer.close();
					}),
				);
			}
		};
		await round();
		await until(() => gone === 500);
		const before = process.memoryUsage().arrayBuffers;
		for (let i = 0; i < 3; i++) await round();
		await until(() => gone === 2000);
		expect(process.memoryUsage().arrayBuffers - before).below(8 * 2 ** 20);
	});

	it("H96: a process without file descriptors left serves those it has, on both sides, and connects the others when it can", async () => {
		const { code, output } = await run(
			`
			const router = new zmtp.Router({ linger: 0 });
			await router.bind("tcp://127.0.0.1:0");
			void (async () => { for await (const frames of router) await router.send(frames); })();
			const good = new zmtp.Dealer({ linger: 0 });
			good.connect(router.lastEndpoint);
			await good.send("x");
			await good.receive();
			let refused = 0;
			const crowd = Array.from({ length: 60 }, () => {
				const dealer = new zmtp.Dealer({ linger: 0, reconnectInterval: 20, reconnectMaxInterval: 20 });
				dealer.events.on("connect:retry", () => refused++);
				dealer.connect(router.lastEndpoint);
				return dealer;
			});
			while (refused < 100) {
				await good.send("y");
				await good.receive();
			}
			await Promise.all(crowd.slice(10).map((dealer) => dealer.close()));
			for (const dealer of crowd.slice(0, 10)) {
				await dealer.send("z");
				await dealer.receive();
			}
			await Promise.all([...crowd.slice(0, 10), good, router].map((socket) => socket.close()));
			console.log("served");
		`,
			"ulimit -n 64",
		);
		expect({ code, output }).deep.equal({ code: 0, output: "served\n" });
	});

	it("H99: a process whose sockets are closed ends by itself", async () => {
		const { code, output } = await run(`
			const router = new zmtp.Router({ heartbeatInterval: 50 });
			await router.bind("tcp://127.0.0.1:0");
			const dealer = new zmtp.Dealer({ heartbeatInterval: 50 });
			dealer.connect(router.lastEndpoint);
			dealer.connect("tcp://127.0.0.1:1");
			dealer.connect("inproc://nobody");
			await dealer.send("x");
			await router.receive();
			await Promise.all([dealer.close(), router.close()]);
			console.log("closed");
		`);
		expect({ code, output }).deep.equal({ code: 0, output: "closed\n" });
	});

	it("H100: a small frame that is kept does not keep the chunk it came in", async () => {
		const router = kit.router();
		const peer = await RawPeer.ready(await bound(router, tcpPlace.endpoint()), "DEALER");
		const kept: Buffer[] = [];
		const before = process.memoryUsage().arrayBuffers;
		for (let i = 0; i < 100; i++) {
			peer.write(message("small", Buffer.alloc(500_000)));
			kept.push((await router.receive())[1]!);
		}
		await until(() => {
			globalThis.gc?.();
			return globalThis.gc === undefined || process.memoryUsage().arrayBuffers - before < 10 * 2 ** 20;
		});
		for (const frame of kept) expect(frame.buffer.byteLength).below(65_536);
		const left = event(router.events, "disconnect");
		await peer.close();
		await left;
	});
});
