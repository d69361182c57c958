import { expect } from "chai";
import { NullMechanism } from "../../../../packages/zmtp/src/mechanism/null.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { property, ready } from "../../../support/zmtp/frames.js";

const mechanism = () =>
	new NullMechanism([
		["Socket-Type", Buffer.from("REQ")],
		["Identity", Buffer.from("me")],
	]);

describe("zmtp NULL mechanism", () => {
	it("sends READY with our properties at once, as RFC 23 has it", () => {
		const step = mechanism().start();
		expect(Buffer.from(step.send!)).deep.equal(ready("REQ", "me").subarray(2));
		expect(step.peerProperties).equal(undefined);
	});

	it("is done when the peer's READY came, and has nothing more to send", () => {
		const step = mechanism().receive({ name: "READY", data: property("Socket-Type", "REP") });
		expect(step.send).equal(undefined);
		expect(Buffer.from(step.peerProperties!.get("socket-type")!).toString()).equal("REP");
	});

	it("takes nothing but READY", () => {
		for (const name of ["PING", "PONG", "HELLO", "READYX", "ready"]) {
			expect(thrownCode(() => mechanism().receive({ name, data: new Uint8Array(0) }))).equal("ZMTP_COMMAND_UNEXPECTED");
		}
	});

	it("passes on what is wrong with the properties", () => {
		const step = () => mechanism().receive({ name: "READY", data: Uint8Array.of(1) });
		expect(thrownCode(step)).equal("ZMTP_PROPERTIES_MALFORMED");
	});
});
