import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { tcp } from "../../../packages/zmtp/src/transport/tcp.js";
import { codeOf, thrownCode } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { listenOptions, streamOptions } from "../../support/zmtp/streams.js";
import { defer, until } from "../../support/zmtp/waiting.js";

const never = new AbortController().signal;
const options = listenOptions();

describe("zmtp tcp transport", () => {
	leavesNothingOpen();

	for (const [address, form] of [
		["*:*", /^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/],
		["*:0", /^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/],
		["127.0.0.1:*", /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/],
		["localhost:0", /^tcp:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*$/],
		["[::1]:0", /^tcp:\/\/\[::1\]:[1-9]\d*$/],
		["[::]:0", /^tcp:\/\/\[::\]:[1-9]\d*$/],
	] as const) {
		it(`binds ${address} and says the port that the system chose`, async () => {
			const listener = await tcp.listen(address, options);
			expect(listener.endpoint).match(form);
			await listener.close();
		});
	}

	it("calls an IPv4 peer of a socket for both families by its IPv4 address", async () => {
		const accepted = new Promise<string>((resolve) => {
			void tcp
				.listen("*:0", {
					...options,
					onStream: (stream) => {
						resolve(stream.remoteAddress);
						stream.destroy();
					},
				})
				.then(async (listener) => {
					const stream = await tcp.connect(
						listener.endpoint.replace("tcp://0.0.0.0", "127.0.0.1"),
						streamOptions,
						never,
					);
					stream.onClose = () => void listener.close();
				});
		});
		expect(await accepted).match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
	});

	it("keeps what comes before anybody listens", async () => {
		const text = Buffer.from("early");
		const server = createServer((socket) => socket.end(text)).listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as AddressInfo;
		const [stream] = await Promise.all([
			tcp.connect(`127.0.0.1:${port}`, streamOptions, never),
			once(server, "connection"),
		]);
		// Another connection there and back: whatever the first was sent has arrived by then.
		const other = connect(port, "127.0.0.1").resume();
		await once(other, "close");
		const heard: Uint8Array[] = [];
		stream.onData = (chunk) => heard.push(chunk);
		await new Promise<void>((resolve) => {
			stream.onClose = () => resolve();
		});
		expect(Buffer.concat(heard)).deep.equal(text);
		server.close();
		await once(server, "close");
	});

	it("fails with a named error where nobody listens, where nobody lives, and where it may not bind", async () => {
		const listener = await tcp.listen("127.0.0.1:0", options);
		await listener.close();
		expect(await codeOf(() => tcp.connect(listener.endpoint.slice(6), streamOptions, never))).equal("ESYSTEM");
		expect(await codeOf(() => tcp.connect("nobody.invalid:80", streamOptions, never))).equal("ESYSTEM");
		expect(await codeOf(() => tcp.listen("192.0.2.1:0", options))).equal("EADDRNOTAVAIL");
		expect(await codeOf(() => tcp.listen("nobody.invalid:0", options))).equal("ESYSTEM");
	});

	it("binds by the name of an interface, as libzmq", async () => {
		const name = Object.entries(networkInterfaces()).find(([, addresses]) =>
			addresses?.some(({ address }) => address === "127.0.0.1"),
		)![0];
		const listener = await tcp.listen(`${name}:*`, options);
		expect(listener.endpoint).match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
		await listener.close();
	});

	it("without ipv6 binds and names IPv4 alone", async () => {
		for (const address of ["*:0", "localhost:0"]) {
			const listener = await tcp.listen(address, { ...options, ipv6: false });
			expect(listener.endpoint).match(/^tcp:\/\/(0\.0\.0\.0|127\.0\.0\.1):\d+$/);
			await listener.close();
		}
	});

	it("connects from the address and the port that are asked for", async () => {
		const peers: string[] = [];
		const accepted = defer();
		const listener = await tcp.listen("127.0.0.1:0", {
			...options,
			onStream: (stream) => {
				peers.push(stream.remoteAddress);
				stream.destroy();
				if (peers.length === 2) accepted.resolve();
			},
		});
		const target = listener.endpoint.slice("tcp://".length);
		const other = await tcp.listen("127.0.0.2:0", options);
		const source = other.endpoint.slice("tcp://".length);
		await other.close();
		for (const from of ["127.0.0.2:0", source]) {
			const stream = await tcp.connect(`${from};${target}`, streamOptions, never);
			stream.destroy();
		}
		await accepted.promise;
		expect(peers[0]).match(/^tcp:\/\/127\.0\.0\.2:\d+$/);
		expect(peers[1]).equal(`tcp://${source}`);
		expect(await codeOf(() => tcp.connect(`192.0.2.1:0;${target}`, streamOptions, never))).equal("EADDRNOTAVAIL");
		for (const address of [`x;${target}`, `127.0.0.1:0;${target};${target}`, `127.0.0.1:0;*:80`]) {
			expect(thrownCode(() => tcp.check(address, streamOptions))).equal("EINVAL");
		}
		await listener.close();
	});

	it("sets keep-alive with the idle time that is asked for", async () => {
		const listener = await tcp.listen("127.0.0.1:0", { ...options, tcpKeepalive: 1, tcpKeepaliveIdle: 33 });
		const stream = await tcp.connect(listener.endpoint.slice("tcp://".length), streamOptions, never);
		const port = listener.endpoint.split(":").at(-1)!;
		await until(() => timersOf(port).length > 0);
		expect(timersOf(port)).deep.equal(["keepalive"]);
		stream.destroy();
		await listener.close();
	});

	it("shares a port where Node can, and says where it cannot", async () => {
		const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
		const shared = { ...options, reusePort: true };
		if (major < 23 || (major === 23 && minor < 1)) {
			expect(await codeOf(() => tcp.listen("127.0.0.1:0", shared))).equal("ENOTSUP");
			return;
		}
		const first = await tcp.listen("127.0.0.1:0", shared);
		const second = await tcp.listen(first.endpoint.slice("tcp://".length), shared);
		await Promise.all([first.close(), second.close()]);
	});
});

/** The kernel's timers of the established connections that were accepted at a port, from /proc/net/tcp: 2 is keep-alive. */
function timersOf(port: string): string[] {
	const hex = Number(port).toString(16).toUpperCase().padStart(4, "0");
	return readFileSync("/proc/net/tcp", "utf8")
		.split("\n")
		.map((line) => line.trim().split(/\s+/))
		.filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === "01")
		.map((fields) => (fields[5]!.startsWith("02:") ? "keepalive" : fields[5]!));
}
