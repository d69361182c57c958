/** Spells types as people would, in a few words. */
import type { Constraint, EnumName, LiteralValue, Type } from "../model/model.js";

/** Alternatives shown before the rest is only counted. */
const maxShown = 5;

function spellEnum({ type, members = "" }: EnumName): string {
	return `${type?.name}${members}`;
}

export function spell(type: Type): string {
	switch (type.kind) {
		case "reference":
			return type.name;
		case "literal":
			return type.member?.enum.type === undefined
				? spellLiteral(type.value)
				: `${spellEnum(type.member.enum)}.${type.member.name}`;
		case "enum":
			return type.enum.type === undefined ? spellAll(type.values.map(spellLiteral)) : spellEnum(type.enum);
		case "union":
			return spellAll(type.members.map(spell));
		case "array":
			return `${type.element.kind === "union" ? `(${spell(type.element)})` : spell(type.element)}[]`;
		case "set":
			return `Set<${spell(type.element)}>`;
		case "map":
			return `Map<${spell(type.key)}, ${spell(type.value)}>`;
		case "record":
			return `Record<${spell(type.key)}, ${spell(type.value)}>`;
		case "tuple": {
			const elements = type.elements.map((element) => `${spell(element.type)}${element.isOptional ? "?" : ""}`);
			const rest = type.rest === undefined ? [] : [`...${spell(type.rest)}[]`];
			return `[${[...elements, ...rest].join(", ")}]`;
		}
		case "object": {
			// What tells it from others is worth the room.
			const properties = type.properties.map((property) => {
				const value = property.type.kind === "literal" ? `: ${spell(property.type)}` : "";
				return `${property.name}${property.isOptional ? "?" : ""}${value}`;
			});
			return properties.length === 0 ? "{}" : `{ ${spellAll(properties, ", ")} }`;
		}
		case "template":
			return `\`${type.parts.map((part) => (typeof part === "string" ? part : `\${${spell(part)}}`)).join("")}\``;
		case "date":
			return "Date";
		case "bytes":
			return "Uint8Array";
		default:
			return type.kind;
	}
}

export function spellAll(texts: readonly string[], separator = " | "): string {
	if (texts.length <= maxShown) return texts.join(separator);
	return `${texts.slice(0, maxShown - 1).join(separator)} and ${texts.length - maxShown + 1} more`;
}

export function spellLiteral(value: LiteralValue): string {
	return typeof value === "object" ? `${value.bigint}n` : JSON.stringify(value);
}

export function spellConstraint({ keyword, value }: Constraint): string {
	return value === true ? `@${keyword}` : `@${keyword} ${value}`;
}
