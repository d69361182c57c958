/** Reads `@default`: what a receiver finds in the place of what was left out. */
import { ts } from "ts-morph";
import type { Default, Type } from "../model/model.js";
import type { Site } from "./context.js";
import type { JsDocTag } from "./jsdoc.js";
import { defaultTag } from "./jsdoc.js";
import { fit } from "./json-values.js";
import type { Reading } from "./reading.js";

/** A property or a parameter. */
export interface Declared {
	readonly declaration: ts.Declaration;
	/** Here: `Partial` and `Required` may have changed it. */
	readonly isOptional: boolean;
}

/** In a package, what cannot be a default is meant for readers, and passed over. */
export function defaultByDoc(
	reading: Reading,
	type: Type,
	{ declaration, isOptional }: Declared,
	site: Site,
): Default | undefined {
	const { context } = reading;
	const tag = context.docOf(declaration).tags.find(({ name }) => name === defaultTag);
	if (tag === undefined) return undefined;
	const isForeign = context.isForeign(declaration.getSourceFile());
	if (!isOptional) {
		if (!isForeign && !isDeclaredOptional(declaration)) refuseDefault(reading, declaration, tag, site);
		return undefined;
	}
	const found = parse(tag.argument);
	const fitted = "problem" in found ? found : fit(found.value, type, (name) => reading.definition(name)?.type);
	if ("value" in fitted) return JSON.stringify(fitted.value);
	if (isForeign) return undefined;
	const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
	context.reportTag(
		declaration,
		tag,
		"HC021",
		`\`@${defaultTag}\` takes a value of ${site.trail} in JSON, and got ${given}: ${fitted.problem}.`,
		`Write it like \`@${defaultTag} 20\`, \`@${defaultTag} "text"\` or \`@${defaultTag} []\`.`,
	);
	return undefined;
}

/** Of a type, which has nothing to be left out. */
export function refuseDefaults(reading: Reading, declaration: ts.Declaration, site: Site): void {
	const { context } = reading;
	if (context.isForeign(declaration.getSourceFile())) return;
	const tag = context.docOf(declaration).tags.find(({ name }) => name === defaultTag);
	if (tag !== undefined) refuseDefault(reading, declaration, tag, site);
}

function refuseDefault({ context }: Reading, declaration: ts.Declaration, tag: JsDocTag, site: Site): void {
	const message = `\`@${defaultTag}\` is for properties and parameters that may be left out, and does not fit ${site.trail}.`;
	context.reportTag(declaration, tag, "HC022", message, "Make it optional, or leave out the tag.");
}

function isDeclaredOptional(declaration: ts.Declaration): boolean {
	const isTyped =
		ts.isPropertySignature(declaration) ||
		ts.isPropertyDeclaration(declaration) ||
		ts.isParameter(declaration) ||
		ts.isNamedTupleMember(declaration);
	return isTyped && declaration.questionToken !== undefined;
}

function parse(text: string): { readonly value: unknown } | { readonly problem: string } {
	try {
		const value: unknown = JSON.parse(text, (key, inner) => {
			if (key === "__proto__") throw new Error("`__proto__` names an object's prototype");
			return inner;
		});
		return { value };
	} catch (error) {
		return { problem: error instanceof SyntaxError ? "that is no JSON" : (error as Error).message };
	}
}
