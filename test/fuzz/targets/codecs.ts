import { isDeepStrictEqual } from "node:util";
import { type Codec, InvalidValue, type Method } from "@homing/runtime";
import * as fc from "fast-check";
import { BodyReader } from "../../../packages/runtime/src/protocol/compiled-reading.js";
import { inOtherForms } from "../../codegen/support/msgpack-forms.js";
import type { Dice } from "../dice.js";
import { mutateOctets } from "../mutate.js";
import { must, type Target } from "../target.js";

const expected = new URL("../../codegen/fixtures/expected/", import.meta.url);
const fixtures = ["bank", "forms", "constraints", "recursion", "generics", "wire"] as const;
/** Of each type that a fixture exports. */
const valuesOfEach = 40;

interface Part {
	readonly codec: Codec<unknown>;
	/** Values of the types of its fixture, some of which are its own. */
	readonly values: () => readonly unknown[];
}

interface Descriptor {
	readonly methods: Readonly<Record<string, Method<readonly unknown[], unknown>>>;
}

/** By `fixture/method.arguments` and `fixture/method.result`. */
const parts = new Map<string, Part>();
for (const fixture of fixtures) {
	const load = (file: string) => import(new URL(file, expected).href) as Promise<Record<string, unknown>>;
	const [stubs, arbitraries] = [await load(`${fixture}.ts`), await load(`${fixture}.arbitraries.ts`)];
	let drawn: readonly unknown[] | undefined;
	const values = () => {
		const all = Object.values(
			Object.assign({}, ...Object.values(arbitraries)) as Record<string, fc.Arbitrary<unknown>>,
		);
		drawn ??= all.flatMap((arbitrary) => fc.sample(arbitrary, { seed: 1, numRuns: valuesOfEach }));
		return drawn;
	};
	for (const [name, descriptor] of Object.entries(stubs)) {
		if (!name.endsWith("Descriptor")) continue;
		for (const [method, { arguments: list, result }] of Object.entries((descriptor as Descriptor).methods)) {
			parts.set(`${fixture}/${method}.arguments`, { codec: list as Codec<unknown>, values });
			if (result !== undefined) parts.set(`${fixture}/${method}.result`, { codec: result as Codec<unknown>, values });
		}
	}
}
const names = [...parts.keys()];

/**
 * The name of a codec behind its length, and a body for it: what is compiled must read it as the general codec alone does,
 * which goes on to explain what surprised the other.
 */
export const codecs: Target = {
	name: "codecs",
	isStream: false,
	generate(dice) {
		const name = dice.pick(names);
		const body = validBody(parts.get(name)!, dice);
		return withName(
			name,
			body === undefined ? dice.octets(dice.length(200)) : inOtherForms(body, (n) => dice.below(n)),
		);
	},
	mutate(input, other, dice) {
		const { name, body } = takeApart(input);
		const chosen = parts.has(name) && dice.chance(0.95) ? name : dice.pick(names);
		return withName(chosen, mutateOctets(body, takeApart(other).body, dice));
	},
	run(input, _cut, besides) {
		const { name, body } = takeApart(input);
		const part = parts.get(name);
		if (part === undefined) return "no such codec";
		const found = outcomeOf(part.codec, body);
		besides(() => {
			const alone = withoutCompiled(() => outcomeOf(part.codec, body));
			must(isDeepStrictEqual(found, alone), `${name} of ${Buffer.from(body).toString("hex")} is read otherwise`);
			must(!("x" in {}), "a prototype has changed");
		});
		return "refusal" in found ? found.refusal : "read";
	},
};

function withName(name: string, body: Uint8Array): Buffer {
	return Buffer.concat([Buffer.of(name.length), Buffer.from(name), body]);
}

function takeApart(input: Uint8Array): { name: string; body: Uint8Array } {
	const end = 1 + (input[0] ?? 0);
	return { name: Buffer.from(input.subarray(1, end)).toString("latin1"), body: input.subarray(end) };
}

function validBody({ codec, values }: Part, dice: Dice): Uint8Array | undefined {
	const one = () => dice.pick(values());
	for (let tries = 0; tries < 10; tries++) {
		const value = dice.pick([one, () => [one()], () => [one(), one()]])();
		const buffer = new Uint8Array(2000);
		try {
			const end = codec.encode(buffer, 0, value);
			if (end <= buffer.length) return buffer.subarray(0, end);
		} catch (error) {
			if (!(error instanceof InvalidValue)) throw error;
		}
	}
	return undefined;
}

type Outcome = { readonly value: unknown } | { readonly refusal: string };

/** What lies around a body belongs to others. */
function outcomeOf(codec: Codec<unknown>, body: Uint8Array): Outcome {
	const chunk = new Uint8Array(body.length + 16).fill(0xa1);
	chunk.set(body, 8);
	try {
		return { value: codec.decode(chunk, 8, 8 + body.length) };
	} catch (error) {
		if (!(error instanceof InvalidValue)) throw error;
		return { refusal: error.message };
	}
}

/** Whatever is compiled is surprised at once. */
function withoutCompiled<T>(act: () => T): T {
	const { start } = BodyReader.prototype;
	BodyReader.prototype.start = () => {
		throw new Error("not compiled");
	};
	try {
		return act();
	} finally {
		BodyReader.prototype.start = start;
	}
}
