/** Reads rest parameters: one argument, the list of what was given. */
import { restDefault } from "../model/arguments.js";
import { type DataParameter, maxRestValues, type Type } from "../model/model.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import { constrain } from "./constraints.js";
import { refuseDefaults } from "./defaults.js";
import { documentationOf } from "./documentation.js";
import { warnOfInexactId } from "./ids.js";
import { warnOfLostConstraints } from "./lost-constraints.js";
import { typeText } from "./names.js";
import type { ListedParameter } from "./parameter-list.js";
import { hintFor, type Reading } from "./reading.js";

/** `undefined` for one that cannot be; that has been reported. */
export function readRestData(reading: Reading, listed: ListedParameter): DataParameter | undefined {
	const { context } = reading;
	const { declaration, name, bindings, site } = listed;
	const read = readList(reading, listed);
	if (declaration !== undefined) refuseDefaults(reading, declaration, site);
	const constrained = declaration === undefined ? read : constrainByDoc(reading, read, declaration, site);
	warnOfLostConstraints(reading, listed.typeNode, constrained, site);
	warnOfInexactId(reading, name, constrained, declaration, site);
	const type = resolved(reading, constrained);
	if (type.kind !== "array") return undefined;
	const boundsOf = (keyword: string) =>
		type.constraints.filter((one) => one.keyword === keyword).map(({ value }) => Number(value));
	const refuse = (problem: string, remedy: string) => {
		context.report("HC008", site, `${site.trail} ${problem}.`, remedy);
		return undefined;
	};
	if (boundsOf("minItems").some((bound) => bound > 0)) {
		return refuse(
			"has a least number of values, and whoever knows an older version of the interface gives none",
			"Write the first ones as parameters of their own: `first: T, ...others: T[]`.",
		);
	}
	const bounds = boundsOf("maxItems");
	if (bounds.length > 0 && Math.min(...bounds) > maxRestValues) {
		return refuse(
			`takes up to ${Math.min(...bounds)} values, and more than ${maxRestValues} arguments are too many for a function`,
			"Take them as one parameter that is an array, without the dots.",
		);
	}
	const bounded =
		bounds.length > 0 ? type : constrain(type, { keyword: "maxItems", value: maxRestValues }, () => undefined)!;
	const { list } = listed;
	const hint = list?.type === undefined ? undefined : hintFor(context, list.node, list.type, bindings);
	const spelled =
		list?.type === undefined && hintFor(context, listed.typeNode, listed.type, bindings) ? list?.node : hint?.node;
	const text = spelled === undefined ? undefined : typeText(context, spelled);
	const documented = documentationOf(context, [declaration]);
	return {
		kind: "data",
		name,
		isOptional: true,
		isRest: true,
		type: bounded,
		text,
		default: restDefault,
		...documented,
	};
}

function readList(reading: Reading, { type, typeNode, bindings, list, site }: ListedParameter): Type {
	const { context } = reading;
	if (list?.type !== undefined) {
		return reading.read(list.type, hintFor(context, list.node, list.type, bindings), site);
	}
	const inner = { ...site, trail: `${site.trail}[]` };
	return {
		kind: "array",
		element: reading.read(type, hintFor(context, typeNode, type, bindings), inner),
		constraints: [],
	};
}

/** A list with a name is a list here: its bound is this parameter's. */
function resolved(reading: Reading, type: Type): Type {
	let found = type;
	while (found.kind === "reference") {
		const target = reading.definition(found.name)?.type;
		if (target === undefined) return found;
		found = target;
	}
	return found;
}
