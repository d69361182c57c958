import { expect } from "chai";
import * as z from "zod";
import { defineService, homingDescriptor, messageCodec, unary } from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { deferred, until } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";

const homing = homingDescriptor.methods;
const text = messageCodec(z.tuple([z.string()]));
const said = messageCodec(z.string());

const desk = {
	hold: unary({ name: "Desk.hold", arguments: text, result: said }),
	urgent: unary({ name: "Desk.urgent", priority: 0, arguments: text, result: said }),
	usual: unary({ name: "Desk.usual", arguments: text, result: said }),
	later: unary({ name: "Desk.later", priority: 255, arguments: text, result: said }),
} as const;

for (const { name, serve } of ways.filter(({ name }) => /inproc|queue/.test(name))) {
	describe(`calls that wait, ${name}`, () => {
		const own = closeAfterEach();

		it("are served by the priority of their methods, then by age", async () => {
			const gate = deferred<string>();
			const served: string[] = [];
			const note = ([what]: readonly [string]) => {
				served.push(what);
				return what;
			};
			const service = defineService({ name: "Desk", schemaHash: "d", methods: desk }, {
				hold: () => gate.promise,
				urgent: note,
				usual: note,
				later: note,
			} as never);
			const [connection] = await serve(own, service, undefined, { server: { concurrency: 1 } });
			const held = connection.call(desk.hold, ["gate"]);
			const calls = [
				connection.call(desk.later, ["later 1"]),
				connection.call(desk.usual, ["usual 1"]),
				connection.call(desk.urgent, ["urgent 1"]),
				connection.call(desk.later, ["later 2"]),
				connection.call(desk.urgent, ["urgent 2"]),
				connection.call(desk.usual, ["usual 2"]),
			];
			await until(async () => (await connection.call(homing.stats, []))["waiting"] === calls.length);
			gate.resolve("open");
			await Promise.all([held, ...calls]);
			expect(served).deep.equal(["urgent 1", "urgent 2", "usual 1", "usual 2", "later 1", "later 2"]);
		});
	});
}
