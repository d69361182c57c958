/** Finds what comments say of types, properties and parameters: their text, which tags end. */
import type { ts } from "ts-morph";
import type { Documented } from "../model/model.js";
import { splitParameter, untagged } from "../model/untagged.js";
import type { ReadContext } from "./context.js";

/** Of several declarations the first that has a text. What packages say of their types is theirs, and stays there. */
export function documentationOf(context: ReadContext, declarations: readonly (ts.Node | undefined)[]): Documented {
	for (const declaration of declarations) {
		if (declaration === undefined || context.isForeign(declaration.getSourceFile())) continue;
		const doc = untagged(context.docOf(declaration).lines);
		if (doc.length > 0) return { doc };
	}
	return {};
}

/** What `@param` says of each parameter, by name. */
export function parameterTexts(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
	const texts = new Map<string, string[]>();
	let open: string[] | undefined;
	for (const line of lines) {
		const [, tag, argument = ""] = /^\s*@([A-Za-z]+)(?:\s+(.*))?$/.exec(line) ?? [];
		if (tag === undefined) open?.push(line.trim());
		else {
			const parameter = tag === "param" ? splitParameter(argument) : undefined;
			open = parameter && [parameter.text];
			if (parameter !== undefined && open !== undefined) texts.set(parameter.name, open);
		}
	}
	const trimmed = [...texts].map(([name, found]) => [name, untagged(found)] as const);
	return new Map(trimmed.filter(([, found]) => found.length > 0));
}
