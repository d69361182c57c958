import { expect } from "chai";
import { Call } from "../../../../packages/runtime/src/client/call.js";
import { ClientChannel } from "../../../../packages/runtime/src/client/channel.js";
import {
	writeAnswer,
	writeErrorAnswer,
	writeFollowUp,
	writeItem,
	writeRun,
} from "../../../../packages/runtime/src/client/follow-up-writer.js";
import { writeCancel } from "../../../../packages/runtime/src/client/request-writer.js";
import { RpcError } from "../../../../packages/runtime/src/index.js";
import type { LinkPeer } from "../../../../packages/runtime/src/link/link.js";
import { wholeBody } from "../../../../packages/runtime/src/protocol/body.js";
import { keepEnvelope } from "../../../../packages/runtime/src/protocol/envelope.js";
import { readError } from "../../../../packages/runtime/src/protocol/error-body.js";
import { Flag, Kind } from "../../../../packages/runtime/src/protocol/header.js";
import { relayFollowUp, relayOpen } from "../../../../packages/runtime/src/queue/answers.js";
import type { QueuedCall } from "../../../../packages/runtime/src/queue/queued-call.js";
import type { Worker } from "../../../../packages/runtime/src/queue/worker.js";
import {
	answerCallback,
	answerCredit,
	answerEndOfStream,
	answerError,
	answerItem,
	answerOpen,
} from "../../../../packages/runtime/src/server/answers.js";
import { ServedChannel } from "../../../../packages/runtime/src/server/channel.js";
import type { ServedCall } from "../../../../packages/runtime/src/server/context.js";
import { MethodCounters } from "../../../../packages/runtime/src/server/counters.js";
import type { Route } from "../../../../packages/runtime/src/server/routes.js";
import type { AnyMethod } from "../../../../packages/runtime/src/service.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { InsufficientFunds, ledger, vault } from "../../../support/runtime/ledger.js";
import { hexOf, incoming } from "../../../support/runtime/messages.js";
import { servedCall } from "../../../support/runtime/served-call.js";
import { failureOf } from "../../../support/runtime/until.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";
import { token } from "../../../support/runtime/wire.js";

const rows = vectors<{ readonly name: string; readonly frames: readonly string[] }>("stream");
const framesOf = (name: string) => rows.find((row) => row.name === name)!.frames.map(octets);
const ignore = () => {};
const byte = Buffer.of(8);
const route = Buffer.concat([byte, token(3, 4)]);
const routeByQueue = Buffer.concat([byte, token(5, 6), route]);
const int = ledger.sum.result;
const run = octets("0001 07 0003 cd012c");
/** Of who takes ITEMS, which are larger than any of these. */
const maxFrameBytes = 5000;

function callOf(peer: LinkPeer, method: AnyMethod = ledger.list): Call {
	return Object.assign(new Call(method, [], undefined, ignore, ignore), { slot: 1, generation: 2, peer });
}

function served(peer: LinkPeer, flags = 0): ServedCall {
	const envelope = keepEnvelope(incoming(token(1, 2), "", "h", "b"), 0, 1);
	return servedCall("Ledger.x", flags, peer, envelope);
}

const queued = { slot: 5, generation: 6, envelope: keepEnvelope(incoming(token(1, 2), ""), 0, 1) } as QueuedCall;

/** Who writes each message of the vectors. */
const writers: Readonly<Record<string, (peer: LinkPeer) => void>> = {
	"ITEM of the caller's: 7": (peer) => writeItem(callOf(peer), route, int, 7, 1000),
	"ITEMS of the caller's: 7 and 300": (peer) => writeRun(callOf(peer), route, run, run.length, 2),
	"ITEMS of the caller's: 7 and 300, client to queue": (peer) =>
		writeRun(callOf(peer), routeByQueue, run, run.length, 2),
	"ITEMS of the caller's: 7 and 300, queue to worker": (peer) => {
		const message = incoming(...framesOf("ITEMS of the caller's: 7 and 300, client to queue"));
		const start = message.starts[2]! + 2;
		relayFollowUp({ peer } as Worker, queued, message, 2, start, start + 9);
	},
	"END of the caller's stream": (peer) => writeFollowUp(callOf(peer), route, Kind.END),
	"CREDIT to the server: 64": (peer) => writeFollowUp(callOf(peer), route, Kind.CREDIT, 64),
	"CREDIT to the server: 64, client to queue": (peer) => writeFollowUp(callOf(peer), routeByQueue, Kind.CREDIT, 64),
	"CREDIT to the server: 64, queue to worker": (peer) => {
		const message = incoming(...framesOf("CREDIT to the server: 64, client to queue"));
		const start = message.starts[2]! + 6;
		relayFollowUp({ peer } as Worker, queued, message, 2, start, start + 9);
	},
	"ANSWER to callback 1: true": (peer) =>
		writeAnswer(callOf(peer), route, 1, ledger.audit.channels[1].result!, true, 1000),
	"ANSWER to callback 1: NOT_FOUND": (peer) =>
		writeErrorAnswer(callOf(peer), route, 1, new RpcError("NOT_FOUND", "no")),
	"CANCEL with a route": (peer) => {
		const channel = {
			route,
			receive: () => true,
			isUntouched: true,
			isSurvey: false,
			isOpenEnded: false,
			endsWithoutResult: false,
			end: ignore,
		};
		const call = new Call(ledger.list, [], undefined, ignore, ignore, channel);
		writeCancel(peer, Object.assign(call, { slot: 1, generation: 2 }));
	},
	OPEN: (peer) => answerOpen(served(peer), { slot: 3, generation: 4 }, false),
	"OPEN, queue to client": (peer) => relayOpen(peer, queued, incoming(token(5, 6), ...framesOf("OPEN")), 3, true),
	"OPEN, asking for ITEMS": (peer) => answerOpen(served(peer), { slot: 3, generation: 4 }, true),
	"OPEN, asking for ITEMS, queue to client": (peer) =>
		relayOpen(peer, queued, incoming(token(5, 6), ...framesOf("OPEN, asking for ITEMS")), 3, true),
	"ITEM: 7": (peer) => answerItem(served(peer), int, 7, 1000),
	"ITEMS: 7 and 300": (peer) => {
		const call = served(peer, Flag.TAKES_ITEMS);
		const channel = new ServedChannel(serverHost, call, routeOf(ledger.list), undefined);
		for (const item of [7, 300]) channel.send(item);
		channel.end();
	},
	"ITEM in JSON: 7": (peer) => answerItem(served(peer, Flag.JSON), int, 7, 1000),
	END: (peer) => answerEndOfStream(served(peer)),
	"CREDIT to the caller: 64": (peer) => answerCredit(served(peer), 64),
	"CALLBACK of parameter 0 with 7, nobody waits": (peer) =>
		answerCallback(served(peer), 0, 0, wholeBody(Buffer.of(0x91, 7))),
	"CALLBACK of parameter 1 with 7, number 1": (peer) =>
		answerCallback(served(peer), 1, 1, wholeBody(Buffer.of(0x91, 7))),
	"ERROR that is declared": (peer) => {
		const error = new InsufficientFunds(7);
		answerError(served(peer), error, { name: error.name, data: error.data });
	},
};

/** The caller's end of a call. */
function caller(method: AnyMethod, parameters: readonly unknown[] = []) {
	const peer = new FakePeer();
	const failures: unknown[] = [];
	const abandon = (_: Call, error: unknown) => void failures.push(error);
	const channel = new ClientChannel(
		{ maxFrameBytes, onOpened: ignore, hold: () => undefined, abandon, onSurprise: ignore },
		method,
		parameters,
	);
	channel.call = callOf(peer, method);
	const receive = (name: string) => {
		const message = incoming(...framesOf(name));
		return channel.receive(message.buffers[2]![message.starts[2]!]!, message);
	};
	return { peer, channel, receive, failures };
}

function routeOf(method: AnyMethod): Route {
	return { method, handler: ignore, schemaHash: "", isReserved: false, isOpen: true, counters: new MethodCounters() };
}

const serverHost = { maxFrameBytes, hold: () => undefined, onDroppedCallback: ignore, onSurprise: ignore };

/** The server's end of a call. */
function server(method: AnyMethod) {
	const peer = new FakePeer();
	const channel = new ServedChannel(serverHost, served(peer), routeOf(method), undefined);
	const receive = (name: string) => {
		const message = incoming(...framesOf(name));
		return channel.receive(message.buffers[2]![message.starts[2]!]!, message, 2);
	};
	return { peer, channel, receive };
}

/** What whoever receives a message of the vectors makes of it. */
const readers: Readonly<Record<string, () => unknown>> = {
	async "ITEM of the caller's: 7"() {
		const { channel, receive } = server(ledger.sum);
		expect(receive("ITEM of the caller's: 7")).equal(undefined);
		const items = (channel.parameters[0] as AsyncIterable<number>)[Symbol.asyncIterator]();
		expect(await items.next()).deep.equal({ value: 7, done: false });
	},
	async "ITEMS of the caller's: 7 and 300"() {
		const { channel, receive } = server(ledger.sum);
		expect(receive("ITEMS of the caller's: 7 and 300")).equal(undefined);
		const items = (channel.parameters[0] as AsyncIterable<number>)[Symbol.asyncIterator]();
		expect(await items.next()).deep.equal({ value: 7, done: false });
		expect(await items.next()).deep.equal({ value: 300, done: false });
	},
	async "END of the caller's stream"() {
		const { channel, receive } = server(ledger.sum);
		expect(receive("END of the caller's stream")).equal(undefined);
		const items = (channel.parameters[0] as AsyncIterable<number>)[Symbol.asyncIterator]();
		expect(await items.next()).deep.equal({ value: undefined, done: true });
	},
	"CREDIT to the server: 64"() {
		const { channel, receive } = server(ledger.list);
		for (let i = 0; i < 127; i++) channel.outflow.sent(1);
		expect(receive("CREDIT to the server: 64")).equal(undefined);
		// 63 are left of those that were sent.
		expect(receive("CREDIT to the server: 64")).include({ status: "ABORTED" });
	},
	async "ANSWER to callback 1: true"() {
		const { peer, channel, receive } = server(ledger.audit);
		const answer = (channel.parameters[1] as (amount: number) => Promise<boolean>)(7);
		expect(peer.sent.map(hexOf)).deep.equal([hexOf(framesOf("CALLBACK of parameter 1 with 7, number 1"))]);
		expect(receive("ANSWER to callback 1: true")).equal(undefined);
		expect(await answer).equal(true);
	},
	async "ANSWER to callback 1: NOT_FOUND"() {
		const { channel, receive } = server(ledger.audit);
		const answer = (channel.parameters[1] as (amount: number) => Promise<boolean>)(7);
		expect(receive("ANSWER to callback 1: NOT_FOUND")).equal(undefined);
		expect(await failureOf(answer)).include({ status: "NOT_FOUND", message: "no", origin: "peer" });
	},
	OPEN() {
		const { channel, receive } = caller(ledger.list);
		expect(receive("OPEN")).equal(true);
		expect(Buffer.from(channel.route)).deep.equal(route);
	},
	"OPEN, queue to client"() {
		const { channel, receive } = caller(ledger.list);
		expect(receive("OPEN, queue to client")).equal(true);
		expect(Buffer.from(channel.route)).deep.equal(routeByQueue);
	},
	async "OPEN, asking for ITEMS"() {
		const { peer, receive } = caller(ledger.sum, [[7, 300]]);
		expect(receive("OPEN, asking for ITEMS")).equal(true);
		await new Promise(setImmediate);
		const names = ["ITEMS of the caller's: 7 and 300", "END of the caller's stream"];
		expect(peer.sent.map(hexOf)).deep.equal(names.map(framesOf).map(hexOf));
	},
	async "OPEN, asking for ITEMS, queue to client"() {
		const { peer, receive } = caller(ledger.sum, [[7, 300]]);
		expect(receive("OPEN, asking for ITEMS, queue to client")).equal(true);
		await new Promise(setImmediate);
		expect(peer.sent.map(hexOf)[0]).deep.equal(hexOf(framesOf("ITEMS of the caller's: 7 and 300, client to queue")));
	},
	async "ITEM: 7"() {
		const { channel, receive } = caller(ledger.list);
		expect(receive("ITEM: 7")).equal(true);
		expect(await channel.results!.next()).deep.equal({ value: 7, done: false });
	},
	async "ITEMS: 7 and 300"() {
		const { channel, receive } = caller(ledger.list);
		expect(receive("ITEMS: 7 and 300")).equal(true);
		expect(await channel.results!.next()).deep.equal({ value: 7, done: false });
		expect(await channel.results!.next()).deep.equal({ value: 300, done: false });
	},
	"CREDIT to the caller: 64"() {
		const { channel, receive, failures } = caller(ledger.sum, [[]]);
		for (let i = 0; i < 64; i++) channel.outflow.sent(1);
		expect(receive("CREDIT to the caller: 64")).equal(true);
		expect(failures).deep.equal([]);
		receive("CREDIT to the caller: 64");
		expect(failures).length(1);
	},
	"CALLBACK of parameter 0 with 7, nobody waits"() {
		const called: number[] = [];
		const { receive, peer } = caller(ledger.audit, [(done: number) => called.push(done), ignore]);
		expect(receive("CALLBACK of parameter 0 with 7, nobody waits")).equal(true);
		expect(called).deep.equal([7]);
		expect(peer.sent).deep.equal([]);
	},
	async "CALLBACK of parameter 1 with 7, number 1"() {
		const { receive, peer } = caller(ledger.audit, [ignore, async (amount: number) => amount === 7]);
		receive("OPEN");
		expect(receive("CALLBACK of parameter 1 with 7, number 1")).equal(true);
		await new Promise(setImmediate);
		expect(peer.sent.map(hexOf)).deep.equal([hexOf(framesOf("ANSWER to callback 1: true"))]);
	},
	"ERROR that is declared"() {
		const error = readError(incoming(...framesOf("ERROR that is declared")), 2, vault.withdraw.errors);
		expect(error).instanceof(InsufficientFunds).include({ message: "only 7 left", origin: "peer" });
		expect((error as InsufficientFunds).data).deep.equal({ balance: 7 });
	},
};

/** Read where calls are found, not where they are served: e2e tests go that way. */
const readByConnections = [
	"ITEMS of the caller's: 7 and 300, client to queue",
	"ITEMS of the caller's: 7 and 300, queue to worker",
	"CREDIT to the server: 64, client to queue",
	"CREDIT to the server: 64, queue to worker",
	"CANCEL with a route",
	"ITEM in JSON: 7",
	"END",
];

describe("messages of calls that stay open, octet by octet", () => {
	for (const { name, frames } of rows) {
		it(`${name}: is written so`, () => {
			const peer = new FakePeer();
			writers[name]!(peer);
			expect(peer.sent.map(hexOf)).deep.equal([hexOf(frames.map(octets))]);
		});
	}

	for (const [name, read] of Object.entries(readers)) it(`${name}: is understood so`, read as () => void);

	it("OPEN's flags: a queue passes on the one that it knows, if its frames may be as large, and no other", () => {
		const [replyToken, delimiter, header, body] = framesOf("OPEN");
		const passedOn = (asked: number, takesRuns: boolean) => {
			const peer = new FakePeer();
			const open = Buffer.concat([Buffer.of(header![0]!, asked), header!.subarray(2)]);
			relayOpen(peer, queued, incoming(token(5, 6), replyToken!, delimiter!, open, body!), 3, takesRuns);
			return peer.sent[0]![2]![1];
		};
		expect([0, Flag.TAKES_ITEMS, 0xff].map((asked) => passedOn(asked, true))).deep.equal([0, 0x20, 0x20]);
		expect([0, Flag.TAKES_ITEMS, 0xff].map((asked) => passedOn(asked, false))).deep.equal([0, 0, 0]);
	});

	it("has a vector for each", () => {
		const names = rows.map(({ name }) => name);
		expect(names).members(Object.keys(writers));
		expect(names).members([...Object.keys(readers), ...readByConnections]);
	});
});
