import { expect } from "chai";
import fc from "fast-check";
import { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import { platform } from "../../../../packages/zmtp/src/platform/node.js";
import { parseEndpoint, parseHostAndPort } from "../../../../packages/zmtp/src/transport/endpoint.js";
import { resolveEndpoint } from "../../../../packages/zmtp/src/transport/transports.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { streamOptions } from "../../../support/zmtp/streams.js";

describe("zmtp endpoints", () => {
	it("are a scheme and what the transport makes of the rest", () => {
		expect(parseEndpoint("tcp://127.0.0.1:80", ["inproc", "ipc", "tcp"])).deep.equal({
			scheme: "tcp",
			address: "127.0.0.1:80",
		});
		expect(parseEndpoint("ipc:///run/a b", ["inproc", "ipc", "tcp"])).deep.equal({
			scheme: "ipc",
			address: "/run/a b",
		});
		expect(parseEndpoint("inproc://a://b", ["inproc", "ipc", "tcp"])).deep.equal({
			scheme: "inproc",
			address: "a://b",
		});
	});

	it("without a scheme or an address are refused with EINVAL, other schemes with EPROTONOSUPPORT", () => {
		for (const text of ["", "tcp", "tcp:", "tcp:/", "tcp://", "://x", "127.0.0.1:80", "TCP://x:1", " tcp://x:1"]) {
			expect(
				thrownCode(() => parseEndpoint(text, ["inproc", "ipc", "tcp"])),
				text,
			).equal("EINVAL");
		}
		for (const text of ["udp://x:1", "ws://x:1", "http://x:1", "pgm://x"]) {
			expect(
				thrownCode(() => parseEndpoint(text, ["inproc", "ipc", "tcp"])),
				text,
			).equal("EPROTONOSUPPORT");
		}
	});

	it("of tcp hold a host and a port", () => {
		const cases: [address: string, host: string | undefined, port: number][] = [
			["127.0.0.1:1", "127.0.0.1", 1],
			["*:*", undefined, 0],
			["*:65535", undefined, 65_535],
			["some.host-name_x:0", "some.host-name_x", 0],
			["[::1]:80", "::1", 80],
			["[fe80::1%eth0]:80", "fe80::1%eth0", 80],
		];
		for (const [address, host, port] of cases) expect(parseHostAndPort(address, true)).deep.equal({ host, port });
	});

	it("of tcp that are malformed are refused with EINVAL", () => {
		for (const address of [
			"x",
			":80",
			"x:",
			"x:y",
			"x:-1",
			"x:65536",
			"x:123456",
			"::1:80",
			"[::1]",
			"[::1",
			"x:80/path",
			"x;y:80",
			"[x y]:80",
		]) {
			expect(
				thrownCode(() => parseHostAndPort(address, true)),
				address,
			).equal("EINVAL");
		}
	});

	it("to connect to name a host and a port", () => {
		for (const endpoint of [
			"tcp://*:80",
			"tcp://x:0",
			"tcp://x:*",
			"ipc://*",
			"ipc://@",
			`ipc:///${"x".repeat(107)}`,
		]) {
			const { transport, address } = resolveEndpoint(platform.transports, endpoint);
			expect(
				thrownCode(() => transport.check(address, streamOptions)),
				endpoint,
			).equal("EINVAL");
		}
		for (const endpoint of ["tcp://x:80", "ipc:///x", "ipc://@x", "inproc://*", `ipc:///${"x".repeat(106)}`]) {
			const { transport, address } = resolveEndpoint(platform.transports, endpoint);
			expect(() => transport.check(address, streamOptions), endpoint).not.throw();
		}
	});

	it("of any text at all are taken or refused, and nothing else", () => {
		const text = fc.oneof(
			fc.string(),
			fc.tuple(fc.constantFrom("tcp://", "ipc://", "inproc://"), fc.string()).map((parts) => parts.join("")),
		);
		fc.assert(
			fc.property(text, (endpoint) => {
				try {
					const { transport, address } = resolveEndpoint(platform.transports, endpoint);
					transport.check(address, streamOptions);
				} catch (error) {
					if (!(error instanceof ZmtpError)) throw error;
					expect(["EINVAL", "EPROTONOSUPPORT"]).include(error.code);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
