import { expect } from "chai";
import { RpcError, ServiceError } from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { AccountClosed, InsufficientFunds, Robbed, vault, vaultService } from "../../support/runtime/ledger.js";
import { failureOf, verdict } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";

for (const { name, serve } of ways) {
	describe(`errors that a service declares, ${name}`, () => {
		const own = closeAfterEach();

		it("arrive as instances of their class, with their data, and no other's", async () => {
			const [connection] = await serve(
				own,
				vaultService(() => new InsufficientFunds(7)),
			);
			const error = await failureOf(connection.call(vault.withdraw, [10]));
			expect(error).instanceof(InsufficientFunds).instanceof(ServiceError).instanceof(RpcError).instanceof(Error);
			expect(error).not.instanceof(AccountClosed);
			expect(error).include({ name: "InsufficientFunds", message: "only 7 left", status: "FAILED_PRECONDITION" });
			expect(error).include({ origin: "peer", outcome: "failed" });
			expect((error as InsufficientFunds).data).deep.equal({ balance: 7 });
		});

		it("may have no data, and a status of their own", async () => {
			const [connection] = await serve(
				own,
				vaultService(() => new AccountClosed("gone")),
			);
			const error = await failureOf(connection.call(vault.withdraw, [10]));
			expect(error).instanceof(AccountClosed).include({ message: "gone", status: "NOT_FOUND", data: undefined });
		});

		it("end streams, behind their items", async () => {
			const [connection] = await serve(
				own,
				vaultService(() => new InsufficientFunds(7)),
			);
			const got: number[] = [];
			const error = await failureOf(async () => {
				for await (const item of connection.stream(vault.drip, [])) got.push(item);
			});
			expect(got).deep.equal([1]);
			expect(error).instanceof(InsufficientFunds);
		});

		it("with data that is not theirs are the handler's failure, like those that are not declared", async () => {
			const broken = () => Object.assign(new InsufficientFunds(7), { data: { balance: "much" } });
			for (const fail of [broken, () => new Robbed("all of it", "all of it")]) {
				const [connection] = await serve(own, vaultService(fail));
				const error = await failureOf(connection.call(vault.withdraw, [10]));
				expect(error).include({ name: "RpcError", status: "INTERNAL" });
				expect(error.message).not.match(/all of it|only 7/);
				expect(error.details).property("errorId").a("string");
			}
		});
	});
}

describe("an error that a server makes up", () => {
	const own = closeAfterEach();

	it("is none of the declared ones when its name or its data is not", async () => {
		const [connection] = await ways[1]!.serve(
			own,
			vaultService(() => new RpcError("ABORTED", "x", { details: { name: "InsufficientFunds" } })),
		);
		expect(await verdict(connection.call(vault.withdraw, [1]))).equal("ABORTED failed peer");
	});
});
