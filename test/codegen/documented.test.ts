import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { read } from "@homing/codegen";
import {
	connect,
	homingDescriptor,
	type MethodDescription,
	Server,
	type Service,
	type ServiceDescription,
} from "@homing/runtime";
import { expect } from "chai";
import { findBreaking } from "../../packages/codegen/src/breaking/compare.js";
import { writeLock } from "../../packages/codegen/src/lock/lock.js";
import { definitionsOf } from "../../packages/codegen/src/model/model.js";
import { schemaHashOf } from "../../packages/codegen/src/model/schema-hash.js";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { anyPort } from "../support/runtime/endpoints.js";
import { fixtures } from "./support/compile.js";
import { Workspace } from "./support/terminal.js";

/** Its enum is not for the settings that tests are compiled with. */
interface Documented {
	documentedService(handlers: Readonly<Record<string, () => unknown>>): Service;
}

interface Schema {
	readonly title?: string;
	readonly description?: string;
	readonly $ref?: string;
	readonly properties: Readonly<Record<string, Schema>>;
	readonly prefixItems: readonly Schema[];
	readonly anyOf: readonly Schema[];
	readonly items: Schema;
	readonly $defs: Readonly<Record<string, Schema>>;
}

describe("comments of types, properties and parameters", function () {
	this.timeout(30_000);
	const own = closeAfterEach();
	let service: ServiceDescription;

	async function describeService(): Promise<void> {
		// By a path that the compiler does not follow: fixtures are compiled with settings of their own.
		const path = pathToFileURL(join(fixtures, "expected/documented.ts")).href;
		const { documentedService }: Documented = await import(path);
		const server = own(new Server()).add(
			documentedService({
				send: () => ({ id: "1" }),
				follow: () => [],
				watch() {},
				headers: () => ({ name: "" }),
			}),
		);
		const connection = own(connect(await server.bind(anyPort)));
		const { services } = await connection.call(homingDescriptor.methods.describe, ["Documented"]);
		service = services[0]!;
	}

	const method = (name: string): MethodDescription => service.methods![name]!;
	const schema = (json: object) => json as Schema;

	it("are what a server says of itself, without tags", async () => {
		await describeService();
		expect(service.description).to.equal("Parcels.");
		expect(method("send").description).to.equal("Sends one.");
		expect(method("follow")).to.not.have.property("description");
		expect(method("send").errors["Unknown"]).to.include({ description: "Nobody is there." });
		expect(method("watch").channels[0]).to.include({ description: "told of each" });
	});

	it("describe arguments: a parameter's own comment, or its tag, and before those of its type", async () => {
		await describeService();
		const [parcel, fee, maxPrice] = schema(method("send").arguments).prefixItems;
		expect(parcel).to.include({ title: "parcel", description: "what to send,\nas a whole" });
		expect(fee).to.include({ title: "fee", description: "In cents." });
		expect(maxPrice).to.include({ title: "maxPrice", description: "at most" });
		const [watched] = method("watch").channels;
		const [place] = schema((watched as { arguments: object }).arguments).prefixItems;
		expect(place).to.include({ title: "place", description: "Where it is now." });
		expect(place!.properties["country"]).to.include({ description: "Two letters." });
	});

	it("describe types wherever they stand, and their properties, those of objects without a name too", async () => {
		await describeService();
		const { prefixItems, $defs } = schema(method("send").arguments);
		// It contains itself: what it is stands once.
		const parcel = $defs[prefixItems[0]!.$ref!.split("/").at(-1)!]!;
		expect(parcel.description).to.equal('What is to be "sent", and where \\ to.\nA second line.');
		const { to, from, value, contents, inner, way } = parcel.properties;
		expect(to!.description).to.equal('Where it goes. Closing marks: """');
		expect(from!.description).to.equal("Somewhere.");
		expect(from!.properties["country"]!.description).to.equal("Two letters.");
		expect(from!.properties["city"]).to.not.have.property("description");
		expect(value!.description).to.equal("What it is worth.");
		expect(contents!.items.properties["name"]!.description).to.equal("What one of them is called.");
		expect(contents!.items.properties["count"]!.description).to.equal("How many.");
		expect(inner!.description).to.equal("Boxes inside.");
		expect(way!.description).to.equal("How a parcel travels.");
		const result = schema(method("send").result);
		expect(result.properties["id"]!.description).to.equal("The number.");
		const unknown = schema(method("send").errors["Unknown"]!.data);
		expect(unknown.properties["who"]!.description).to.equal("Who was asked for.");
	});

	it("say nothing where two alternatives would each say something else", async () => {
		await describeService();
		const progress = schema(method("follow").result);
		expect(progress.description).to.match(/^In one of two ways/);
		const alternatives = JSON.stringify(progress);
		expect(alternatives).to.include('"Where it is."').and.include('"Two letters."');
		expect(alternatives).to.not.include("Since when").and.not.include("Until when");
	});

	it("leave no trace of how they were looked up", async () => {
		await describeService();
		expect(JSON.stringify(service)).to.not.include("homing:");
	});

	it("change neither hashes nor locks, and break nothing", () => {
		const text = readFileSync(join(fixtures, "documented.ts"), "utf8");
		const kept = /@(?:int|minimum 1|service|throws \{Unknown\})/g;
		const bare = text.replaceAll(/\/\*\*[\s\S]*?\*\//g, (comment) => `/** ${(comment.match(kept) ?? []).join(" ")} */`);
		expect(bare).to.not.include("Parcels.");
		const models = [text, bare].map((source) => {
			const workspace = new Workspace({ "documented.ts": source });
			own({ close: () => workspace.remove() });
			const { models: found } = read({ files: [join(workspace.path, "documented.ts")] });
			const hashes = found.map((model) => model.services.map((one) => schemaHashOf(one, definitionsOf(model))));
			return { found, hashes, lock: writeLock(found, join(workspace.path, "homing.lock.json")) };
		});
		const [told, untold] = models;
		expect(told!.hashes).to.deep.equal(untold!.hashes);
		expect(told!.lock).to.equal(untold!.lock);
		expect(told!.lock).to.include('"Parcel"').and.not.include('"doc"');
		expect(findBreaking({ old: told!.found, next: told!.found })).to.deep.equal([]);
	});
});
