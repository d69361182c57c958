import { expect } from "chai";
import * as z from "zod";
import { messageCodec } from "../../../../packages/runtime/src/index.js";
import { keepEnvelope } from "../../../../packages/runtime/src/protocol/envelope.js";
import { answerItem, answerRun } from "../../../../packages/runtime/src/server/answers.js";
import { ItemRun } from "../../../../packages/runtime/src/stream/item-run.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { incoming } from "../../../support/runtime/messages.js";
import { servedCall } from "../../../support/runtime/served-call.js";
import { flags, itemsIn, kinds, token, unpack } from "../../../support/runtime/wire.js";

const codec = messageCodec(z.union([z.string(), z.instanceof(Uint8Array)]));

function start(maxFrameBytes = 1_000_000) {
	const peer = new FakePeer();
	const envelope = keepEnvelope(incoming(token(1, 2), "", "h", "b"), 0, 1);
	const call = servedCall("A.b", flags.TAKES_ITEMS, peer, envelope);
	/** Message by message, the texts in it, or how many octets. */
	const sent = () =>
		peer.sent.map(([, , header, body]) =>
			(header![0] === kinds.ITEMS ? itemsIn(body!) : [body!]).map((item) => unpack(item) as unknown),
		);
	const sender = {
		sendItem: (item: unknown) => answerItem(call, codec, item, maxFrameBytes),
		sendRun: (run: Uint8Array, end: number, count: number) => answerRun(call, run, end, count),
	};
	return { peer, call, sent, run: new ItemRun(sender, codec, maxFrameBytes) };
}

const tick = () => new Promise<void>((resolve) => process.nextTick(resolve));

describe("items of a stream that go together", () => {
	it("are those that were made without a pause, and none waits longer", async () => {
		const { run, sent, peer } = start();
		// As handlers are: in the midst of promises.
		await Promise.resolve();
		expect(run.add("a")).equal(2);
		run.add("b");
		await Promise.resolve();
		run.add("c");
		expect(sent()).deep.equal([]);
		await tick();
		expect(sent()).deep.equal([["a", "b", "c"]]);
		run.add("d");
		await tick();
		expect(sent().slice(1)).deep.equal([["d"]]);
		// One alone is what it would be without all this.
		expect(peer.sent[1]![2]).deep.equal(Buffer.of(kinds.RESULT_ITEM, 0));
	});

	it("are at most 64, and of at most 4096 octets with their sizes", () => {
		const { run, sent, peer } = start();
		for (let i = 0; i < 65; i++) run.add(String(i));
		expect(sent().map(({ length }) => length)).deep.equal([64]);
		run.flush();
		expect(sent().flat()).deep.equal(Array.from({ length: 65 }, (_, i) => String(i)));
		peer.sent.length = 0;
		for (let i = 0; i < 10; i++) run.add("x".repeat(1000));
		run.flush();
		expect(sent().map(({ length }) => length)).deep.equal([4, 4, 2]);
		for (const [, , , body] of peer.sent) expect(body!.length).most(4096);
	});

	it("keep their order with one that is too large to be among them, and those behind it go together again", () => {
		const { run, sent } = start();
		const large = "L".repeat(2000);
		for (const item of ["a", "b", large, large, "c", "d", "e", "f"]) run.add(item);
		run.flush();
		expect(sent()).deep.equal([["a", "b"], [large], [large], ["c"], ["d", "e", "f"]]);
	});

	it("have no octets beside them: an item that would goes by itself", () => {
		const { run, peer } = start();
		run.add("a");
		expect(run.add(new Uint8Array(40_000))).least(40_000);
		run.add("b");
		run.flush();
		expect(peer.sent.map(([, , header]) => header![0])).deep.equal(Array(3).fill(kinds.RESULT_ITEM));
		expect(peer.sent.at(1)!.length, "token, delimiter, header, body; this peer takes no more").equal(4);
	});

	it("are sent when the one behind them cannot be", () => {
		const { run, sent } = start(100);
		run.add("a");
		run.add("b");
		expect(() => run.add("x".repeat(200))).throw(/exceed maxFrameBytes 100/);
		expect(sent()).deep.equal([["a", "b"]]);
		run.add("c");
		expect(() => run.add(7 as unknown as string)).throw();
		run.flush();
		expect(sent().flat()).deep.equal(["a", "b", "c"]);
	});

	it("are never larger than a frame may be", () => {
		const { run, peer, sent } = start(100);
		for (let i = 0; i < 20; i++) run.add("0123456789");
		run.flush();
		expect(sent().flat()).length(20);
		for (const [, , , body] of peer.sent) expect(body!.length).most(100);
	});

	it("are nobody's when the caller is gone", async () => {
		const { run, call, peer } = start();
		run.add("a");
		call.origin = undefined;
		await tick();
		run.flush();
		expect(peer.sent).deep.equal([]);
	});
});
