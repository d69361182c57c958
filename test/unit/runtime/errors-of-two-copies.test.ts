import { expect } from "chai";
import { InvalidValue, RpcError, ServiceError } from "../../../packages/runtime/src/index.js";

/** What another copy of the package would make: other classes, the same brand. */
class ForeignRpcError extends Error {
	get [Symbol.for("@homing/runtime RpcError")](): true {
		return true;
	}
}

describe("errors of two copies of the package", () => {
	it("are told by their brand: another copy's RpcError is one", () => {
		expect(new ForeignRpcError()).to.be.instanceOf(RpcError);
	});

	it("are told by their brand when a service declares them; a class of its own is told by itself", () => {
		class Foreign extends ForeignRpcError {
			get [Symbol.for("@homing/runtime ServiceError")](): true {
				return true;
			}
		}
		class Own extends ServiceError {}
		expect(new Foreign()).to.be.instanceOf(ServiceError);
		expect(new Foreign()).not.to.be.instanceOf(Own);
		expect(new Own("x")).to.be.instanceOf(Own).and.instanceOf(ServiceError).and.instanceOf(RpcError);
		expect(new RpcError("INTERNAL", "x")).not.to.be.instanceOf(ServiceError);
	});

	it("are not mixed up with each other, or with anything else", () => {
		expect(new ForeignRpcError()).not.to.be.instanceOf(InvalidValue);
		expect(new Error("x")).not.to.be.instanceOf(RpcError);
		expect((null as unknown) instanceof RpcError).to.equal(false);
	});

	it("do not show the brand when they are printed", () => {
		expect(Object.keys(new RpcError("INTERNAL", "x"))).not.to.include("Symbol(@homing/runtime RpcError)");
		expect(Object.getOwnPropertySymbols(new RpcError("INTERNAL", "x"))).to.deep.equal([]);
	});
});
