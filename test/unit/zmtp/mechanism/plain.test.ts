import { expect } from "chai";
import { PlainClient, PlainServer } from "../../../../packages/zmtp/src/mechanism/plain.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { property } from "../../../support/zmtp/frames.js";
import { commandOf, decision, sentBy, shakeHands } from "../../../support/zmtp/handshake.js";

const octets = (text: string) => new Uint8Array(Buffer.from(text));
const client = (username = "admin", password = "secret") =>
	new PlainClient([["Socket-Type", octets("DEALER")]], octets(username), octets(password));
const server = () => new PlainServer([["Socket-Type", octets("ROUTER")]]);
const hello = (data: Uint8Array) => ({ name: "HELLO", data });

describe("zmtp PLAIN mechanism", () => {
	it("exchanges HELLO, WELCOME, INITIATE and READY, and each side learns the other's properties", () => {
		const ends = shakeHands(client(), server());
		expect(ends.commands).deep.equal(["C HELLO", "S WELCOME", "C INITIATE", "S READY"]);
		expect(Buffer.from(ends.client.peerProperties!.get("socket-type")!).toString()).equal("ROUTER");
		expect(Buffer.from(ends.server.peerProperties!.get("socket-type")!).toString()).equal("DEALER");
	});

	it("24/ZMTP-PLAIN: HELLO holds user name and password, each with its length in front", () => {
		expect(Buffer.from(client("ab", "xyz").start().send!).toString("latin1")).equal("\x05HELLO\x02ab\x03xyz");
		expect(Buffer.from(client("", "").start().send!).toString("latin1")).equal("\x05HELLO\0\0");
	});

	it("asks for the name and the password of a HELLO to be judged, as they came, whatever their octets", () => {
		for (const [username, password] of [
			[Buffer.from("admin"), Buffer.from("secret")],
			[Buffer.alloc(0), Buffer.alloc(0)],
			[Buffer.alloc(255, 0xff), Buffer.alloc(255)],
			[Buffer.of(0, 1, 0), Buffer.of(0)],
		] as const) {
			const sent = new PlainClient([], username, password).start();
			const step = server().receive(sentBy(sent));
			expect(step).deep.equal({
				authenticate: { mechanism: "PLAIN", username: new Uint8Array(username), password: new Uint8Array(password) },
			});
		}
	});

	it("keeps copies of name and password: the octets they came in are used again", () => {
		const data = Buffer.from("\x02ab\x02cd", "latin1");
		const { authenticate } = server().receive(hello(data));
		data.fill(0);
		expect(authenticate).deep.equal({ mechanism: "PLAIN", username: octets("ab"), password: octets("cd") });
	});

	it("refuses every HELLO whose lengths do not fill it (H54)", () => {
		for (const data of ["", "\0", "\x01", "\x01a", "\x02a\x01b", "\x01a\x02b", "\x01a\x01bc", "\0\0\0", "\xff\xff"]) {
			expect(
				thrownCode(() => server().receive(hello(Buffer.from(data, "latin1")))),
				data,
			).equal("ZMTP_COMMAND_MALFORMED");
		}
	});

	it("lets a peer down by ERROR and its status, or without a word when it may come back", () => {
		for (const status of [400, 500] as const) {
			const step = server().decided(decision(status, { text: "bad password" }));
			expect(Buffer.from(step.send!).toString("latin1")).equal(`\x05ERROR\x03${status}`);
			expect([step.refusal?.code, step.refusal?.message]).deep.equal([
				"ZMTP_AUTHENTICATION_FAILED",
				`the peer was refused with status ${status}: bad password`,
			]);
		}
		const step = server().decided(decision(300));
		expect([step.send, step.refusal?.code]).deep.equal([undefined, "ZMTP_AUTHENTICATION_FAILED"]);
	});

	it("takes no properties before the peer was judged welcome", () => {
		const initiate = { name: "INITIATE", data: property("Socket-Type", "DEALER") };
		const judging = server();
		judging.receive(sentBy(client().start()));
		expect(thrownCode(() => judging.receive(initiate))).equal("ZMTP_COMMAND_UNEXPECTED");
		expect(thrownCode(() => server().receive(initiate))).equal("ZMTP_COMMAND_UNEXPECTED");
	});

	it("takes nothing out of place, on either side (H53)", () => {
		const hi = sentBy(client().start());
		expect(thrownCode(() => client().receive(hi))).equal("ZMTP_COMMAND_UNEXPECTED");
		for (const name of ["WELCOME", "READY", "PING", "hello"]) {
			expect(
				thrownCode(() => server().receive({ name, data: new Uint8Array(0) })),
				name,
			).equal("ZMTP_COMMAND_UNEXPECTED");
		}
		expect(thrownCode(() => client().receive({ name: "READY", data: new Uint8Array(0) }))).equal(
			"ZMTP_COMMAND_UNEXPECTED",
		);
		const welcomed = client();
		welcomed.receive({ name: "WELCOME", data: new Uint8Array(0) });
		expect(thrownCode(() => welcomed.receive({ name: "WELCOME", data: new Uint8Array(0) }))).equal(
			"ZMTP_COMMAND_UNEXPECTED",
		);
	});

	it("takes no WELCOME with anything in it", () => {
		expect(thrownCode(() => client().receive({ name: "WELCOME", data: Uint8Array.of(0) }))).equal(
			"ZMTP_COMMAND_MALFORMED",
		);
	});

	it("passes on what is wrong with the properties", () => {
		const welcomed = server();
		welcomed.receive(sentBy(client().start()));
		expect(commandOf(welcomed.decided(decision(200)).send!).name).equal("WELCOME");
		expect(thrownCode(() => welcomed.receive({ name: "INITIATE", data: Uint8Array.of(1) }))).equal(
			"ZMTP_PROPERTIES_MALFORMED",
		);
	});
});
