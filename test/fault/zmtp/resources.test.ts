import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { message } from "../../support/zmtp/frames.js";
import { heldBytes } from "../../support/zmtp/memory.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { nodeFlags } from "../../support/zmtp/processes.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

/** Runs a program of a few lines against the sockets; `zmtp` is their module. */
async function run(program: string, limits = ""): Promise<{ code: number | null; output: string }> {
	const module = new URL("../../../packages/zmtp/src/index.ts", import.meta.url).href;
	const source = `import * as zmtp from ${JSON.stringify(module)};\n${program}`;
	const node = [process.execPath, ...nodeFlags, "--input-type=module", "-e", source];
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

	it("H100: small frames that are kept stay as they were, and keep nothing else, while a gigabyte goes by", async () => {
		const router = kit.router();
		const peer = await RawPeer.ready(await bound(router, tcpPlace.endpoint()), "DEALER");
		const kept: Buffer[] = [];
		const bulk = Buffer.alloc(2 ** 20, "x");
		const before = await heldBytes();
		for (let i = 0; i < 1024; i++) {
			peer.write(message(`small ${i}`, bulk));
			kept.push((await router.receive())[1]!);
		}
		expect((await heldBytes()) - before).below(8 * 2 ** 20);
		kept.forEach((frame, i) => {
			expect(frame.toString()).equal(`small ${i}`);
			expect(frame.buffer.byteLength).below(65_536);
		});
		const left = event(router.events, "disconnect");
		await peer.close();
		await left;
	});
});
