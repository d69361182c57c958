/** Compares what callers name in their own code: types, enums' members, interfaces. */
import { dirname, relative } from "node:path/posix";
import { argumentsOf, channelsOf } from "../model/arguments.js";
import { compare } from "../model/diagnostics.js";
import {
	type Definition,
	type Definitions,
	definitionsOf,
	type ServiceModel,
	type SourceModel,
	type Type,
} from "../model/model.js";
import { reachableFrom, typesOf } from "../model/walk.js";
import type { Versions } from "./data.js";
import type { Findings } from "./findings.js";

export interface Released {
	readonly service: ServiceModel;
	readonly source: SourceModel;
}

export function compareNames({ old, next }: Versions<Released>, findings: Findings): void {
	const place = { file: next.source.file, service: next.service.name };
	if (old.service.type.name !== next.service.type.name) {
		const what = `was the interface \`${old.service.type.name}\`, and is \`${next.service.type.name}\` now`;
		findings.add({ code: "HB202", place, what });
	}
	if (old.source.file !== next.source.file) {
		const way = relative(dirname(next.source.file), old.source.file);
		findings.add({ code: "HB202", place, what: `has moved here from ${way.startsWith(".") ? way : `./${way}`}` });
	}
	const now = new Map(mentioned(next).map((definition) => [definition.name, definition]));
	const sent = reachableFrom(sentTypes(next.service), definitionsOf(next.source));
	for (const was of mentioned(old)) {
		const is = now.get(was.name);
		if (is === undefined || !is.isPublic) {
			if (was.isPublic)
				findings.add({ code: "HB201", place, what: `no longer mentions the exported type \`${was.name}\`` });
			continue;
		}
		for (const member of membersGone(was.type, is.type))
			findings.add({
				code: "HB207",
				place,
				what: `mentions \`${was.name}\`, which no longer has the member \`${member}\``,
			});
		if (is.isBranded && !was.isBranded && sent.has(is.name))
			findings.add({ code: "HB208", place, what: `is sent \`${is.name}\`, which is branded now` });
	}
}

/** The definitions that a service mentions, by their names. */
function mentioned({ service, source }: Released): Definition[] {
	const definitions: Definitions = definitionsOf(source);
	const names = reachableFrom(typesOf(service), definitions);
	return [...definitions.values()].filter(({ name }) => names.has(name)).sort((a, b) => compare(a.name, b.name));
}

/** Of an enum that is none any more, all. */
function membersGone(was: Type, is: Type): string[] {
	if (was.kind !== "enum") return [];
	const left = new Set(is.kind === "enum" ? is.members.map(({ name }) => name) : []);
	return was.members.map(({ name }) => name).filter((name) => !left.has(name));
}

function sentTypes(service: ServiceModel): Type[] {
	return service.methods.flatMap((method) => [
		...argumentsOf(method).map(({ type }) => type),
		...channelsOf(method).flatMap((channel) => (channel.kind === "input" ? [channel.item] : (channel.result ?? []))),
	]);
}
