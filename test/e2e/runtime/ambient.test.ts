import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { type CallContext, type Connection, connect, Server } from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { deferred, verdict } from "../../support/runtime/until.js";

describe("calls made while a call is served", () => {
	const own = closeAfterEach();

	/** A server behind another, which calls it. */
	async function chain(isAmbient: boolean, front: (back: Connection, context: CallContext) => unknown) {
		const started = deferred();
		const aborted = deferred<unknown>();
		const last = own(new Server()).add(
			echoService({
				work: async (what, { signal, remainingMs }) => {
					if (what === "remaining") return remainingMs;
					started.resolve();
					signal.addEventListener("abort", () => aborted.resolve(signal.reason));
					await pause(60_000, undefined, { signal });
					return undefined;
				},
			}),
		);
		const back = own(connect(await last.bind(anyPort)));
		const first = own(new Server({ isAmbient })).add(echoService({ work: (_, context) => front(back, context) }));
		first.add(
			ledgerService({
				async *list(_, context) {
					yield Math.floor((await front(back, context)) as number);
				},
			}),
		);
		return { connection: own(connect(await first.bind(anyPort))), started, aborted };
	}

	const later = async (back: Connection) => {
		await pause(0);
		return back.call(echo.work, ["remaining"]);
	};

	it("have its deadline where the server is ambient, however long the way to them", async () => {
		const { connection } = await chain(true, later);
		expect(await connection.call(echo.work, [0], { timeoutMs: 5000 }))
			.most(5000)
			.above(0);
		for await (const remaining of connection.stream(ledger.list, [0], { timeoutMs: 5000 }))
			expect(remaining).most(5000);
	});

	it("have their own where it is not, or where they name no parent", async () => {
		const { connection } = await chain(false, later);
		expect(await connection.call(echo.work, [0], { timeoutMs: 5000 })).above(5000);
		const unbound = await chain(true, (back) => back.call(echo.work, ["remaining"], { parent: undefined }));
		expect(await unbound.connection.call(echo.work, [0], { timeoutMs: 5000 })).above(5000);
	});

	it("are cancelled with it", async () => {
		const { connection, started, aborted } = await chain(true, (back) => back.call(echo.work, ["for ever"]));
		const abort = new AbortController();
		const call = connection.call(echo.work, [0], { signal: abort.signal });
		await started.promise;
		abort.abort();
		expect(await verdict(call)).equal("CANCELLED unknown local");
		expect(await aborted.promise).property("status", "CANCELLED");
	});
});
