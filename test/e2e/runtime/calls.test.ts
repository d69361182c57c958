import { expect } from "chai";
import { RpcError } from "../../../packages/runtime/src/index.js";

import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { transports } from "../../support/runtime/endpoints.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

for (const { name: transport, endpoint } of transports) {
	describe(`calls over ${transport}`, () => {
		const rig = new EchoRig(endpoint);

		it("a call is answered by its handler's value, made at once or later", async () => {
			const [connection] = await rig.pair({ say: (text) => `${text}!`, risky: async (text) => `${text}?` });
			expect(await connection.call(echo.say, ["a"])).to.equal("a!");
			expect(await connection.call(echo.risky, ["b"])).to.equal("b?");
			expect(connection.stats()).to.include({ state: "ready", inFlight: 0, waiting: 0, droppedReplies: 0 });
		});

		it("a thousand calls at once are answered each with its own value", async () => {
			const [connection] = await rig.pair({
				say: (text) => (Number(text) % 3 === 0 ? text : new Promise((resolve) => setImmediate(resolve, text))),
			});
			const texts = Array.from({ length: 1000 }, (_, index) => String(index));
			expect(await Promise.all(texts.map((text) => connection.call(echo.say, [text])))).to.deep.equal(texts);
		});

		it("values of all sizes come back whole, from nothing to megabytes", async () => {
			const [connection] = await rig.pair();
			for (const size of [0, 1, 31, 32, 254, 255, 256, 8191, 8192, 16_384, 65_536, 1 << 20, 5 << 20]) {
				const text = "x".repeat(size);
				expect((await connection.call(echo.say, [text])) === text, String(size)).to.equal(true);
			}
		});

		it("a one-way call reaches its handler and answers nothing", async () => {
			const heard = deferred<string>();
			const [connection, server] = await rig.pair({ note: (text) => heard.resolve(text) });
			connection.notify(echo.note, ["hear, hear"]);
			expect(await heard.promise).to.equal("hear, hear");
			await connection.call(echo.say, ["behind it"]);
			expect(connection.stats()).to.include({ inFlight: 0, droppedReplies: 0 });
			expect(server.stats().served).to.equal(2);
		});

		it("metadata, method, deadline and peer are the handler's to see", async () => {
			const [connection] = await rig.pair({
				work: (_, context) => ({
					method: context.method,
					metadata: context.metadata,
					attempt: context.attempt,
					hasDeadline: context.deadline > Date.now() && context.remainingMs <= 1000,
					hasPeer: context.peer.address !== "",
				}),
			});
			const metadata = { tenant: "a", n: 7, list: [1, null] };
			expect(await connection.call(echo.work, [0], { metadata, timeoutMs: 1000 })).to.deep.equal({
				method: "Echo.work",
				metadata,
				attempt: 0,
				hasDeadline: true,
				hasPeer: true,
			});
		});

		it("without a timeout a handler has no deadline", async () => {
			const [connection] = await rig.pair({
				work: (_, { deadline, remainingMs, metadata }) => [String(deadline), String(remainingMs), metadata],
			});
			const seen = await connection.call(echo.work, [0], { timeoutMs: Number.POSITIVE_INFINITY });
			expect(seen).to.deep.equal(["Infinity", "Infinity", {}]);
		});

		it("arguments beyond maxFrameBytes are RESOURCE_EXHAUSTED with the limit's name, not a timeout", async () => {
			const [connection] = await rig.pair({}, {}, { maxFrameBytes: 100_000 });
			for (const isReady of [false, true]) {
				const error = await failureOf(connection.call(echo.say, ["x".repeat(100_000)]));
				expect(error).to.include({ status: "RESOURCE_EXHAUSTED", outcome: "not-started", origin: "local" });
				expect(error.message).to.contain("maxFrameBytes 100000");
				if (!isReady) await connection.call(echo.say, ["y"]);
			}
			expect(await connection.call(echo.say, ["x".repeat(99_990)])).to.have.length(99_990);
		});

		it("a result beyond maxFrameBytes is RESOURCE_EXHAUSTED too", async () => {
			const [connection] = await rig.pair({ say: () => "x".repeat(100_000) }, { maxFrameBytes: 50_000 });
			const error = await failureOf(connection.call(echo.say, ["a"]));
			expect(error).to.include({ status: "RESOURCE_EXHAUSTED", outcome: "failed", origin: "peer" });
			expect(error.message).to.contain("maxFrameBytes 50000");
			expect(await connection.call(echo.risky, ["b"])).to.equal("b");
		});

		it("metadata is each call's own, whatever the calls before it said", async () => {
			const [connection] = await rig.pair({
				work: (_, { metadata, method }) => [method, metadata],
				say: (_, { metadata, method }) => JSON.stringify([method, metadata]),
			});
			const said = [{ a: "x" }, { a: "x" }, { a: "y" }, { a: ["x"] }, { a: "x" }, { b: "x" }, undefined, { a: "x" }];
			const call = async (metadata: Record<string, unknown> | undefined, isWork: boolean, waitForReady: boolean) => {
				const options = { waitForReady, ...(metadata === undefined ? {} : { metadata }) };
				const got = isWork
					? await connection.call(echo.work, [0], options)
					: JSON.parse(await connection.call(echo.say, [""], options));
				expect(got).to.deep.equal([isWork ? "Echo.work" : "Echo.say", metadata ?? {}]);
			};
			await connection.ready();
			for (const first of said) {
				for (const second of said) {
					for (const waitForReady of [true, false]) {
						await Promise.all([call(first, true, true), call(second, true, waitForReady), call(first, true, true)]);
						await Promise.all([call(first, false, true), call(second, true, waitForReady), call(first, false, true)]);
					}
				}
			}
		});

		it("metadata is what the call says, also after other metadata was refused", async () => {
			const [connection] = await rig.pair({ work: (_, { metadata }) => metadata });
			const metadata = { tenant: "acme" };
			for (const refused of [{ big: "x".repeat(9000) }, { big: "x".repeat(8200) }, { fn: () => {} }]) {
				expect(await connection.call(echo.work, [0], { metadata })).to.deep.equal(metadata);
				await failureOf(connection.call(echo.work, [0], { metadata: refused }));
				expect(await connection.call(echo.work, [0], { metadata })).to.deep.equal(metadata);
			}
		});

		it("metadata beyond 8 KiB is refused", async () => {
			const [connection] = await rig.pair();
			const call = connection.call(echo.say, ["a"], { metadata: { big: "x".repeat(9000) } });
			expect(await verdict(call)).to.equal("INVALID_ARGUMENT not-started local");
		});

		it("an error with enormous details arrives without them", async () => {
			const [connection] = await rig.pair({
				say: () => {
					throw new RpcError("ABORTED", "too much to say", { details: "x".repeat(20 << 20) });
				},
			});
			const error = await failureOf(connection.call(echo.say, ["a"]));
			expect(error).to.include({ status: "ABORTED", message: "too much to say", details: undefined });
		});

		it("a call made before the server is there waits for it, one-way or not", async () => {
			const endpoint = await rig.deserted();
			const connection = rig.connect(endpoint);
			const call = connection.call(echo.say, ["early"]);
			connection.notify(echo.note, ["early too"]);
			expect(connection.stats()).to.include({ state: "connecting", waiting: 2, inFlight: 0 });
			const server = rig.server();
			await server.bind(endpoint);
			expect(await call).to.equal("early");
			await until(() => server.stats().served === 2);
		});
	});
}
