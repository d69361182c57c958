import { expect } from "chai";
import { defaultLimits } from "../../../../packages/zmtp/src/limits.js";
import { NullMechanism } from "../../../../packages/zmtp/src/mechanism/null.js";
import { PlainServer } from "../../../../packages/zmtp/src/mechanism/plain.js";
import { command, greeting, message, propertiesOf, ready } from "../../../support/zmtp/frames.js";
import { decision } from "../../../support/zmtp/handshake.js";
import { RecordingHost } from "../../../support/zmtp/recording-host.js";

const properties = [["Socket-Type", Buffer.from("ROUTER")]] as const;
const hello = command("HELLO", "\x01a\x01b");
const initiate = command("INITIATE", propertiesOf("DEALER"));

const plain = () => new RecordingHost({ socketType: "ROUTER", mechanism: new PlainServer(properties) });
const plainGreeting = greeting({ mechanism: "PLAIN" });

describe("zmtp connection, while its peer is judged", () => {
	it("takes nothing more of the peer, and goes on with what was kept once the answer is there", () => {
		const host = plain();
		host.receive(plainGreeting, hello, initiate, message("pipelined"));
		expect(host.events).deep.equal(["authenticate PLAIN"]);
		host.connection.authenticated(decision(200), host.now);
		expect(host.events).deep.equal(["authenticate PLAIN", "ready", "message pipelined"]);
	});

	it("takes nothing either when it all came in one chunk", () => {
		const host = plain();
		host.receive(Buffer.concat([plainGreeting, hello, initiate, message("pipelined")]));
		expect(host.events).deep.equal(["authenticate PLAIN"]);
		host.connection.authenticated(decision(200), host.now);
		expect(host.events).deep.equal(["authenticate PLAIN", "ready", "message pipelined"]);
	});

	it("takes no more of it than a command may have, the one with the credentials included", () => {
		const limits = { ...defaultLimits, maxCommandBytes: 100 };
		const judged = () => {
			const host = new RecordingHost({ socketType: "ROUTER", mechanism: new PlainServer(properties), limits });
			host.receive(plainGreeting, hello);
			return host;
		};
		const room = 100 - 10;
		const patient = judged();
		patient.receive(message("x".repeat(room - 2)));
		expect(patient.events).deep.equal(["authenticate PLAIN"]);
		const talkative = judged();
		for (let i = 0; i < room; i++) talkative.receive(Buffer.of(0));
		expect(talkative.events).deep.equal(["authenticate PLAIN"]);
		talkative.receive(Buffer.of(0));
		expect(talkative.events).deep.equal(["authenticate PLAIN", "failed ZMTP_COMMAND_TOO_LARGE"]);
		const hasty = new RecordingHost({ socketType: "ROUTER", mechanism: new PlainServer(properties), limits });
		hasty.receive(Buffer.concat([plainGreeting, hello, message("x".repeat(room))]));
		expect(hasty.events).deep.equal(["authenticate PLAIN", "failed ZMTP_COMMAND_TOO_LARGE"]);
	});

	it("is not made to go on by a host that resumes, nor by the end of the stream", () => {
		const host = plain();
		host.receive(plainGreeting, hello, initiate);
		host.connection.halt();
		host.connection.resume();
		host.connection.drain();
		expect(host.events).deep.equal(["authenticate PLAIN"]);
	});

	it("still gives the peer up when its time is over; an answer after that changes nothing", () => {
		const host = new RecordingHost({
			socketType: "ROUTER",
			mechanism: new PlainServer(properties),
			handshakeTimeoutMs: 1000,
		});
		host.receive(plainGreeting, hello);
		host.pass(1100);
		expect(host.events).deep.equal(["authenticate PLAIN", "failed ZMTP_HANDSHAKE_TIMEOUT"]);
		host.connection.authenticated(decision(200), host.now);
		host.receive(initiate);
		expect(host.events).deep.equal(["authenticate PLAIN", "failed ZMTP_HANDSHAKE_TIMEOUT"]);
	});

	it("takes one answer, and none that it has not asked for", () => {
		const host = plain();
		host.receive(plainGreeting);
		host.connection.authenticated(decision(200), host.now);
		expect(host.transmitted.length).equal(64);
		host.receive(hello);
		host.connection.authenticated(decision(200, { userId: "first" }), host.now);
		host.connection.authenticated(decision(400), host.now);
		host.receive(initiate);
		expect(host.events).deep.equal(["authenticate PLAIN", "ready"]);
		expect(host.peer?.userId).equal("first");
	});

	it("sends ERROR and ends when the answer is no", () => {
		const host = plain();
		host.receive(plainGreeting, hello, initiate);
		host.transmitted = Buffer.alloc(0);
		host.connection.authenticated(decision(400), host.now);
		expect(host.events).deep.equal(["authenticate PLAIN", "failed ZMTP_AUTHENTICATION_FAILED"]);
		expect(host.transmitted.equals(command("ERROR", "\x03400"))).equal(true);
	});

	it("tells what the authenticator said of the peer", () => {
		const host = plain();
		host.receive(plainGreeting, hello);
		const metadata = new Map([["x-loft", Buffer.from("north")]]);
		host.connection.authenticated(decision(200, { userId: "pigeon", metadata }), host.now);
		host.receive(initiate);
		expect([host.peer?.userId, host.peer?.metadata]).deep.equal(["pigeon", metadata]);
	});

	it("counts the peer's silence from when it was ready, not from when it was asked about", () => {
		const host = new RecordingHost({
			socketType: "ROUTER",
			mechanism: new PlainServer(properties),
			heartbeat: { intervalMs: 1000, timeoutMs: 1000, timeToLiveMs: 0 },
		});
		host.receive(plainGreeting, hello, initiate);
		host.pass(5000);
		host.connection.authenticated(decision(200), host.now);
		host.pass(900);
		expect(host.events).deep.equal(["authenticate PLAIN", "ready"]);
	});

	it("NULL: sends no READY before the answer, though the peer's was there", () => {
		const host = new RecordingHost({ socketType: "ROUTER", mechanism: new NullMechanism(properties, true) });
		host.receive(greeting(), ready("DEALER"), message("pipelined"));
		expect([host.events, host.transmitted.length]).deep.equal([["authenticate NULL"], 64]);
		host.connection.authenticated(decision(200), host.now);
		expect(host.events).deep.equal(["authenticate NULL", "ready", "message pipelined"]);
		expect(host.transmitted.toString("latin1", 64 + 3, 64 + 8)).equal("READY");
	});

	it("a server tells a client of a wrong type by ERROR where READY would be; a client tells nobody", () => {
		const host = plain();
		host.receive(plainGreeting, hello);
		host.connection.authenticated(decision(200), host.now);
		host.transmitted = Buffer.alloc(0);
		host.receive(command("INITIATE", propertiesOf("SUB")));
		expect(host.events.at(-1)).equal("failed ZMTP_SOCKET_TYPE_MISMATCH");
		expect(host.transmitted.toString("latin1", 3, 8)).equal("ERROR");
		expect(host.transmitted.includes("READY")).equal(false);
	});
});
