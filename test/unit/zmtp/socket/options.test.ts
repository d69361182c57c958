import { expect } from "chai";
import { anything, assert, constantFrom, property } from "fast-check";
import type { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import { Dealer, Router } from "../../../../packages/zmtp/src/index.js";
import { describeValues, type OptionRow, type ValueRow } from "../../../../packages/zmtp/src/socket/option-rules.js";
import { optionTable } from "../../../../packages/zmtp/src/socket/option-table.js";
import {
	createSettings,
	optionNames,
	readOption,
	type Settings,
	writeOption,
} from "../../../../packages/zmtp/src/socket/options.js";
import type { SocketType } from "../../../../packages/zmtp/src/wire/socket-type.js";
import { encodeZ85 } from "../../../../packages/zmtp/src/wire/z85.js";
import { thrown, thrownCode } from "../../../support/zmtp/errors.js";
import { useSockets } from "../../../support/zmtp/sockets.js";

const table = Object.entries<OptionRow>(optionTable);
const isValue = (row: OptionRow): row is ValueRow => row.kind !== "alias" && row.kind !== "unavailable";

const resolve = (options: Record<string, unknown> = {}, type: SocketType = "DEALER"): Settings =>
	createSettings(type, options);

const forEver = Number.POSITIVE_INFINITY;

describe("zmtp options", () => {
	it("have a default each, which they take and read as", () => {
		for (const [name, row] of table) {
			const type = row.on[0]!;
			const shown = readOption(resolve({}, type), name);
			if (row.kind !== "alias") {
				const never = row.kind === "number" && row.default === forEver;
				expect(shown, name).equal(never ? row.infinite : row.default);
			}
			expect(readOption(resolve({ [name]: shown }, type), name), name).equal(shown);
		}
	});

	it("take undefined for not given", () => {
		expect(resolve({ linger: undefined, immediate: undefined, routingId: undefined }).linger).equal(forEver);
	});

	it("take each number at the ends of its range and none beyond them", () => {
		for (const [name, row] of table) {
			if (row.kind !== "number") continue;
			const { least, most, infinite, unset, on } = row;
			const given = (value: unknown) => () => resolve({ [name]: value }, on[0])[name as "linger"];
			for (const value of [least, most]) expect(given(value)(), name).equal(value === infinite ? forEver : value);
			for (const value of [least - 1, most + 1, Number.NaN, Number.NEGATIVE_INFINITY, -2, "10", true, {}, 10n, null]) {
				if (value === infinite || value === unset?.value) continue;
				expect(thrownCode(given(value)), `${name} ${value}`).equal("EINVAL");
			}
			if (infinite !== undefined) expect(given(forEver)()).equal(forEver);
			else expect(thrownCode(given(forEver)), name).equal("EINVAL");
		}
	});

	it("take of their choices each, and no other", () => {
		for (const [name, row] of table) {
			if (row.kind !== "choice" && row.kind !== "flag") continue;
			const values: readonly unknown[] = row.kind === "flag" ? [true, false] : row.values;
			for (const value of values) {
				expect(readOption(resolve({ [name]: value }, row.on[0]), name), name).equal(value);
			}
			for (const value of [2, "true", {}, Number.NaN]) {
				expect(
					thrownCode(() => resolve({ [name]: value }, row.on[0])),
					name,
				).equal("EINVAL");
			}
		}
	});

	it("speak libzmq's language for no bound, 0 or -1, and read as they are spelt there", () => {
		for (const name of ["linger", "sendTimeout", "receiveTimeout", "reconnectInterval"] as const) {
			const settings = resolve({ [name]: -1 });
			expect([settings[name], readOption(settings, name)]).deep.equal([forEver, -1]);
		}
		for (const name of [
			"sendHighWaterMark",
			"receiveHighWaterMark",
			"handshakeInterval",
			"connectTimeout",
			"heartbeatTimeout",
		] as const) {
			const settings = resolve({ [name]: forEver });
			expect([settings[name], readOption(settings, name)]).deep.equal([forEver, 0]);
			expect(resolve({ [name]: 0 })[name]).equal(forEver);
		}
	});

	it("name the option, the value and the range when they refuse", () => {
		expect(thrown(() => resolve({ maxFramesPerMessage: 0.5 })).message).equal(
			"option maxFramesPerMessage cannot be 0.5: 1 or more, or Infinity",
		);
		expect(thrown(() => resolve({ linger: -5 })).message).equal(
			"option linger cannot be -5: 0 to 2147483647, or Infinity (or -1)",
		);
		expect(thrown(() => resolve({ immediate: 1 })).message).equal("option immediate cannot be 1: true or false");
		expect(thrown(() => resolve({ verbosity: "loud" }, "XPUB")).message).equal(
			'option verbosity cannot be loud: null, "allSubs", "allSubsUnsubs"',
		);
	});

	it("refuse names they do not know, and those of other types of sockets", () => {
		expect(thrown(() => resolve({ sendHighWatermark: 1 })).message).equal(
			"a DEALER socket has no option sendHighWatermark",
		);
		expect(thrownCode(() => resolve({ toString: true }))).equal("EINVAL");
		for (const [name, row] of table) {
			if (row.on.includes("PULL")) continue;
			expect(
				thrownCode(() => resolve({ [name]: row.kind === "alias" ? 1 : row.default }, "PULL")),
				name,
			).equal("EINVAL");
		}
		expect(resolve({ mandatory: true, handover: true }, "ROUTER")).include({ mandatory: true, handover: true });
	});

	it("that cannot be offered say what to do instead, and read as their default", () => {
		for (const [name, row] of table) {
			if (row.kind !== "unavailable") continue;
			const settings = resolve({ [name]: row.default });
			const error = thrown(() => writeOption(settings, name, "something"));
			expect([error.code, error.message.includes(row.instead)], name).deep.equal(["ENOTSUP", true]);
			expect(readOption(settings, name)).equal(row.default);
		}
	});

	it("take a routing id of 1 to 255 octets that does not start with zero, text as UTF-8, and keep a copy", () => {
		expect(Buffer.from(resolve({ routingId: "é" }).routingId)).deep.equal(Buffer.from("é"));
		expect(readOption(resolve({ routingId: "é" }), "routingId")).equal("é");
		const octets = Buffer.alloc(255, 1);
		const { routingId } = resolve({ routingId: octets });
		octets.fill(2);
		expect(routingId.every((octet) => octet === 1)).equal(true);
		for (const value of ["", "\0a", new Uint8Array(0), Buffer.alloc(256, 1), "é".repeat(128), 5, ["a"]]) {
			expect(thrownCode(() => resolve({ routingId: value }))).equal("EINVAL");
		}
	});

	it("take a key as 32 octets or 40 digits of Z85, read it as the latter, and never show it in an error", () => {
		const octets = Buffer.alloc(32, 7);
		const text = encodeZ85(octets);
		for (const value of [octets, text]) {
			const settings = resolve({ curveSecretKey: value });
			expect(Buffer.from(settings.curveSecretKey!)).deep.equal(octets);
			expect(readOption(settings, "curveSecretKey")).equal(text);
		}
		for (const value of [
			text.slice(1),
			`${text}00000`,
			`#####${text.slice(5)}`,
			`"${text.slice(1)}`,
			octets.subarray(1),
		]) {
			const error = thrown(() => resolve({ curveSecretKey: value }));
			expect([error.code, error.message.includes(String(value))]).deep.equal(["EINVAL", false]);
		}
	});

	it("call the largest frame maxMessageSize too, which lifts the bound of the message", () => {
		const settings = resolve({ maxMessageSize: 1000 });
		expect([settings.maxFrameBytes, readOption(settings, "maxMessageSize")]).deep.equal([1000, 1000]);
		writeOption(settings, "maxMessageSize", -1);
		expect([settings.maxFrameBytes, settings.maxMessageBytes]).deep.equal([forEver, forEver]);
		expect(readOption(settings, "maxMessageSize")).equal(-1);
	});

	it("take any value at all or refuse it with a code, and then nothing has changed", () => {
		const settings = new Map<SocketType, Settings>();
		assert(
			property(constantFrom(...table), anything(), ([name, row], value) => {
				const type = row.on[0]!;
				if (!settings.has(type)) settings.set(type, resolve({}, type));
				const own = settings.get(type)!;
				const before = readOption(own, name);
				try {
					writeOption(own, name, value);
				} catch (error) {
					expect((error as ZmtpError).code).oneOf(["EINVAL", "ENOTSUP"]);
					expect(readOption(own, name)).equal(before);
				}
				// What it reads as it takes.
				writeOption(own, name, readOption(own, name));
			}),
			{ numRuns: 2000 },
		);
	});

	it("describe what they take, for each kind", () => {
		for (const [name, row] of table) if (isValue(row)) expect(describeValues(row), name).not.equal("");
	});
});

describe("zmtp options as properties", () => {
	const kit = useSockets();

	it("are those of the socket's type, and no other", () => {
		const socket = kit.router();
		for (const [name, row] of table) expect(name in socket, name).equal(row.on.includes("ROUTER"));
		expect(optionNames("ROUTER")).have.members(Object.keys(Router.prototype));
	});

	it("read and change what the constructor was given", () => {
		const socket = kit.dealer({ sendTimeout: 5, routingId: "me" });
		expect([socket.sendTimeout, socket.routingId, socket.linger]).deep.equal([5, "me", 0]);
		socket.sendTimeout = -1;
		socket.routingId = null;
		expect([socket.sendTimeout, socket.routingId]).deep.equal([-1, null]);
		expect(thrownCode(() => (socket.sendTimeout = -2))).equal("EINVAL");
		expect(socket.sendTimeout).equal(-1);
	});

	it("belong to one socket", () => {
		const changed = kit.dealer();
		const other = kit.keep(new Dealer());
		changed.linger = 77;
		expect(other.linger).equal(-1);
	});
});
