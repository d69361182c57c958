import { expect } from "chai";
import { numberRules } from "../../../../packages/zmtp/src/socket/option-rules.js";
import { type RouterSocketOptions, resolveOptions } from "../../../../packages/zmtp/src/socket/options.js";
import { thrown, thrownCode } from "../../../support/zmtp/errors.js";

const resolve = (options: Record<string, unknown> = {}, type: "DEALER" | "ROUTER" = "DEALER") =>
	resolveOptions(type, options as RouterSocketOptions);

describe("zmtp options", () => {
	it("have a default each", () => {
		const settings = resolve();
		for (const [name, rule] of Object.entries(numberRules)) {
			expect(settings[name as keyof typeof settings], name).equal(rule.default);
		}
		expect([settings.immediate, settings.mandatory, settings.handover]).deep.equal([false, false, false]);
		expect(settings.routingId).length(0);
	});

	it("take undefined for not given", () => {
		expect(resolve({ linger: undefined, immediate: undefined, routingId: undefined }).linger).equal(
			Number.POSITIVE_INFINITY,
		);
	});

	it("take each number at the ends of its range and none beyond them", () => {
		for (const [name, { least, most, canBeInfinite, infinite }] of Object.entries<
			(typeof numberRules)[keyof typeof numberRules] & { infinite?: number }
		>(numberRules)) {
			for (const value of [least, most]) {
				expect(resolve({ [name]: value })[name as "linger"], name).equal(
					value === infinite ? Number.POSITIVE_INFINITY : value,
				);
			}
			for (const value of [least - 1, most + 1, Number.NaN, Number.NEGATIVE_INFINITY, -2, "10", true, {}, 10n]) {
				if (value === infinite) continue;
				expect(
					thrownCode(() => resolve({ [name]: value })),
					`${name} ${value}`,
				).equal("EINVAL");
			}
			if (canBeInfinite)
				expect(resolve({ [name]: Number.POSITIVE_INFINITY })[name as "linger"]).equal(Number.POSITIVE_INFINITY);
			else
				expect(
					thrownCode(() => resolve({ [name]: Number.POSITIVE_INFINITY })),
					name,
				).equal("EINVAL");
		}
	});

	it("speak libzmq's language for no bound: 0 or -1, where libzmq has it", () => {
		for (const name of ["linger", "sendTimeout", "receiveTimeout", "reconnectInterval"] as const) {
			expect(resolve({ [name]: -1 })[name]).equal(Number.POSITIVE_INFINITY);
		}
		for (const name of [
			"sendHighWaterMark",
			"receiveHighWaterMark",
			"handshakeInterval",
			"connectTimeout",
			"heartbeatTimeout",
		] as const) {
			expect(resolve({ [name]: 0 })[name]).equal(Number.POSITIVE_INFINITY);
		}
	});

	it("wait for an answer to a PING as long as for silence, unless told otherwise", () => {
		expect(resolve({ heartbeatInterval: 700 }).heartbeatTimeout).equal(700);
		expect(resolve({ heartbeatInterval: 700, heartbeatTimeout: 50 }).heartbeatTimeout).equal(50);
	});

	it("name the option, the value and the range when they refuse", () => {
		expect(thrown(() => resolve({ maxFramesPerMessage: 0.5 })).message).equal(
			"option maxFramesPerMessage cannot be 0.5: 1 or more, or Infinity",
		);
		expect(thrown(() => resolve({ linger: -5 })).message).equal(
			"option linger cannot be -5: 0 to 2147483647, or Infinity (or -1)",
		);
		expect(thrown(() => resolve({ immediate: 1 })).message).equal("option immediate cannot be 1: true or false");
	});

	it("refuse names they do not know, and a ROUTER's on other sockets", () => {
		expect(thrown(() => resolve({ sendHighWatermark: 1 })).message).equal(
			"a DEALER socket has no option sendHighWatermark",
		);
		expect(thrownCode(() => resolve({ mandatory: true }))).equal("EINVAL");
		expect(resolve({ mandatory: true, handover: true }, "ROUTER")).include({ mandatory: true, handover: true });
	});

	it("take a routing id of 1 to 255 octets that does not start with zero, text as UTF-8, and keep a copy", () => {
		expect(Buffer.from(resolve({ routingId: "é" }).routingId)).deep.equal(Buffer.from("é"));
		const octets = Buffer.alloc(255, 1);
		const { routingId } = resolve({ routingId: octets });
		octets.fill(2);
		expect(routingId.every((octet) => octet === 1)).equal(true);
		for (const value of ["", "\0a", new Uint8Array(0), Buffer.alloc(256, 1), "é".repeat(128)]) {
			expect(thrownCode(() => resolve({ routingId: value }))).equal("EINVAL");
		}
	});
});
