import { expect } from "chai";
import {
	ClientUpgrade,
	pageProtocols,
	protocolsOf,
	ServerUpgrade,
	type Upgrade,
	type Upgraded,
} from "../../../../packages/zmtp/src/wire/http-upgrade.js";
import { chunkings } from "../../../support/zmtp/chunking.js";

/** RFC 6455, Opening Handshake: its own example. */
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const acceptKey = (given: string) => (given === key ? accepted : "another");

const request = [
	"GET /zeromq HTTP/1.1",
	"Host: server.example.com",
	"Upgrade: websocket",
	"Connection: Upgrade",
	`Sec-WebSocket-Key: ${key}`,
	"Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0",
	"Sec-WebSocket-Version: 13",
];
const response = [
	"HTTP/1.1 101 Switching Protocols",
	"Upgrade: websocket",
	"Connection: Upgrade",
	`Sec-WebSocket-Accept: ${accepted}`,
	"Sec-WebSocket-Protocol: ZWS2.0",
];

const head = (lines: readonly string[]) => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);

/** The lines with one replaced, or left out when there is nothing to put in its place. */
function but(lines: readonly string[], name: string, ...instead: string[]): string[] {
	const index = lines.findIndex((line) => line.startsWith(name));
	return [...lines.slice(0, index), ...instead, ...lines.slice(index + 1)];
}

function push(upgrade: Upgrade, pieces: readonly Uint8Array[]): Upgraded | undefined {
	for (const [index, piece] of pieces.entries()) {
		const upgraded = upgrade.push(piece);
		if (upgraded === undefined) continue;
		if ("error" in upgraded) return upgraded;
		return { ...upgraded, rest: Buffer.concat([upgraded.rest, ...pieces.slice(index + 1)]) };
	}
	return undefined;
}

/** The protocol, or code and status of a refusal. */
function outcome(upgraded: Upgraded | undefined): string | undefined {
	if (upgraded === undefined) return undefined;
	if ("protocol" in upgraded) return upgraded.protocol;
	const status = upgraded.reply === undefined ? "" : ` ${Buffer.from(upgraded.reply).toString().slice(9, 12)}`;
	return upgraded.error.code + status;
}

const serve = (lines: readonly string[], mechanism = "NULL") =>
	outcome(new ServerUpgrade(mechanism, acceptKey).push(head(lines)));
const ask = (lines: readonly string[], mechanism = "NULL") =>
	outcome(new ClientUpgrade(mechanism, "host:80", "/", key, acceptKey).push(head(lines)));

describe("a WebSocket's upgrade", () => {
	it("names the protocols of a mechanism as libzmq does", () => {
		expect(protocolsOf("NULL")).deep.equal(["ZWS2.0/NULL", "ZWS2.0"]);
		expect(protocolsOf("PLAIN")).deep.equal(["ZWS2.0/PLAIN"]);
		expect(protocolsOf("CURVE")).deep.equal(["ZWS2.0/CURVE"]);
	});

	for (const { name, cut } of chunkings) {
		it(`is agreed to by the server, and leaves what follows, arriving ${name}`, () => {
			const upgraded = push(
				new ServerUpgrade("NULL", acceptKey),
				cut(Buffer.concat([head(request), Buffer.of(1, 2, 3)])),
			);
			expect(upgraded).include({ protocol: "ZWS2.0/NULL" });
			expect(Buffer.from(upgraded!.reply!).toString()).equal(
				`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n`,
			);
			expect("rest" in upgraded! && [...upgraded.rest]).deep.equal([1, 2, 3]);
		});

		it(`is taken by the client, and leaves what follows, arriving ${name}`, () => {
			const client = new ClientUpgrade("NULL", "host:80", "/", key, acceptKey);
			const upgraded = push(client, cut(Buffer.concat([head(response), Buffer.of(1, 2, 3)])));
			expect(upgraded).include({ protocol: "ZWS2.0" });
			expect("rest" in upgraded! && [...upgraded.rest]).deep.equal([1, 2, 3]);
		});
	}

	it("is asked for with host, path and protocols, and with no extension", () => {
		const client = new ClientUpgrade("CURVE", "[::1]:80", "/a?b=c", key, acceptKey);
		expect(Buffer.from(client.request).toString()).equal(
			`GET /a?b=c HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ZWS2.0/CURVE\r\nSec-WebSocket-Version: 13\r\n\r\n`,
		);
	});

	it("takes the first protocol of the client's that the server has", () => {
		expect(serve(but(request, "Sec-WebSocket-P", "Sec-WebSocket-Protocol: x, ZWS2.0 ,ZWS2.0/NULL"))).equal("ZWS2.0");
		expect(
			serve(but(request, "Sec-WebSocket-P", "Sec-WebSocket-Protocol: x", "sec-websocket-protocol: ZWS2.0/NULL")),
		).equal("ZWS2.0/NULL");
	});

	it("has NULL by a name that browsers let through, and others skip", () => {
		const offer = `Sec-WebSocket-Protocol: ${pageProtocols.join(", ")}`;
		expect(pageProtocols.filter((name) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))).deep.equal([]);
		expect(serve(but(request, "Sec-WebSocket-P", offer))).equal("ZWS2.0-NULL");
		expect(serve(but(request, "Sec-WebSocket-P", offer), "PLAIN")).equal("ZMTP_MECHANISM_MISMATCH 400");
		// A server that knows RFC 45 alone finds its own name behind it.
		expect(pageProtocols.find((name) => protocolsOf("NULL").includes(name))).equal("ZWS2.0");
	});

	it("reads names, and words that are no names, whatever their case, and words among others", () => {
		const lines = but(request, "Upgrade", "UPGRADE: WebSocket");
		expect(serve(but(lines, "Connection", "connection: keep-alive, upgrade"))).equal("ZWS2.0/NULL");
		expect(ask(but(response, "Connection", "connection:upgrade"))).equal("ZWS2.0");
	});

	it("H56: is refused by a server without a protocol of its mechanism", () => {
		for (const line of ["", "ZWS2.0/PLAIN", "zws2.0", "ZWS2.0/", "ZWS1.0", ",,,"]) {
			expect(serve(but(request, "Sec-WebSocket-P", `Sec-WebSocket-Protocol: ${line}`)), line).equal(
				"ZMTP_MECHANISM_MISMATCH 400",
			);
		}
		expect(serve(but(request, "Sec-WebSocket-P"))).equal("ZMTP_MECHANISM_MISMATCH 400");
		expect(serve(request, "PLAIN")).equal("ZMTP_MECHANISM_MISMATCH 400");
		expect(serve(but(request, "Sec-WebSocket-P", "Sec-WebSocket-Protocol: ZWS2.0"), "CURVE")).equal(
			"ZMTP_MECHANISM_MISMATCH 400",
		);
	});

	it("is refused by a server when it is no WebSocket's, or one of another version", () => {
		expect(serve(["GET / HTTP/1.1", "Host: x"])).equal("ZMTP_NOT_ZMTP 426");
		expect(serve(but(request, "Upgrade", "Upgrade: h2c"))).equal("ZMTP_NOT_ZMTP 426");
		expect(serve(but(request, "Connection", "Connection: close"))).equal("ZMTP_NOT_ZMTP 426");
		expect(serve(but(request, "GET", "GET / HTTP/1.0"))).equal("ZMTP_NOT_ZMTP 426");
		expect(serve(but(request, "GET", "GET /a b HTTP/1.1"))).equal("ZMTP_NOT_ZMTP 426");
		expect(serve(but(request, "Sec-WebSocket-V", "Sec-WebSocket-Version: 8"))).equal("ZMTP_NOT_ZMTP 426");
		for (const bad of ["", "short==", `${key}, ${key}`, `${key}=`]) {
			expect(serve(but(request, "Sec-WebSocket-K", `Sec-WebSocket-Key: ${bad}`)), bad).equal("ZMTP_NOT_ZMTP 400");
		}
	});

	it("is refused by a server at the first octet that is no GET's", () => {
		for (const start of ["\xff", "POST", "G\r", "GETX"]) {
			expect(outcome(new ServerUpgrade("NULL", acceptKey).push(Buffer.from(start, "latin1"))), start).equal(
				"ZMTP_NOT_ZMTP 400",
			);
		}
		expect(new ServerUpgrade("NULL", acceptKey).push(Buffer.from("GE"))).equal(undefined);
	});

	it("H56: is refused by a server when its head is malformed", () => {
		for (const line of ["no colon", ": no name", "na me: x", " folded: x", "x\t: y", "a: b\0c", "a: b\nc: d"]) {
			expect(serve([...request, line]), JSON.stringify(line)).equal("ZMTP_NOT_ZMTP 400");
		}
	});

	it("H56: is refused by a server beyond 16 KiB or a hundred headers, and not before", () => {
		const many = Array.from({ length: 2000 }, (_, index) => `x${index}: y`);
		expect(serve([...request, ...many.slice(0, 100)])).equal("ZMTP_NOT_ZMTP 431");
		expect(serve([...request, ...many.slice(0, 94)])).equal("ZWS2.0/NULL");
		expect(serve([...request, `x: ${" ".repeat(32_768)}`])).equal("ZMTP_NOT_ZMTP 431");
		const room = 16 * 1024 - head([...request, "x: "]).length;
		expect(serve([...request, `x: ${"y".repeat(room)}`])).equal("ZWS2.0/NULL");
		expect(serve([...request, `x: ${"y".repeat(room + 1)}`])).equal("ZMTP_NOT_ZMTP 431");
		const endless = new ServerUpgrade("NULL", acceptKey);
		expect(
			outcome(push(endless, [Buffer.from("GET /"), ...Array.from({ length: 40 }, () => Buffer.alloc(512, "x"))])),
		).equal("ZMTP_NOT_ZMTP 431");
	});

	it("H56: with ten thousand protocols, headers of megabytes, or octet by octet takes no longer than its octets", () => {
		const protocols = Array.from({ length: 10_000 }, () => "ZWS2.0").join(",");
		expect(serve(but(request, "Sec-WebSocket-P", `Sec-WebSocket-Protocol: ${protocols}`))).equal("ZMTP_NOT_ZMTP 431");
		expect(serve([...request, `x: ${"y".repeat(2 ** 20)}`])).equal("ZMTP_NOT_ZMTP 431");
	});

	it("is given up by a client whom the server does not let in, with what it said", () => {
		const upgraded = new ClientUpgrade("NULL", "host:80", "/", key, acceptKey).push(
			Buffer.from("HTTP/1.1 404 Not\x07Found\r\n\r\n"),
		);
		expect(outcome(upgraded)).equal("ZMTP_WEBSOCKET_REFUSED");
		expect("error" in upgraded! && upgraded.error.message).equal("the server answered 404 Not?Found");
	});

	it("H58: is given up by a client when the answer is another's, or has what was not asked for", () => {
		expect(ask(but(response, "Sec-WebSocket-A", "Sec-WebSocket-Accept: other"))).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(ask(but(response, "Sec-WebSocket-A"))).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(ask(but(response, "Upgrade"))).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(ask([...response, "Sec-WebSocket-Extensions: permessage-deflate"])).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(ask(but(response, "Sec-WebSocket-P", "Sec-WebSocket-Protocol: ZWS2.0/PLAIN"))).equal(
			"ZMTP_MECHANISM_MISMATCH",
		);
		expect(ask(but(response, "Sec-WebSocket-P"))).equal("ZMTP_MECHANISM_MISMATCH");
		expect(ask(response, "CURVE")).equal("ZMTP_MECHANISM_MISMATCH");
		expect(ask(["SSH-2.0-OpenSSH_9.2"])).equal("ZMTP_NOT_ZMTP");
	});

	it("H58: never agrees to compression, whatever is offered", () => {
		for (const offer of [
			"permessage-deflate",
			"permessage-deflate; server_max_window_bits=99",
			"x-webkit-deflate-frame",
		]) {
			const upgraded = new ServerUpgrade("NULL", acceptKey).push(
				head([...request, `Sec-WebSocket-Extensions: ${offer}`]),
			);
			expect(Buffer.from(upgraded!.reply!).toString())
				.match(/^HTTP\/1\.1 101 /)
				.and.not.match(/extensions/i);
		}
	});
});
