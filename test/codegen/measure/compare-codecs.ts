/**
 * Times the compiled codec of each type of the fixtures, or with `--packages` of the real packages, beside the general codec, on values by
 * chance, and says which is slower; ends where they differ in what they make of one. By hand, as CONTRIBUTING.md says.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { generate } from "@homing/codegen";
import type { Codec, Method } from "@homing/runtime";
import * as fc from "fast-check";
import { surprises } from "../../../packages/runtime/src/protocol/codec.js";
import { surveyPackages } from "../packages/survey.js";
import { fixtureFiles, fixtures } from "../support/compile.js";

const seed = Number(process.env["HOMING_PROPERTY_SEED"] ?? 1);
/** Of one file or package. */
const mostTypes = Number(process.env["HOMING_PACKAGES_TYPES"] ?? 100);
const valuesOfType = 16;
/** Unit: ms of CPU. */
const sliceMs = 2;
const rounds = 5;
/** What looks slower is timed again, longer. */
const closerLook = 8;

/** Two codecs that are as fast differ by less. */
const noise = 1.1;

type AnyCodec = Codec<unknown>;

interface Subject {
	readonly label: string;
	readonly values: fc.Arbitrary<unknown>;
	readonly compiled: AnyCodec;
	readonly general: AnyCodec;
}

const load = (path: string) => import(pathToFileURL(path).href) as Promise<Readonly<Record<string, unknown>>>;

/** The codecs of the results of a module's methods `take0`, `take1` ..., with and without what is compiled. */
async function* subjectsOf(stubs: string, arbitraries: string, types: readonly string[]): AsyncGenerator<Subject> {
	const plain = stubs.replace(/\.ts$/, ".general.ts");
	const text = readFileSync(stubs, "utf8");
	writeFileSync(plain, text.replaceAll(/compiled: \{[^}]*\},?/g, ""));
	const [compiled, general] = [await methodsOf(stubs), await methodsOf(plain)];
	const all = Object.assign({}, ...Object.values(await load(arbitraries))) as Record<string, fc.Arbitrary<unknown>>;
	const step = Math.ceil(types.length / mostTypes);
	for (const [index, type] of types.entries()) {
		if (index % step !== 0) continue;
		// Without a compiled codec there is nothing to compare.
		const [, method = ""] = text.split(`take${index}: unary<`);
		if (!/\n\t\tresult: .*?compiled:/s.test(method.split("\n\t}),")[0]!)) continue;
		const codec = compiled[`take${index}`]!.result as AnyCodec;
		const other = general[`take${index}`]!.result as AnyCodec;
		yield { label: type, values: all[`Tried${index}`]!, compiled: codec, general: other };
	}
}

async function methodsOf(stubs: string): Promise<Readonly<Record<string, Method<readonly unknown[], unknown>>>> {
	const [, descriptor] = Object.entries(await load(stubs)).find(([name]) => name.endsWith("Descriptor"))!;
	return (descriptor as { methods: Record<string, Method<readonly unknown[], unknown>> }).methods;
}

async function* fixtureSubjects(folder: string): AsyncGenerator<Subject> {
	for (const file of fixtureFiles(".")) {
		const name = basename(file, ".ts");
		const first = generate({ files: [file], out: folder, arbitraries: true });
		for (const { path, text } of first.files) writeFileSync(path, text);
		if (first.files.length === 0) continue;
		const groups = Object.values(await load(join(folder, `${name}.arbitraries.ts`)));
		const types = [...new Set(groups.flatMap((group) => Object.keys(group as object)))].filter((type) =>
			new RegExp(`^export (interface|type|enum|class) ${type}\\b(?!<)`, "m").test(readFileSync(file, "utf8")),
		);
		const out = join(folder, "generated");
		mkdirSync(out, { recursive: true });
		const left = writeStubs(name, types, out);
		if (left.length === 0) continue;
		const stubs = join(out, `${name}-values.ts`);
		for await (const subject of subjectsOf(stubs, stubs.replace(/\.ts$/, ".arbitraries.ts"), left)) {
			yield { ...subject, label: `${name} ${subject.label}` };
		}
	}
}

/** Of a service with a method for each type. Those that are no results alone are left out; answers the others. */
function writeStubs(name: string, types: readonly string[], out: string): readonly string[] {
	const source = join(out, "..", `${name}-values.ts`);
	const lines = [
		`import type { ${types.join(", ")} } from "../../fixtures/${name}.js";`,
		...types.map((type, index) => `export type Tried${index} = ${type};`),
		"export interface Values {",
		...types.map((_, index) => `take${index}(): Promise<Tried${index}>;`),
		"}",
	];
	writeFileSync(source, lines.join("\n"));
	const { files, diagnostics } = generate({ files: [source], out, arbitraries: true });
	for (const { path, text } of files) writeFileSync(path, text);
	if (files.length > 0 || types.length === 0) return types;
	const refused = diagnostics.map(({ message }) => /take(\d+)/.exec(message)?.[1]);
	return writeStubs(
		name,
		types.filter((_, index) => !refused.includes(String(index))),
		out,
	);
}

async function* packageSubjects(): AsyncGenerator<Subject> {
	const { surveys, remove } = await surveyPackages();
	try {
		for (const { package: one, stubs, arbitraries, types, refused } of surveys) {
			const left = types.filter((type) => !refused.has(type));
			for await (const subject of subjectsOf(stubs, arbitraries, left)) {
				yield { ...subject, label: `${one.name} ${subject.label}` };
			}
		}
	} finally {
		remove();
	}
}

/** Throws when a body is not the same value to both, or what is written of that is not as long or not the same. Its order is another where docs/decisions/0029 says so. */
function assertAgree(label: string, compiled: AnyCodec, general: AnyCodec, body: Uint8Array): void {
	const value = general.decode(body, 0, body.length);
	const octets = new Uint8Array(body.length);
	const isAsLong = compiled.encode(octets, 0, value) === body.length;
	if (isDeepStrictEqual(compiled.decode(body, 0, body.length), value) && isAsLong) {
		if (isDeepStrictEqual(general.decode(octets, 0, octets.length), value)) return;
	}
	throw new Error(`${label}: the codecs differ about ${Buffer.from(body).toString("hex")}`);
}

/** What one act takes, in CPU. Unit: ns. */
function time(act: (index: number) => unknown, slices: number): number {
	let count = 0;
	const before = process.cpuUsage();
	for (;;) {
		for (let i = 0; i < 64; i++) act(count++);
		const { user, system } = process.cpuUsage(before);
		if (user + system >= slices * sliceMs * 1000) return ((user + system) * 1000) / count;
	}
}

/** How many times the general codec's CPU the compiled one takes: the median of rounds in turns. */
function ratioOf(compiled: (index: number) => unknown, general: (index: number) => unknown, slices = 1): number {
	const ratios = Array.from({ length: rounds }, () => time(compiled, slices) / time(general, slices));
	const ratio = ratios.toSorted((a, b) => a - b)[rounds >> 1]!;
	return ratio > 0.9 && slices === 1 ? ratioOf(compiled, general, closerLook) : ratio;
}

/** Of so many octets a body holds no more values than a body may; types that contain themselves have larger ones, by chance. */
const mostBytes = 1 << 20;
const buffer = new Uint8Array(mostBytes);
const isOfPackages = process.argv.includes("--packages");
const folder = mkdtempSync(join(fixtures, "..", "measure", "compared-"));
const before = fc.readConfigureGlobal();
// Packages have types that mention hundreds of others.
fc.configureGlobal({ ...before, baseSize: isOfPackages ? "xsmall" : "small" });
const all: { readonly label: string; readonly encode: number; readonly decode: number }[] = [];
try {
	const subjects = isOfPackages ? packageSubjects() : fixtureSubjects(folder);
	for await (const { label, values, compiled, general } of subjects) {
		process.stderr.write(`${all.length} ${label}\n`);
		const sample: unknown[] = [];
		const bodies: Uint8Array[] = [];
		for (const value of fc.sample(values, { seed, numRuns: valuesOfType })) {
			const size = general.encode(buffer, 0, value);
			if (size > mostBytes) continue;
			sample.push(value);
			bodies.push(buffer.slice(0, size));
		}
		if (sample.length === 0) throw new Error(`${label}: no value that fits into a body`);
		const value = (index: number) => sample[index % sample.length];
		const body = (index: number) => bodies[index % bodies.length]!;
		const surprisesBefore = surprises.count;
		for (const one of bodies) assertAgree(label, compiled, general, one);
		const surprising = surprises.count - surprisesBefore;
		all.push({
			label: surprising === 0 ? label : `${label}, ${surprising} of ${bodies.length} a surprise`,
			encode: ratioOf(
				(index) => compiled.encode(buffer, 0, value(index)),
				(index) => general.encode(buffer, 0, value(index)),
			),
			decode: ratioOf(
				(index) => compiled.decode(body(index), 0, body(index).length),
				(index) => general.decode(body(index), 0, body(index).length),
			),
		});
	}
} finally {
	rmSync(folder, { recursive: true });
}
const median = (part: "encode" | "decode") =>
	all.map((one) => 1 / one[part]).toSorted((a, b) => a - b)[all.length >> 1]!;
const slower = all.filter(({ encode, decode }) => encode > noise || decode > noise);
for (const { label, encode, decode } of slower) {
	process.stdout.write(`${label}: encode ${encode.toFixed(2)}x, decode ${decode.toFixed(2)}x of the general codec\n`);
}
process.stdout.write(
	`${all.length} types, ${slower.length} slower; the general codec takes ${median("encode").toFixed(1)}x to encode and ${median("decode").toFixed(1)}x to decode, medians\n`,
);
