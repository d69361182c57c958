/** Compares what was released with what is to be. */
import { compare } from "../model/diagnostics.js";
import { definitionsOf, type MethodModel, type SourceModel } from "../model/model.js";
import { schemaHashOf } from "../model/schema-hash.js";
import { DataComparison, type Versions } from "./data.js";
import { type Finding, Findings } from "./findings.js";
import { compareMethods } from "./methods.js";
import { compareNames, type Released } from "./names.js";

/** Everything in `next` that breaks those who use `old`, by whatever rule; in the order of the services and methods' names. */
export function findBreaking({ old, next }: Versions<readonly SourceModel[]>): Finding[] {
	const findings = new Findings();
	const now = servicesOf(next);
	for (const was of servicesOf(old)) {
		const { name } = was.service;
		const named = now.filter(({ service }) => service.name === name);
		// Services that never meet on one server may share a name.
		const is = named.find(({ source }) => source.file === was.source.file) ?? named[0];
		if (is === undefined) findings.add({ code: "HB101", place: { service: name }, what: "is gone" });
		else compareServices({ old: was, next: is }, findings);
	}
	return findings.all();
}

function servicesOf(sources: readonly SourceModel[]): Released[] {
	return sources
		.flatMap((source) => source.services.map((service) => ({ service, source })))
		.sort((a, b) => compare(a.service.name, b.service.name) || compare(a.source.file, b.source.file));
}

function compareServices({ old, next }: Versions<Released>, findings: Findings): void {
	const versions = { old: definitionsOf(old.source), next: definitionsOf(next.source) };
	const data = new DataComparison(versions, findings);
	compareNames({ old, next }, findings);
	const service = next.service.name;
	const now = new Map(next.service.methods.map((method) => [method.name, method]));
	for (const was of [...old.service.methods].sort((a, b) => compare(a.name, b.name))) {
		const place = { file: next.source.file, service, method: was.name };
		const is = now.get(was.name);
		if (is !== undefined) {
			compareMethods({ old: was, next: is }, place, data, findings);
			continue;
		}
		const successor = successorOf(was, { old, next });
		const what = successor === undefined ? "is gone" : `is gone, and \`${successor}\`, which is new, has its signature`;
		const remedy =
			successor === undefined
				? undefined
				: `Keep \`${was.name}\` beside \`${successor}\`, marked \`@deprecated\`, until nobody calls it.`;
		findings.add({ code: "HB102", place, what, remedy });
	}
}

/** A new method whose messages are those of one that is gone: most likely the same under another name. */
function successorOf(gone: MethodModel, { old, next }: Versions<Released>): string | undefined {
	const known = new Set(old.service.methods.map(({ name }) => name));
	const alone = ({ source }: Released, method: MethodModel) =>
		schemaHashOf({ ...next.service, methods: [{ ...method, name: "" }] }, definitionsOf(source));
	const wanted = alone(old, gone);
	return next.service.methods.find((method) => !known.has(method.name) && alone(next, method) === wanted)?.name;
}
