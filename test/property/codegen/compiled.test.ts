import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { generate } from "@homing/codegen";
import type { Codec, Method } from "@homing/runtime";
import { expect } from "chai";
import * as fc from "fast-check";
import { fixtures } from "../../codegen/support/compile.js";
import { inOtherForms, type Pick } from "../../codegen/support/msgpack-forms.js";

const seed = Number(process.env["HOMING_PROPERTY_SEED"] ?? Date.now() % 1_000_000);
/** For each type that a fixture exports. */
const runs = Number(process.env["HOMING_PROPERTY_BODIES"] ?? 200);

type AnyCodec = Codec<unknown>;

interface Descriptor {
	readonly methods: Readonly<Record<string, Method<readonly unknown[], unknown>>>;
}

type Outcome = { readonly value: unknown } | { readonly refusal: string };

function outcomeOf(act: () => unknown): Outcome {
	try {
		return { value: act() };
	} catch (error) {
		return { refusal: (error as Error).message };
	}
}

function encoded(codec: AnyCodec, value: unknown): Outcome {
	return outcomeOf(() => {
		// A body that was given too little room is written again: it must say how much it takes.
		const size = codec.encode(new Uint8Array(4), 2, value) - 2;
		const tight = new Uint8Array(size + 3);
		expect(codec.encode(tight, 3, value)).to.equal(size + 3);
		const roomy = new Uint8Array(4 * size + 99);
		expect(codec.encode(roomy, 3, value)).to.equal(size + 3);
		expect(roomy.slice(3, 3 + size)).to.deep.equal(tight.slice(3));
		return tight.slice(3);
	});
}

/** What lies around a body belongs to others. */
function decoded(codec: AnyCodec, body: Uint8Array): Outcome {
	const chunk = new Uint8Array(body.length + 16).fill(0xa1);
	chunk.set(body, 8);
	return outcomeOf(() => codec.decode(chunk, 8, 8 + body.length));
}

function edited(body: Uint8Array, pick: Pick): Uint8Array {
	const octets = [...body];
	for (let edits = 1 + pick(3); edits > 0; edits--) {
		const at = pick(Math.max(1, octets.length));
		switch (pick(5)) {
			case 0:
				octets[at] = pick(256);
				break;
			case 1:
				octets.splice(at, 1 + pick(3));
				break;
			case 2:
				octets.splice(at, 0, pick(256));
				break;
			case 3:
				octets.length = at;
				break;
			default:
				octets[at] = [0xc0, 0xc1, 0xd4, 0xdb, 0xdd, 0xdf, 0xc6, 0xcb, 0xcf, 0xd3, 0x90, 0x80][pick(12)]!;
		}
	}
	return Uint8Array.from(octets);
}

const oddities: readonly unknown[] = [
	undefined,
	null,
	-0,
	Number.NaN,
	2 ** 53,
	-(2 ** 53),
	2 ** 32,
	2 ** 31,
	-129,
	1e300,
	2n ** 53n,
	-(2n ** 63n),
	2n ** 64n - 1n,
	"\ud800",
	`${"x".repeat(63)}\udc00`,
	`${"x".repeat(70)}\ud83d`,
	`\ufeff${"mark".repeat(20)}`,
	"\ufeff",
	"\ufffd".repeat(30),
	"é".repeat(31),
	"🕊".repeat(20),
	"x".repeat(31),
	"x".repeat(32),
	"x".repeat(255),
	"x".repeat(256),
	"é".repeat(40_000),
	new Date(0),
	new Date(1),
	new Date(-1),
	new Date(2 ** 32 * 1000),
	new Uint8Array(255),
	new Uint8Array(40_000),
	[],
	{},
	{ __proto__: null },
	new Map(),
	new Set(),
	Object.create({ name: "inherited" }),
];

function mutated(value: unknown, pick: Pick): unknown {
	if (pick(3) === 0) return oddities[pick(oddities.length)];
	const change = (one: unknown, index: number, chosen: number) => (index === chosen ? mutated(one, pick) : one);
	const some = (items: readonly unknown[]) => {
		const chosen = pick(Math.max(1, items.length));
		return items.map((item, index) => change(item, index, chosen));
	};
	if (Array.isArray(value)) return some(value);
	if (value instanceof Set) return new Set(some([...value]));
	if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, mutated(one, pick)]));
	if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array)
		return oddities[pick(oddities.length)];
	const names = Object.keys(value);
	const values = some(Object.values(value));
	return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

/** Whether an object in it has a property that is called by a whole number. */
function hasNumberedName(value: unknown): boolean {
	if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
	if (value instanceof Map || value instanceof Set) return [...value].some(hasNumberedName);
	const isNumbered = !Array.isArray(value) && Object.keys(value).some((name) => /^\d+$/.test(name));
	return isNumbered || Object.values(value).some(hasNumberedName);
}

/** The same module, its codecs once as they are and once without what is compiled. */
interface Twins {
	readonly arbitraries: Readonly<Record<string, fc.Arbitrary<unknown>>>;
	pairs(): Iterable<readonly [part: string, compiled: AnyCodec, general: AnyCodec]>;
}

describe(`compiled codecs and the general one (HOMING_PROPERTY_SEED=${seed})`, () => {
	let folder: string;

	before(() => {
		folder = mkdtempSync(join(import.meta.dirname, "compiled-"));
	});
	after(() => rmSync(folder, { recursive: true }));

	async function load(name: string): Promise<Twins> {
		const { files, diagnostics } = generate({ files: [join(fixtures, `${name}.ts`)], out: folder, arbitraries: true });
		expect(diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
		mkdirSync(folder, { recursive: true });
		for (const { path, text } of files) {
			writeFileSync(path, text);
			writeFileSync(path.replace(/\.ts$/, ".general.ts"), text.replaceAll(/compiled: \{[^}]*\},?/g, ""));
		}
		const from = (file: string) => import(pathToFileURL(join(folder, file)).href) as Promise<Record<string, unknown>>;
		const [compiled, general, arbitraries] = [
			await from(`${name}.ts`),
			await from(`${name}.general.ts`),
			await from(`${name}.arbitraries.ts`),
		];
		return {
			arbitraries: Object.assign({}, ...Object.values(arbitraries)),
			*pairs() {
				for (const [key, descriptor] of Object.entries(compiled)) {
					if (!key.endsWith("Descriptor")) continue;
					const methods = (descriptor as Descriptor).methods;
					const others = (general[key] as Descriptor).methods;
					for (const method of Object.keys(methods)) {
						yield [
							`${method}.arguments`,
							methods[method]!.arguments as AnyCodec,
							others[method]!.arguments as AnyCodec,
						];
						const result = methods[method]!.result as AnyCodec | undefined;
						if (result !== undefined) yield [`${method}.result`, result, others[method]!.result as AnyCodec];
					}
				}
			},
		};
	}

	for (const name of ["bank", "forms", "constraints", "recursion", "generics", "wire", "defaults"]) {
		it(`agree on every value and every body of ${name}`, async function () {
			this.timeout(20_000 + runs * 500);
			const { arbitraries, pairs } = await load(name);
			const values = fc.oneof(...Object.values(arbitraries));
			const lists = fc.array(values, { maxLength: 3 });
			for (const [part, compiled, general] of pairs()) {
				const property = fc.property(fc.oneof(lists, values), fc.infiniteStream(fc.nat()), (value, numbers) => {
					const pick: Pick = (below) => numbers.next().value! % below;
					const given = pick(2) === 0 ? value : mutated(value, pick);
					const body = encoded(general, given);
					const written = encoded(compiled, given);
					if (hasNumberedName(given) && "value" in body && "value" in written) {
						// Objects have such names first, compiled codecs behind the declared ones: docs/decisions/0029.
						const [one, other] = [written.value as Uint8Array, body.value as Uint8Array];
						expect(one.length, `${part}: written`).to.equal(other.length);
						expect(decoded(general, one), `${part}: written`).to.deep.equal(decoded(general, other));
					} else {
						expect(written, `${part}: written`).to.deep.equal(body);
					}
					if (!("value" in body)) return;
					let octets = body.value as Uint8Array;
					if (pick(3) === 0) octets = inOtherForms(octets, pick);
					if (pick(3) === 0) octets = edited(octets, pick);
					const expected = decoded(general, octets);
					const found = decoded(compiled, octets);
					expect(isDeepStrictEqual(found, expected), `${part}: read ${Buffer.from(octets).toString("hex")}`).to.equal(
						true,
					);
				});
				fc.assert(property, { seed, numRuns: runs });
			}
		});
	}
});
