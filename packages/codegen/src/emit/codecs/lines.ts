/** What the functions that write and those that read are printed with. */
import type { DiscriminatorValue } from "../../model/discriminator.js";
import type { Type } from "../../model/model.js";
import { type Code, code, indent, join } from "../code.js";
import { identifierOf, pascalCase } from "../names.js";

export function block(head: Code, lines: readonly Code[]): Code {
	return code`${head} {\n\t${indent(join(lines, "\n"))}\n}`;
}

export function bracket(name: string): string {
	return `[${JSON.stringify(name)}]`;
}

export function variantPart(part: string, values: readonly DiscriminatorValue[]): string {
	return part + pascalCase(identifierOf(String(values[0])));
}

export function choicePart(part: string, index: number): string {
	return `${part}${index + 1}`;
}

export function orUndefined(type: Type): Type {
	return { kind: "union", members: [type, { kind: "undefined" }] };
}
