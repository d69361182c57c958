import { expect } from "chai";
import type { IncomingMessage, Link, LinkHandler, LinkPeer } from "../../../../packages/runtime/src/link/link.js";
import { memoryLinks } from "../../../../packages/runtime/src/link/memory-link.js";

/** One end, and what it was told. */
class End implements LinkHandler {
	readonly told: string[] = [];
	peer: LinkPeer | undefined;
	readonly link: Link;
	#wake: (() => void) | undefined;

	constructor(open: ReturnType<typeof memoryLinks>, type: "DEALER" | "ROUTER") {
		this.link = open(type, this);
	}

	onPeerReady(peer: LinkPeer): void {
		this.peer = peer;
		this.#tell("ready");
	}

	onPeerLost(): void {
		this.#tell("lost");
	}

	onMessage(_: LinkPeer, message: IncomingMessage): void {
		const frames = Array.from({ length: message.count }, (_, index) => Buffer.from(message.take(index)).toString());
		this.#tell(frames.join("|"));
	}

	onStranger(): void {
		this.#tell("stranger");
	}

	onWritable(): void {
		this.#tell("writable");
	}

	async until(what: string): Promise<void> {
		while (!this.told.includes(what)) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	#tell(what: string): void {
		this.told.push(what);
		this.#wake?.();
	}
}

function send(peer: LinkPeer, ...frames: readonly string[]): void {
	const writer = peer.begin();
	for (const [index, frame] of frames.entries()) writer.frame(Buffer.from(frame), index < frames.length - 1);
	peer.commit();
}

describe("links in memory", () => {
	let client: End;
	let server: End;

	beforeEach(async () => {
		const open = memoryLinks();
		server = new End(open, "ROUTER");
		client = new End(open, "DEALER");
		expect(await server.link.bind("here")).to.equal("here");
		client.link.connect("here");
		await client.until("ready");
		expect(server.told).to.deep.equal(["ready"]);
	});

	it("carry messages in both directions, in order and frame by frame", async () => {
		send(client.peer!, "a", "", "b");
		send(client.peer!, "c".repeat(1000), "d");
		send(server.peer!, "e");
		await client.until("e");
		await server.until(`${"c".repeat(1000)}|d`);
		expect(server.told.slice(1)).to.deep.equal(["a||b", `${"c".repeat(1000)}|d`]);
		expect(client.peer).to.include({ committed: 2, flushed: 2, queuedBytes: 0 });
	});

	it("do not deliver a message before the one who sent it has returned", async () => {
		send(client.peer!, "a");
		expect(server.told).to.deep.equal(["ready"]);
		await server.until("a");
	});

	it("leave out what was rolled back", async () => {
		client.peer!.begin().frame(Buffer.from("a"), false);
		client.peer!.rollback();
		send(client.peer!, "b");
		await server.until("b");
		expect(server.told).to.deep.equal(["ready", "b"]);
	});

	it("write frames in place, whatever their size", async () => {
		const writer = client.peer!.begin();
		const text = "x".repeat(5000);
		writer.openFrame();
		writer.reserve(text.length + 2);
		const start = writer.openFrame();
		writer.buffer.set(Buffer.from(text), start);
		writer.closeFrame(start + text.length, true);
		writer.emptyFrame(true);
		writer.frameOf(Buffer.from("abc"), 1, 2, false);
		client.peer!.commit();
		await server.until(`${text}||b`);
	});

	it("hold back what a paused end does not read, and say when there is room again", async () => {
		server.peer!.pause();
		expect(client.peer!.isWritable).to.equal(true);
		send(client.peer!, "x".repeat(2 ** 20));
		expect(client.peer!.isWritable).to.equal(false);
		expect(client.peer!.queuedBytes).to.be.above(2 ** 20);
		send(server.peer!, "still there");
		await client.until("still there");
		expect(server.told).to.deep.equal(["ready"]);
		server.peer!.resume();
		await client.until("writable");
		expect(client.peer!.isWritable).to.equal(true);
		expect(server.told).to.have.length(2);
	});

	it("tell both ends when one closes, after what was sent before", async () => {
		send(client.peer!, "last");
		await client.link.close();
		expect(client.told).to.deep.equal(["ready", "lost"]);
		await server.until("lost");
		expect(server.told).to.deep.equal(["ready", "last", "lost"]);
		send(server.peer!, "too late");
		await server.link.close();
		expect(client.told).to.have.length(2);
		expect(server.told).to.have.length(3);
	});

	it("reach nobody else", async () => {
		expect(() => client.link.connect("there")).to.throw("nobody has bound there");
		expect(() => memoryLinks()("DEALER", client).connect("here")).to.throw("nobody has bound here");
		await server.link.unbind("here");
		expect(() => client.link.connect("here")).to.throw("nobody has bound here");
	});
});
