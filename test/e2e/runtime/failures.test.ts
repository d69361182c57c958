import { expect } from "chai";
import { RpcError, unary } from "../../../packages/runtime/src/index.js";
import { anyCodec, type Codec } from "../../../packages/runtime/src/protocol/codec.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { transports } from "../../support/runtime/endpoints.js";
import { failureOf, verdict } from "../../support/runtime/until.js";

/** For clients that check nothing: what they send is for the server to judge. */
const unchecked = (name: string) =>
	unary({ name, arguments: anyCodec as Codec<readonly unknown[]>, result: anyCodec, timeoutMs: 5000 });

/** A promise's look without its manners. */
function thenable(then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): object {
	// biome-ignore lint/suspicious/noThenProperty: such objects are what the test is about
	return Object.defineProperty({}, "then", { value: then });
}

for (const { name: transport, endpoint } of transports) {
	describe(`failures over ${transport}`, () => {
		const rig = new EchoRig(endpoint);

		it("a handler's RpcError arrives with status, text and details, from the peer", async () => {
			const [connection] = await rig.pair({
				say: () => {
					throw new RpcError("NOT_FOUND", "no such thing", { details: { id: 7 }, cause: new Error("secret") });
				},
				risky: async () => {
					throw new RpcError("ALREADY_EXISTS", "twice");
				},
			});
			const error = await failureOf(connection.call(echo.say, ["a"]));
			expect(error).to.include({ status: "NOT_FOUND", message: "no such thing", outcome: "failed", origin: "peer" });
			expect(error.details).to.deep.equal({ id: 7 });
			expect(error.cause).to.equal(undefined);
			expect(await verdict(connection.call(echo.risky, ["a"]))).to.equal("ALREADY_EXISTS failed peer");
		});

		it("a handler that passes another call's not-started on does not claim it for its own", async () => {
			const [connection] = await rig.pair({
				say: () => {
					throw new RpcError("UNAVAILABLE", "downstream", { outcome: "not-started", origin: "peer" });
				},
			});
			expect(await verdict(connection.call(echo.say, ["a"]))).to.equal("UNAVAILABLE failed peer");
		});

		// H81
		const thrown: [string, () => unknown][] = [
			[
				"an Error",
				() => {
					throw new Error("secret");
				},
			],
			[
				"undefined",
				() => {
					throw undefined;
				},
			],
			[
				"a text",
				() => {
					throw "secret";
				},
			],
			["a rejection with undefined", () => Promise.reject(undefined)],
			[
				"a rejection with an Error",
				async () => {
					throw new Error("secret");
				},
			],
			[
				"a thenable that throws",
				() =>
					thenable(() => {
						throw new Error("secret");
					}),
			],
			[
				"an object whose then cannot be read",
				() =>
					// biome-ignore lint/suspicious/noThenProperty: see thenable
					Object.defineProperty({}, "then", {
						get: () => {
							throw new Error("secret");
						},
					}),
			],
			[
				"a promise whose own then throws",
				() =>
					// biome-ignore lint/suspicious/noThenProperty: see thenable
					Object.defineProperty(Promise.resolve(7), "then", {
						value: () => {
							throw new Error("secret");
						},
					}),
			],
			[
				"a promise that cannot be asked for its constructor",
				() =>
					Object.defineProperty(Promise.resolve("a"), "constructor", {
						get: () => {
							throw new Error("secret");
						},
					}),
			],
			["a number for a text", () => 7],
			["nothing for a text", () => undefined],
			["a promise of nothing", async () => undefined],
		];
		for (const [name, handler] of thrown) {
			it(`a handler that gives ${name} is INTERNAL with an id; its words stay at the server`, async () => {
				const [connection] = await rig.pair({ say: handler, risky: (text) => text });
				const error = await failureOf(connection.call(echo.say, ["a"]));
				expect(error).to.include({ status: "INTERNAL", outcome: "failed", origin: "peer" });
				expect(error.message).to.not.contain("secret");
				expect(rig.failures).to.have.length(1);
				expect(error.details).to.deep.equal({ errorId: rig.failures[0]!.errorId });
				expect(error.message).to.contain(rig.failures[0]!.errorId);
				expect(await connection.call(echo.risky, ["still served"])).to.equal("still served");
			});
		}

		it("a thenable that settles twice is one answer", async () => {
			const [connection, server] = await rig.pair({
				say: () =>
					thenable((resolve, reject) => {
						resolve("first");
						resolve("second");
						reject(new Error("third"));
					}),
			});
			expect(await connection.call(echo.say, ["a"])).to.equal("first");
			expect(await connection.call(echo.risky, ["b"])).to.equal("b");
			expect(connection.stats().droppedReplies).to.equal(0);
			expect(server.stats().running).to.equal(0);
		});

		it("results that cannot be sent are INTERNAL, and the connection goes on", async () => {
			const cycle: Record<string, unknown> = {};
			cycle["self"] = cycle;
			const results = [cycle, Symbol("x"), 2n ** 70n];
			const [connection] = await rig.pair({ work: (at) => results[at as number] });
			for (const at of results.keys()) {
				expect(await verdict(connection.call(echo.work, [at])), String(at)).to.equal("INTERNAL failed peer");
			}
			expect(rig.failures).to.have.length(3);
			expect(await connection.call(echo.say, ["a"])).to.equal("a");
		});

		it("arguments that cannot be sent are INVALID_ARGUMENT before anything is", async () => {
			const [connection, server] = await rig.pair();
			await connection.call(echo.say, ["ready"]);
			const cycle: Record<string, unknown> = {};
			cycle["self"] = cycle;
			for (const what of [cycle, Symbol("x"), 2n ** 70n]) {
				expect(await verdict(connection.call(echo.work, [what]))).to.equal("INVALID_ARGUMENT not-started local");
			}
			expect(await connection.call(echo.say, ["a"])).to.equal("a");
			expect(server.stats().served).to.equal(2);
		});

		it("a wrong argument is refused on the client's side, with the path to it", async () => {
			const [connection, server] = await rig.pair();
			const error = await failureOf(connection.call(echo.order, [{ to: "x", cents: 0.5 }]));
			expect(error).to.include({ status: "INVALID_ARGUMENT", outcome: "not-started", origin: "local" });
			expect(error.message).to.equal("Echo.order: order.cents: expected an integer >= 1, got 0.5");
			expect(error.details).to.deep.equal({
				violations: [{ path: "order.cents", problem: "expected an integer >= 1, got 0.5" }],
			});
			await connection.call(echo.say, ["ready"]);
			expect(await verdict(connection.call(echo.order, [{ to: "x", cents: 0 }]))).to.contain("local");
			expect(server.stats().served).to.equal(1);
		});

		it("a wrong argument is refused again on the server's side when the client does not check", async () => {
			const [connection] = await rig.pair();
			const careless = unchecked("Echo.order");
			const error = await failureOf(connection.call(careless, [{ to: "x", cents: 0.5 }]));
			expect(error).to.include({ status: "INVALID_ARGUMENT", outcome: "not-started", origin: "peer" });
			expect(error.message).to.equal("Echo.order: order.cents: expected an integer >= 1, got 0.5");
			for (const args of [[], [1], [{ to: "x" }], [{ to: "x", cents: 1 }, 2], "text", null, { 0: 1 }]) {
				const call = connection.call(careless, args as readonly unknown[]);
				expect(await verdict(call), JSON.stringify(args)).to.equal("INVALID_ARGUMENT not-started peer");
			}
			expect(await connection.call(careless, [{ to: "x", cents: 3 }])).to.equal(3);
			expect(rig.failures).to.have.length(0);
		});

		it("a result other than the interface says is INTERNAL at the client too", async () => {
			const [connection] = await rig.pair({ work: () => 7 });
			const misread = unary({ name: "Echo.work", arguments: echo.say.arguments, result: echo.say.result });
			const error = await failureOf(connection.call(misread, ["a"]));
			expect(error).to.include({ status: "INTERNAL", origin: "local", outcome: "failed" });
			expect(error.message).to.contain("expected a string, got 7");
		});

		// H72
		for (const name of [
			"Echo.nothing",
			"Echo.__proto__",
			"Echo.constructor",
			"__proto__",
			"toString",
			"then",
			"No.such",
			"a\nb",
		]) {
			it(`the method ${JSON.stringify(name)} is UNIMPLEMENTED, and nothing was started`, async () => {
				const [connection] = await rig.pair();
				expect(await verdict(connection.call(unchecked(name), []))).to.equal("UNIMPLEMENTED not-started peer");
			});
		}
	});
}
