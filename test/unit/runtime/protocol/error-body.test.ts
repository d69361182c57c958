import { expect } from "chai";
import { RpcError, type RpcErrorOptions, type Status } from "../../../../packages/runtime/src/index.js";
import { readError, writeError } from "../../../../packages/runtime/src/protocol/error-body.js";
import { RecordingWriter } from "../../../support/runtime/fake-peer.js";
import { incoming } from "../../../support/runtime/messages.js";
import { failureIn, flags, kinds, pack } from "../../../support/runtime/wire.js";

function written(error: RpcError, isJson = false): Buffer[] {
	const writer = new RecordingWriter();
	writeError(writer, error, isJson);
	return writer.frames;
}

function crossed(status: Status, message: string, options: RpcErrorOptions, isJson: boolean): RpcError {
	return readError(incoming("token", "", ...written(new RpcError(status, message, options), isJson)), 2);
}

describe("ERROR", () => {
	for (const isJson of [false, true]) {
		it(`crosses the wire in ${isJson ? "JSON" : "msgpack"}: status, message, outcome, details, and no cause`, () => {
			for (const outcome of ["failed", "not-started", "unknown"] as const) {
				const error = crossed("ABORTED", "no", { outcome, details: { a: [1] }, cause: new Error("secret") }, isJson);
				expect(error).to.include({ status: "ABORTED", message: "no", outcome, origin: "peer" });
				expect(error.details).to.deep.equal({ a: [1] });
				expect(error.cause).to.equal(undefined);
			}
		});
	}

	it("has a status of the protocol's numbers", () => {
		expect(written(new RpcError("UNAUTHENTICATED", "x"))[0]).to.deep.equal(Buffer.of(kinds.ERROR, 0, 16));
		expect(written(new RpcError("OK" as Status, "x"))[0]![2]).to.equal(0);
	});

	it("leaves out details that cannot be sent, whatever is wrong with them", () => {
		const cycle: { self?: unknown } = {};
		cycle.self = cycle;
		for (const details of [cycle, Symbol("x"), 2n ** 80n, "x".repeat(100_000)]) {
			const frames = written(new RpcError("INTERNAL", "broken", { details }));
			expect(failureIn(frames)).to.deep.include({ message: "broken", details: undefined });
			expect(frames[1]).to.have.length.below(64 * 1024);
		}
		expect(failureIn(written(new RpcError("INTERNAL", "x", { details: 1n }), true))).to.include({ message: "x" });
	});

	it("has a message of 4096 characters at most", () => {
		expect(failureIn(written(new RpcError("INTERNAL", "x".repeat(1e6)))).message).to.have.length(4096);
	});

	// H73: fields are taken one by one.
	it("from a peer sets nothing but what an RpcError has", () => {
		const body = pack({ message: "m", name: "constructor", stack: "x", cause: "y", status: "OK", __proto__: { a: 1 } });
		const error = readError(incoming("token", "", Buffer.of(kinds.ERROR, 0, 7), body), 2);
		expect(error).to.be.instanceOf(RpcError);
		expect(error).to.include({ name: "RpcError", status: "PERMISSION_DENIED", message: "m" });
		expect(error.stack).to.not.equal("x");
		expect(error.cause).to.equal(undefined);
	});

	it("with an unknown number is UNKNOWN, and with an unreadable body keeps its status", () => {
		for (const number of [0, 17, 255]) {
			const error = readError(
				incoming("t", "", Buffer.of(kinds.ERROR, flags.UNKNOWN, number), pack({ message: 1 })),
				2,
			);
			expect(error).to.include({ status: "UNKNOWN", message: "UNKNOWN", outcome: "unknown" });
		}
		expect(readError(incoming("t", "", Buffer.of(kinds.ERROR, 0, 5), "\xc1"), 2).status).to.equal("NOT_FOUND");
		expect(readError(incoming("t", "", Buffer.of(kinds.ERROR, flags.JSON, 5), "{"), 2).status).to.equal("NOT_FOUND");
	});
});
