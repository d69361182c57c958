/** Types that a source has from elsewhere: by an alias of the tsconfig, from JSON, from a package and what was added to that. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generate } from "@homing/codegen";
import { expect } from "chai";
import { compile, fixtures, moduleSettings, strictest } from "./support/compile.js";

const paths = { "@money/*": ["./lib/*"] };

const files = {
	"package.json": JSON.stringify({ type: "module" }),
	"tsconfig.json": JSON.stringify({
		compilerOptions: {
			module: "NodeNext",
			strict: true,
			exactOptionalPropertyTypes: true,
			resolveJsonModule: true,
			paths,
		},
	}),
	"lib/money.ts": "export interface Money { cents: number }\n",
	"settings.json": JSON.stringify({ port: 1, hosts: ["a"], nested: { deep: null, on: true } }),
	"node_modules/@acme/kit/package.json": JSON.stringify({ name: "@acme/kit", type: "module", types: "./index.d.ts" }),
	"node_modules/@acme/kit/index.d.ts": `
export interface Options { name: string }
export declare enum Top { X = "x", Y = "y" }
export declare namespace Billing {
	enum Plan { Free = "free", Paid = "paid" }
	interface Account { plan: Plan; only: Plan.Free }
	namespace Deep { const enum Tier { Low = 1, High = 2 } }
}
`,
	"service.ts": `
import type { Billing, Options, Top } from "@acme/kit";
import type { ReplyTo } from "@homing/runtime";
import type { Money } from "@money/money.js";
import settings from "./settings.json" with { type: "json" };

declare module "@acme/kit" {
	interface Options { colour?: "red" | "blue" }
}

export interface Elsewhere {
	pay(money: Money, plan: Billing.Plan, account: Billing.Account): Promise<Billing.Plan.Paid>;
	decide(answer: ReplyTo<Money>, pending: Pending): Promise<ReplyTo<Date>[]>;
	configure(options: Options, top: Top, tier: Billing.Deep.Tier): Promise<typeof settings>;
}

export interface Pending { item: string; replyTo: ReplyTo<Money> }

export const defaults: typeof settings = settings;
`,
};

/** Two packages of one workspace, one of which depends on the other by its name. */
const monorepo = {
	"model/package.json": JSON.stringify({ name: "@acme/model", type: "module", types: "./dist/index.d.ts" }),
	"model/dist/index.d.ts": `
export interface Order { id: string; kind: Kind }
export enum Kind { Retail = "retail", Bulk = "bulk" }
export interface Tree { children: Tree[] }
`,
	"api/package.json": JSON.stringify({ name: "@acme/api", type: "module" }),
	"api/tsconfig.json": files["tsconfig.json"],
	"api/src/orders.ts": `
import type { Order } from "@acme/model";
import type { Rules } from "./rules.js";

export interface Orders {
	get(id: string): Promise<Order>;
	rules(): Promise<Rules>;
}
`,
	"api/src/rules.ts": `
import type { Tree } from "@acme/model";

export interface Rules { tree: Tree }
`,
};

describe("types of another package of the workspace", function () {
	this.timeout(60_000);
	let folder: string;

	const orders = () => generate({ files: [join(folder, "api/src/orders.ts")], out: join(folder, "api/src/generated") });

	beforeEach(() => {
		folder = mkdtempSync(join(fixtures, "workspace-"));
		for (const [name, content] of Object.entries(monorepo)) {
			mkdirSync(dirname(join(folder, name)), { recursive: true });
			writeFileSync(join(folder, name), content);
		}
		mkdirSync(join(folder, "api/node_modules/@acme"), { recursive: true });
		symlinkSync(join(folder, "model"), join(folder, "api/node_modules/@acme/model"));
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	it("are imported by its name, as the sources do, and not by a path that is gone once it is published", () => {
		const { files, diagnostics } = orders();
		expect(diagnostics).to.deep.equal([]);
		const { path, text } = files[0]!;
		expect(text.match(/^import type .*;$/gm)).to.deep.equal([
			'import type { Kind, Order, Tree } from "@acme/model";',
			'import type { Orders } from "../orders.js";',
			'import type { Rules } from "../rules.js";',
		]);
		mkdirSync(dirname(path));
		writeFileSync(path, text);
		expect(compile([path], { ...strictest, ...moduleSettings["NodeNext"] })).to.deep.equal([]);
	});

	it("that is not built yet are missed, and what to do is said", () => {
		rmSync(join(folder, "model/dist"), { recursive: true });
		const [first] = orders().diagnostics;
		expect(first).to.include({
			code: "HC003",
			message: "`Order` cannot be found: there is no `@acme/model`, or no types of it.",
			remedy: "Install it; if it is one of your own, build it first, as `tsc -b` does; or check the tsconfig.",
		});
	});

	it("are missed where a service extends one, alone or beside methods of its own", () => {
		for (const own of ["", "own(): Promise<void>;"]) {
			const source = `import type { Bank as Api } from "@acme/bank-api";\nexport interface Bank extends Api { ${own} }\n`;
			writeFileSync(join(folder, "bank.ts"), source);
			const { diagnostics } = generate({ files: ["bank.ts"], cwd: folder, out: "gen" });
			expect(diagnostics.map(({ code, message, location }) => `${code} ${location?.line}: ${message}`)).to.deep.equal([
				"HC003 2: `Api` cannot be found: there is no `@acme/bank-api`, or no types of it.",
			]);
		}
	});
});

describe("types from elsewhere", function () {
	this.timeout(60_000);
	let folder: string;
	let text: string;

	before(() => {
		// Below the fixtures, where the generated file finds the runtime.
		folder = mkdtempSync(join(fixtures, "elsewhere-"));
		for (const [name, content] of Object.entries(files)) {
			mkdirSync(dirname(join(folder, name)), { recursive: true });
			writeFileSync(join(folder, name), content);
		}
		const result = generate({ files: [join(folder, "service.ts")], out: join(folder, "generated") });
		expect(result.diagnostics).to.deep.equal([]);
		mkdirSync(join(folder, "generated"));
		for (const file of result.files) {
			writeFileSync(file.path, file.text);
			text = file.text;
		}
	});

	after(() => rmSync(folder, { recursive: true }));

	/** The schema of a type that the service mentions. */
	const schemaOf = (type: string) => new RegExp(`^const ${type} = ([\\s\\S]*?) satisfies`, "m").exec(text)?.[1];

	it("are read by an alias of the tsconfig, and imported by a path that needs none", () => {
		expect(schemaOf("money")).to.equal("z.object({ cents: z.number() })");
		expect(text).to.include('import type { Money } from "../lib/money.js";');
	});

	it("are what JSON is made of", () => {
		expect(text).to.match(/port: z\.number\(\),\s+hosts: z\.array\(z\.string\(\)\),\s+nested: z\.object\(\{/);
	});

	it("are enums in a package's namespaces, under the names that it exports", () => {
		expect(text).to.include('import type { Billing, Options, Top } from "@acme/kit";');
		expect(schemaOf("plan")).to.equal('(z.literal(["free", "paid"]) as unknown as z.ZodLiteral<Billing.Plan>)');
		expect(schemaOf("tier")).to.equal("(z.literal([1, 2]) as unknown as z.ZodLiteral<Billing.Deep.Tier>)");
		expect(schemaOf("account")).to.include('(z.literal("free") as unknown as z.ZodLiteral<Billing.Plan.Free>)');
	});

	it("are what a package exports together with what was added to it", () => {
		expect(schemaOf("options")).to.match(
			/name: z\.string\(\),\s+colour: z\.enum\(\["red", "blue"\]\)\.exactOptional\(\)/,
		);
	});

	it("are rights to answer, which are texts that know what is to be answered", () => {
		expect(schemaOf("pending")).to.match(/item: z\.string\(\),\s+replyTo: z\.string\(\),/);
		expect(text).to.include("\ttype ReplyTo,\n");
		expect(text).to.include(
			"decide(answer: ReplyTo<Money>, pending: Pending, options?: CallOptions): Promise<ReplyTo<Date>[]>",
		);
	});

	it("compile", () => {
		const options = { ...strictest, ...moduleSettings["NodeNext"], resolveJsonModule: true, paths };
		const sources = ["service.ts", "generated/service.ts"].map((name) => join(folder, name));
		// As of a tsconfig in that folder.
		expect(compile(sources, { ...options, pathsBasePath: folder })).to.deep.equal([]);
	});
});
