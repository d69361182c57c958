import { expect } from "chai";
import { Call } from "../../../../packages/runtime/src/client/call.js";
import { deliverError, deliverResult } from "../../../../packages/runtime/src/client/delivery.js";
import { templatesFor, writeCancel, writeRequest } from "../../../../packages/runtime/src/client/request-writer.js";
import {
	type Method,
	type ReplyTo,
	RpcError,
	type RpcErrorOptions,
	type Status,
} from "../../../../packages/runtime/src/index.js";
import type { IncomingMessage, LinkPeer } from "../../../../packages/runtime/src/link/link.js";
import { wholeBody } from "../../../../packages/runtime/src/protocol/body.js";
import {
	sendDrain,
	sendPulse,
	sendReady,
	sendRefusal,
	sendWelcome,
} from "../../../../packages/runtime/src/protocol/control.js";
import { keepEnvelope } from "../../../../packages/runtime/src/protocol/envelope.js";
import { writeError } from "../../../../packages/runtime/src/protocol/error-body.js";
import { encodeDelegate, encodeReplyTo } from "../../../../packages/runtime/src/protocol/hand-over.js";
import { encodeCallHeader, setBudget } from "../../../../packages/runtime/src/protocol/header.js";
import { acknowledge, endSurvey, relaySurveyed, returnCall } from "../../../../packages/runtime/src/queue/answers.js";
import type { QueuedCall } from "../../../../packages/runtime/src/queue/queued-call.js";
import type { Worker } from "../../../../packages/runtime/src/queue/worker.js";
import {
	answerDelegate,
	answerEnd,
	answerForward,
	answerResult,
} from "../../../../packages/runtime/src/server/answers.js";
import type { ServedCall } from "../../../../packages/runtime/src/server/context.js";
import { echo } from "../../../support/runtime/echo.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { hexOf, incoming } from "../../../support/runtime/messages.js";
import { servedCall } from "../../../support/runtime/served-call.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";
import { flags, kinds, pack, token } from "../../../support/runtime/wire.js";

type AnyMethod = Method<readonly unknown[], unknown>;

const ignore = () => {};

function call(method: unknown, argument: unknown = "hi"): Call {
	const made = new Call(method as AnyMethod, [argument], undefined, ignore, ignore);
	return Object.assign(made, { slot: 1, generation: 2 });
}

function request(method: unknown, budgetMs: number, argument: unknown = "hi"): (peer: LinkPeer) => void {
	return (peer) => writeRequest(peer, call(method, argument), budgetMs, 1000, templatesFor("none", 1000));
}

const key = Buffer.from(Array.from({ length: 16 }, (_, index) => index));

function right(way: Uint8Array, isJson = false): ReplyTo<string> {
	return encodeReplyTo<string>({ method: "Echo.say", key, isJson, way });
}

/** A call that a survey was made into, and who has it. */
const surveyed = { envelope: keepEnvelope(incoming(token(1, 2), ""), 0, 1), isJson: false } as QueuedCall;
const worker = { instance: "w" } as Worker;

/** What a worker answers, behind the address of the queue. */
function answer(...frames: Uint8Array[]): IncomingMessage {
	return incoming(token(3, 4), token(1, 2), "", ...frames);
}

function failure(status: Status, options: RpcErrorOptions = {}, isJson = false): (peer: LinkPeer) => void {
	return (peer) => {
		const writer = peer.begin();
		writer.frame(token(1, 2), true);
		writer.emptyFrame(true);
		writeError(writer, new RpcError(status, "no", options), isJson);
		peer.commit();
	};
}

function served(peer: LinkPeer): ServedCall {
	const envelope = keepEnvelope(incoming(token(1, 2), "", "h", "b"), 0, 1);
	return servedCall("Echo.say", 0, peer, envelope);
}

/** Who writes each message of the vectors. */
const writers: Readonly<Record<string, (peer: LinkPeer) => void>> = {
	'request: Echo.say("hi"), 500 ms, idempotent': request(echo.say, 500),
	success: (peer) => answerResult(served(peer), echo.say.result, "hi", 1000),
	"error: NOT_FOUND": failure("NOT_FOUND"),
	"error: UNAVAILABLE, not started": failure("UNAVAILABLE", { outcome: "not-started" }),
	"error: UNAVAILABLE, outcome unknown": failure("UNAVAILABLE", { outcome: "unknown" }),
	"error in JSON: INVALID_ARGUMENT": failure("INVALID_ARGUMENT", {}, true),
	cancel: (peer) => writeCancel(peer, call(echo.say)),
	'one-way: Echo.note("hi"), no deadline': request(echo.note, Number.POSITIVE_INFINITY),
	"end of a one-way call, worker to queue": (peer) => answerEnd(served(peer)),
	drain: sendDrain,
	pulse: sendPulse,
	"welcome: heartbeat 1000 ms, lease 30 000 ms": (peer) => sendWelcome(peer, { heartbeatMs: 1000, leaseMs: 30_000 }),
	ready: (peer) => sendReady(peer, { protocol: 1, instance: "w", concurrency: 4, services: { Echo: "h" } }),
	"ready, of a queue with another below it": (peer) =>
		sendReady(peer, { protocol: 1, instance: "q", concurrency: 4, services: { Echo: "h" }, queues: ["q", "r"] }),
	"refusal of an offer: FAILED_PRECONDITION, not started": (peer) =>
		sendRefusal(peer, new RpcError("FAILED_PRECONDITION", "no", { outcome: "not-started" })),
	"return of a call, second attempt": (peer) => {
		const envelope = keepEnvelope(incoming(token(1, 2), ""), 0, 1);
		returnCall(peer, { envelope, attempt: 1 } as QueuedCall);
	},
	"delivery of a result: 500 ms, a call with two addresses": (peer) => {
		const way = Buffer.concat([Buffer.of(8), token(3, 4), Buffer.of(8), token(1, 2)]);
		const { method, body } = deliverResult(right(way), echo.say, "hi", 1000);
		request(method, 500, body)(peer);
	},
	"delivery of a failure in JSON: NOT_FOUND, no deadline, a call without addresses": (peer) => {
		const { method, body } = deliverError(right(Buffer.alloc(0), true), echo.say, new RpcError("NOT_FOUND", "no"));
		request(method, Number.POSITIVE_INFINITY, body)(peer);
	},
	"delivery is taken": (peer) => acknowledge(peer, incoming(token(1, 2), "", "header", "body"), 1),
	"delegate: ten minutes": (peer) => answerDelegate(served(peer), encodeDelegate({ key, expiresMs: 600_000 })),
	'forward to Echo.say("hi"), 500 ms, idempotent, priority 10': (peer) => {
		const header = encodeCallHeader({ name: "Echo.say", priority: 10 }, flags.IDEMPOTENT);
		setBudget(header, 0, 500);
		answerForward(served(peer), header, wholeBody(pack(["hi"])));
	},
	"survey: an answer of worker w": (peer) => relaySurveyed(peer, surveyed, worker, answer(pack("hi")), 3),
	"survey: a failure of worker w, NOT_FOUND": (peer) => {
		relaySurveyed(peer, surveyed, worker, answer(Buffer.of(kinds.ERROR, 0, 5), pack({ message: "no" })), 3);
	},
	"survey: the end": (peer) => endSurvey(peer, surveyed),
};

describe("messages of Homing/1, octet by octet", () => {
	const rows = vectors<{ readonly name: string; readonly frames: readonly string[] }>("message");
	for (const { name, frames } of rows) {
		it(name, () => {
			const peer = new FakePeer();
			writers[name]!(peer);
			expect(peer.sent.map(hexOf)).to.deep.equal([hexOf(frames.map(octets))]);
		});
	}

	it("a delivery has none of what its caller says of calls", () => {
		const { method, body } = deliverResult(right(Buffer.of(8, 1, 0, 0, 3, 0, 0, 0, 4)), echo.say, "hi", 1000);
		const sent = [undefined, { metadata: { tenant: "acme" }, waitForReady: false }].map((options) => {
			const peer = new FakePeer();
			const delivery = new Call(method as unknown as AnyMethod, [body], options, ignore, ignore);
			writeRequest(peer, Object.assign(delivery, { slot: 1, generation: 2 }), 500, 1000, templatesFor("none", 1000));
			return peer.sent.map(hexOf);
		});
		expect(sent[1]).to.deep.equal(sent[0]);
	});

	it("has a vector for each", () => {
		expect(rows.map(({ name }) => name)).to.have.members(Object.keys(writers));
	});
});
