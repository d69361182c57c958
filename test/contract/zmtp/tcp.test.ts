import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect } from "chai";
import { tcp } from "../../../packages/zmtp/src/transport/tcp.js";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { listenOptions, streamOptions } from "../../support/zmtp/streams.js";

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
});
