import { type Codec, type Connection, connect, messageCodec, Server, unary } from "@homing/runtime";
import { expect } from "chai";
import * as z from "zod";
import { EchoClient, echoService } from "../../../packages/bench/src/generated/echo.js";
import type { Order } from "../../../packages/bench/src/services/echo.js";
import { WorkshopClient, workshopService } from "../../browser/generated/workshop.js";

const order: Order = {
	id: 70_000,
	customer: { name: "Ada Lovelace, who has a name of more than thirty letters: Ĝis!" },
	lines: [{ sku: "a", count: 1, cents: 250 }],
	paid: true,
};

const unused = () => {
	throw new Error("nobody calls it");
};

/** Asks one question after the other. */
const workshop = workshopService({
	async ask(questions, answer) {
		const answers = [];
		for (const question of questions) answers.push(await answer(question));
		return answers;
	},
	...{ mirror: unused, take: unused, count: unused, sum: unused, wait: unused, note: unused, caller: unused },
});

describe("bodies that generated code does not expect", () => {
	let server: Server;
	let connection: Connection;

	beforeEach(async () => {
		server = new Server();
		server.add(
			echoService({
				small: (message) => message,
				medium: (one) => one,
				large: (octets) => octets,
				*items(count) {
					for (let id = 0; id < count; id++) yield { name: id % 2 === 0 ? "\ufeff" : "", id, v: 0 };
				},
				async count(messages) {
					let count = 0;
					for await (const _ of messages) count++;
					return count;
				},
			}),
		);
		server.add(workshop);
		connection = connect(await server.bind("tcp://127.0.0.1:0"));
	});

	afterEach(async () => {
		await connection.close();
		await server.close();
	});

	/** A call by somebody who writes as he likes. */
	function call(codec: Codec<readonly unknown[]>, ...args: readonly unknown[]): Promise<unknown> {
		const result = messageCodec(z.unknown());
		return connection.call(unary({ name: "Echo.medium", arguments: codec, result }), args);
	}

	it("are none that generated code writes", async () => {
		const echo = new EchoClient(connection);
		expect(await echo.medium(order)).to.deep.equal(order);
		expect(await echo.small({ name: "", id: 2 ** 32, v: -0.5 })).to.deep.equal({ name: "", id: 2 ** 32, v: -0.5 });
		expect(server.stats().surprises).to.equal(0);
		expect(connection.stats().surprises).to.equal(0);
	});

	it("are read all the same, counted, and told of with whom they came from", async () => {
		const told: unknown[] = [];
		server.on("surprise", ({ method, peer }) => told.push([method, peer.address.startsWith("tcp://")]));
		const { id, customer, lines, paid } = order;
		const anyList = messageCodec(z.array(z.unknown()));
		expect(await call(anyList, { paid, lines, customer, id, note: "nobody asked for it" })).to.deep.equal(order);
		expect(server.stats().surprises).to.equal(1);
		const { address, ...rest } = server.stats().surprisingPeers[0]!;
		expect(address).to.match(/^tcp:/);
		expect(rest).to.deep.equal({ userId: undefined, surprises: 1, method: "Echo.medium" });
		expect(told).to.deep.equal([["Echo.medium", true]]);
	});

	it("are counted among items and callbacks too, by whoever reads them", async () => {
		const items = [];
		for await (const { id } of new EchoClient(connection).items(5)) items.push(id);
		expect(items).to.deep.equal([0, 1, 2, 3, 4]);
		// Compiled codecs leave to the general one what a text begins with that most readers take off.
		expect(connection.stats().surprises).to.equal(3);
		expect(server.stats().surprises).to.equal(0);
		expect(
			await new WorkshopClient(connection).ask(
				["a", "b"],
				async (text) => `\ufeff${text}`,
				() => {},
			),
		).to.deep.equal(["\ufeffa", "\ufeffb"]);
		expect(server.stats().methods["Workshop.ask"]).to.include({ served: 1, surprises: 2 });
		expect(server.stats().surprisingPeers).to.have.length(1);
		expect(server.stats().surprisingPeers[0]).to.include({ surprises: 2, method: "Workshop.ask" });
		async function* sent() {
			for (let id = 0; id < 5; id++) yield { name: id % 2 === 0 ? "\ufeff" : "", id, v: 0 };
		}
		expect(await new EchoClient(connection).count(sent())).to.equal(5);
		expect(server.stats().methods["Echo.count"]).to.include({ served: 1, surprises: 3 });
	});

	it("are refused with the place where they are wrong", async () => {
		const anyList = messageCodec(z.array(z.unknown()));
		const refused = call(anyList, { ...order, lines: [{ sku: "a", count: 0, cents: 1 }] });
		const error = await refused.then(
			() => expect.fail("it was accepted"),
			(reason: Error) => reason,
		);
		expect(error).to.include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
		expect(error.message).to.include("order.lines[0].count");
		expect(server.stats().surprises).to.equal(0);
	});
});
