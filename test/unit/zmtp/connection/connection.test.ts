import { expect } from "chai";
import { ZmtpError, type ZmtpErrorCode } from "../../../../packages/zmtp/src/errors.js";
import { defaultLimits } from "../../../../packages/zmtp/src/limits.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import {
	COMMAND,
	command,
	frame,
	greeting,
	header,
	MORE,
	message,
	property,
	ready,
} from "../../../support/zmtp/frames.js";
import { RecordingHost } from "../../../support/zmtp/recording-host.js";

describe("zmtp connection", () => {
	it("sends its whole greeting before it has heard anything, for libzmq waits for the eleventh octet", () => {
		const host = new RecordingHost();
		expect(host.transmitted).deep.equal(greeting());
		expect(host.connection.state).equal("greeting");
	});

	it("sends READY once the greetings have crossed, and not before", () => {
		const host = new RecordingHost();
		host.receive(greeting().subarray(0, 63));
		expect(host.transmitted).length(64);
		host.receive(greeting().subarray(63));
		expect(host.transmitted.subarray(64)).deep.equal(command("READY", property("Socket-Type", "DEALER")));
		expect(host.connection.state).equal("handshake");
	});

	for (const { name, cut } of chunkings) {
		describe(`with octets arriving ${name}`, () => {
			const run = (octets: Uint8Array, options = {}) => {
				const host = new RecordingHost(options);
				host.receive(...cut(octets));
				return host;
			};

			it("shakes hands and delivers what was pipelined behind READY", () => {
				const host = run(Buffer.concat([greeting(), ready("ROUTER", "bob"), message("a", "b"), message("c")]));
				expect(host.events).deep.equal(["ready", "message a|b", "message c"]);
				expect(host.peer?.socketType).equal("ROUTER");
				expect(Buffer.from(host.peer!.routingId).toString()).equal("bob");
				expect(host.peer?.version).equal("3.1");
			});

			it("answers each PING with a PONG that holds its context and nothing else", () => {
				const host = run(
					Buffer.concat([
						greeting(),
						ready("ROUTER"),
						command("PING", Buffer.from("0000", "hex")),
						message("x"),
						command("PING", Buffer.from("000001020304", "hex")),
						command("PING", Buffer.concat([Buffer.of(0, 0), Buffer.alloc(16, 7)])),
					]),
				);
				expect(host.events).deep.equal(["ready", "pong ", "message x", "pong 01020304", `pong ${"07".repeat(16)}`]);
			});

			const failures: [what: string, octets: Buffer, code: ZmtpErrorCode, after?: string[]][] = [
				["text", Buffer.from("GET / HTTP/1.1\r\n"), "ZMTP_NOT_ZMTP"],
				["another mechanism", greeting({ mechanism: "CURVE" }), "ZMTP_MECHANISM_MISMATCH"],
				["a message before READY", Buffer.concat([greeting(), message("early")]), "ZMTP_MESSAGE_UNEXPECTED"],
				["PING before READY", Buffer.concat([greeting(), command("PING", "\0\0")]), "ZMTP_COMMAND_UNEXPECTED"],
				["PONG before READY", Buffer.concat([greeting(), command("PONG")]), "ZMTP_COMMAND_UNEXPECTED"],
				["ERROR instead of READY", Buffer.concat([greeting(), command("ERROR", "\x03400")]), "ZMTP_PEER_REFUSED"],
				[
					"an ERROR with a lying length",
					Buffer.concat([greeting(), command("ERROR", "\xff400")]),
					"ZMTP_COMMAND_MALFORMED",
				],
				[
					"READY with a trailing octet",
					Buffer.concat([greeting(), command("READY", "\x01")]),
					"ZMTP_PROPERTIES_MALFORMED",
				],
				[
					"a READY above maxCommandBytes",
					Buffer.concat([greeting(), header(COMMAND, 65_537n)]),
					"ZMTP_COMMAND_TOO_LARGE",
				],
				[
					"a routing id of 256 octets",
					Buffer.concat([greeting(), ready("ROUTER", "x".repeat(256))]),
					"ZMTP_ROUTING_ID_INVALID",
				],
				[
					"a routing id that starts with zero",
					Buffer.concat([greeting(), ready("ROUTER", "\0abcd")]),
					"ZMTP_ROUTING_ID_INVALID",
				],
				["a socket type that does not fit", Buffer.concat([greeting(), ready("PUB")]), "ZMTP_SOCKET_TYPE_MISMATCH"],
				[
					"a second READY",
					Buffer.concat([greeting(), ready("ROUTER"), ready("ROUTER")]),
					"ZMTP_COMMAND_UNEXPECTED",
					["ready"],
				],
				[
					"ERROR during traffic",
					Buffer.concat([greeting(), ready("ROUTER"), command("ERROR", "\0")]),
					"ZMTP_COMMAND_UNEXPECTED",
					["ready"],
				],
				[
					"ERROR during 3.0 traffic",
					Buffer.concat([greeting({ minor: 0 }), ready("ROUTER"), command("ERROR", "\0")]),
					"ZMTP_COMMAND_UNEXPECTED",
					["ready"],
				],
				[
					"a PING without TTL",
					Buffer.concat([greeting(), ready("ROUTER"), command("PING")]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"a PING of six octets",
					Buffer.concat([greeting(), ready("ROUTER"), command("PING", "\0")]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"a PING with 17 octets of context",
					Buffer.concat([greeting(), ready("ROUTER"), command("PING", Buffer.alloc(19))]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"an empty command",
					Buffer.concat([greeting(), ready("ROUTER"), frame(COMMAND)]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"a command with an empty name",
					Buffer.concat([greeting(), ready("ROUTER"), frame(COMMAND, "\0")]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"a command name past its end",
					Buffer.concat([greeting(), ready("ROUTER"), frame(COMMAND, "\x09")]),
					"ZMTP_COMMAND_MALFORMED",
					["ready"],
				],
				[
					"reserved flags",
					Buffer.concat([greeting(), ready("ROUTER"), message("ok"), Buffer.of(0x08, 0)]),
					"ZMTP_FRAME_FLAGS_INVALID",
					["ready", "message ok"],
				],
				[
					"MORE on a command",
					Buffer.concat([greeting(), ready("ROUTER"), frame(COMMAND | MORE, "\x01A")]),
					"ZMTP_FRAME_FLAGS_INVALID",
					["ready"],
				],
				[
					"a frame of 2^63-1 octets",
					Buffer.concat([greeting(), ready("ROUTER"), header(0, 2n ** 63n - 1n)]),
					"ZMTP_FRAME_TOO_LARGE",
					["ready"],
				],
			];
			for (const [what, octets, code, after = []] of failures) {
				it(`fails with ${code} on ${what}, delivering nothing behind it`, () => {
					const host = run(Buffer.concat([octets, message("behind"), command("PING", "\0\0")]));
					expect(host.events).deep.equal([...after, `failed ${code}`]);
					expect(host.connection.state).equal("closed");
				});
			}

			it("hands subscriptions on, from a peer of either version", () => {
				for (const minor of [0, 1]) {
					const host = run(
						Buffer.concat([greeting({ minor }), ready("ROUTER"), command("SUBSCRIBE", "x"), command("CANCEL")]),
					);
					expect(host.events).deep.equal(["ready", "subscribe x", "cancel "]);
				}
			});

			it("ignores commands it does not know, PONGs it did not ask for, and PING from a 3.0 peer", () => {
				const unknown = run(
					Buffer.concat([
						greeting(),
						ready("ROUTER"),
						command("JOIN", "x"),
						command("PONG"),
						command("Future", "y".repeat(300)),
						message("on"),
					]),
				);
				expect(unknown.events).deep.equal(["ready", "message on"]);
				const old = run(Buffer.concat([greeting({ minor: 0 }), ready("ROUTER"), command("PING"), message("on")]));
				expect(old.events).deep.equal(["ready", "message on"]);
				expect(old.peer?.version).equal("3.0");
			});
		});
	}

	it("accepts a peer without Socket-Type, and one with odd case, as libzmq does", () => {
		const silent = new RecordingHost();
		silent.receive(greeting(), command("READY"));
		expect(silent.events).deep.equal(["ready"]);
		expect(silent.peer?.socketType).equal(undefined);
		const odd = new RecordingHost();
		odd.receive(greeting(), command("READY", property("SOCKET-type", "REP")));
		expect(odd.peer?.socketType).equal("REP");
	});

	it("tells a peer of the wrong type why before it leaves it", () => {
		const host = new RecordingHost();
		host.receive(greeting());
		const before = host.transmitted.length;
		host.receive(ready("SUB"));
		expect(host.transmitted.subarray(before)).deep.equal(command("ERROR", "\x18Incompatible socket type"));
	});

	it("fails with the refusal of its host", () => {
		const host = new RecordingHost({ refusal: new ZmtpError("ZMTP_ROUTING_ID_TAKEN", "taken") });
		host.receive(Buffer.concat([greeting(), ready("ROUTER"), message("x")]));
		expect(host.events).deep.equal(["ready", "failed ZMTP_ROUTING_ID_TAKEN"]);
	});

	it("hands on properties of the application", () => {
		const host = new RecordingHost();
		host.receive(
			greeting(),
			command("READY", Buffer.concat([property("Socket-Type", "ROUTER"), property("X-Homing", "1")])),
		);
		expect(Buffer.from(host.peer!.properties.get("x-homing")!).toString()).equal("1");
	});

	it("keeps what arrives while halted, and delivers it once resumed", () => {
		const host = RecordingHost.ready();
		host.connection.halt();
		host.receive(message("a"), message("b"));
		expect(host.events).deep.equal([]);
		host.connection.resume();
		expect(host.events).deep.equal(["message a", "message b"]);
	});

	it("delivers nothing behind a fault, though it lay in one chunk with it that is drained", () => {
		const host = RecordingHost.ready();
		host.connection.halt();
		host.receive(Buffer.concat([message("a"), command("READY"), message("b")]));
		host.connection.drain();
		expect(host.events).deep.equal(["message a", "failed ZMTP_COMMAND_UNEXPECTED"]);
	});

	it("delivers nothing once closed, and does not fail then", () => {
		const host = RecordingHost.ready();
		host.connection.close();
		host.connection.close();
		host.receive(message("a"), Buffer.of(0xff, 0xff));
		host.connection.resume();
		host.pass(100_000);
		expect(host.events).deep.equal([]);
		expect(host.connection.state).equal("closed");
	});

	describe("handshake time", () => {
		it("is absolute: a greeting that comes octet by octet does not extend it", () => {
			const host = new RecordingHost({ handshakeTimeoutMs: 1000 });
			for (const octet of greeting().subarray(0, 19)) {
				host.receive(Uint8Array.of(octet));
				host.pass(50);
			}
			expect(host.events).deep.equal([]);
			host.receive(greeting().subarray(19, 20));
			host.pass(50);
			expect(host.events).deep.equal(["failed ZMTP_HANDSHAKE_TIMEOUT"]);
		});

		it("ends between greeting and READY too", () => {
			const host = new RecordingHost({ handshakeTimeoutMs: 1000 });
			host.receive(greeting());
			host.pass(1000);
			expect(host.events).deep.equal(["failed ZMTP_HANDSHAKE_TIMEOUT"]);
		});

		it("is over with READY, and may have no bound", () => {
			const host = RecordingHost.ready({ handshakeTimeoutMs: 1000 });
			host.pass(100_000);
			const patient = new RecordingHost({ handshakeTimeoutMs: Number.POSITIVE_INFINITY });
			patient.pass(1e9);
			expect([...host.events, ...patient.events]).deep.equal([]);
		});
	});

	describe("heartbeat", () => {
		const heartbeat = { intervalMs: 1000, timeoutMs: 500, timeToLiveMs: 3000 };

		it("sends a PING with its TTL after silence, and fails when nothing answers", () => {
			const host = RecordingHost.ready({ heartbeat });
			host.pass(1000);
			expect(host.events).deep.equal(["ping 001e"]);
			host.pass(500);
			expect(host.events).deep.equal(["ping 001e", "failed ZMTP_HEARTBEAT_TIMEOUT"]);
		});

		it("takes any octet for a sign of life: a slow large frame is no dead peer", () => {
			const host = RecordingHost.ready({ heartbeat, limits: { ...defaultLimits, maxFrameBytes: 1e6 } });
			host.receive(header(0, 1000n));
			for (let i = 0; i < 100; i++) {
				host.pass(900);
				host.receive(Uint8Array.of(1));
			}
			expect(host.events).deep.equal([]);
		});

		it("does not PING a 3.0 peer, nor give it up", () => {
			const host = RecordingHost.ready({ heartbeat }, "ROUTER", 0);
			host.pass(100_000);
			expect(host.events).deep.equal([]);
		});

		it("gives the peer up when it is silent for the TTL of its own PING", () => {
			for (const [ttl, ms] of [
				[1, 100],
				[655, 65_500],
				[656, 65_600],
				[65_535, 6_553_500],
			] as const) {
				const host = RecordingHost.ready();
				host.receive(command("PING", Buffer.of(ttl >> 8, ttl & 255)));
				host.pass(ms - 1);
				expect(host.events, `${ttl}`).deep.equal(["pong "]);
				host.pass(ms / 2 + 1);
				expect(host.events, `${ttl}`).deep.equal(["pong ", "failed ZMTP_HEARTBEAT_TIMEOUT"]);
			}
		});

		it("is not bound by a TTL any more when the next PING has none", () => {
			const host = RecordingHost.ready();
			host.receive(command("PING", "\0\x01"), command("PING", "\0\0"));
			host.pass(10_000);
			expect(host.events).deep.equal(["pong ", "pong "]);
		});

		it("does not blame the peer while it does not listen itself, but goes on telling that it lives", () => {
			const host = RecordingHost.ready({ heartbeat });
			host.connection.halt();
			host.pass(10_000);
			expect(host.events).deep.equal(Array.from({ length: 10 }, () => "ping 001e"));
			host.connection.resume();
			host.pass(1500);
			expect(host.events.at(-1)).equal("failed ZMTP_HEARTBEAT_TIMEOUT");
		});
	});
});
