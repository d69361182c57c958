/** Sends values of a package's types through a server and back. */
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { connect, messageCodec, RpcError, Server, type Service, unary } from "@homing/runtime";
import * as fc from "fast-check";
import * as z from "zod";
import { formatPath } from "../../../packages/runtime/src/protocol/validation.js";
import { plain } from "../support/values.js";
import { checkedPlaces, type Path, withWrong } from "./checked-places.js";
import type { Survey } from "./survey.js";

export interface ValuesOptions {
	readonly seed: number;
	/** Types of the package that are tried, by chance. */
	readonly types: number;
	/** Values a type. */
	readonly count: number;
	readonly size: fc.Size;
}

export interface ValuesResult {
	/** Types that were tried. */
	readonly types: number;
	/** Values that came back equal. */
	readonly equal: number;
	/** Mutated values that were refused by client and server, each with the path of the mutation. */
	readonly refused: number;
	/** Types of which nothing could be mutated: anything passes there. */
	readonly unchecked: readonly string[];
	/** What went otherwise, one line each. */
	readonly faults: readonly string[];
}

type Method = (value: unknown) => Promise<unknown>;

interface Stubs {
	readonly PackageClient: new (connection: ReturnType<typeof connect>) => Readonly<Record<string, Method>>;
	readonly packageService: (handlers: Readonly<Record<string, Method>>) => Service;
}

interface Arbitraries {
	readonly packageArbitraries: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

/** Calls without a check at the caller's side: what the server says. */
const uncheckedEcho = (name: string) =>
	unary<readonly [unknown], unknown>({
		name: `Package.${name}`,
		arguments: messageCodec(z.tuple([z.unknown()])),
		result: messageCodec(z.unknown()),
	});

export async function tryValues(
	survey: Survey,
	{ seed, types: most, count, size }: ValuesOptions,
): Promise<ValuesResult> {
	const load = (path: string): Promise<unknown> => import(pathToFileURL(path).href);
	const { PackageClient, packageService } = (await load(survey.stubs)) as Stubs;
	// Arbitraries take their sizes when they are made: those of a package's largest types are to fit a test. They may have
	// another fast-check than this file, if that is run as CommonJS.
	const { configureGlobal, readConfigureGlobal } = await import("fast-check");
	const before = readConfigureGlobal();
	configureGlobal({ ...before, baseSize: size });
	const { packageArbitraries } = (await load(survey.arbitraries)) as Arbitraries;
	configureGlobal(before);
	const definitions = new Map(survey.model.definitions.map(({ name, type }) => [name, type]));
	const types = survey.types.filter((type) => !survey.refused.has(type));

	const entries = [...types.entries()];
	const [chosen = []] = fc.sample(
		fc.shuffledSubarray(entries, {
			minLength: Math.min(most, entries.length),
			maxLength: Math.min(most, entries.length),
		}),
		{ seed, numRuns: 1 },
	);

	const handlers = types.map((_, index) => [`take${index}`, async (value: unknown) => value] as const);
	const server = new Server();
	server.add(packageService(Object.fromEntries(handlers)));
	const connection = connect(await server.bind(`inproc://${survey.package.name}`));
	const client = new PackageClient(connection);
	const faults: string[] = [];
	const unchecked: string[] = [];
	let equal = 0;
	let refused = 0;
	try {
		for (const [index, type] of chosen) {
			const numbers = fc.sample(fc.nat(), { seed, numRuns: count });
			const refusedBefore = refused;
			for (const [run, value] of fc.sample(packageArbitraries[`Tried${index}`]!, { seed, numRuns: count }).entries()) {
				const back = await outcome(client[`take${index}`]!(value));
				if (isDeepStrictEqual(plain(back), plain(value))) equal++;
				else faults.push(`${type}: ${show(value)} came back as ${show(back)}`);

				const places = checkedPlaces({ kind: "reference", name: `Tried${index}` }, value, definitions);
				if (places.length === 0) continue;
				const place = places[numbers[run]! % places.length]!;
				const other = withWrong(value, place);
				const errors = [
					await outcome(client[`take${index}`]!(other)),
					await outcome(connection.call(uncheckedEcho(`take${index}`), [other])),
				];
				if (isRefusal(errors[0], "local", place.path) && isRefusal(errors[1], "peer", place.path)) refused++;
				else {
					const path = formatPath([0, ...place.path], ["value"]);
					faults.push(`${type}: ${show(place.wrong)} at ${path} of ${show(value)}: ${errors.map(show).join(" | ")}`);
				}
			}
			if (refused === refusedBefore) unchecked.push(type);
		}
	} finally {
		await connection.close();
		await server.close();
	}
	return { types: chosen.length, equal, refused, unchecked, faults };
}

/** What a promise comes to, also if that is an error. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
	return promise.catch((error: unknown) => error);
}

function isRefusal(error: unknown, origin: RpcError["origin"], path: Path): boolean {
	if (!(error instanceof RpcError) || error.status !== "INVALID_ARGUMENT" || error.origin !== origin) return false;
	const { violations } = error.details as { readonly violations: readonly { readonly path: string }[] };
	return violations.length === 1 && violations[0]!.path === formatPath([0, ...path], ["value"]);
}

function show(value: unknown): string {
	const text = value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value));
	return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
