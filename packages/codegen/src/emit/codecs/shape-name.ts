import type { Type } from "../../model/model.js";
import { pascalCase } from "../names.js";

/** What a shape is called wherever it is met, `TextList` or `OrderOrNull`; nothing where its parts do not say it shortly. */
export function shapeName(type: Type): string | undefined {
	switch (type.kind) {
		case "string":
			return type.constraints.length === 0 ? "Text" : undefined;
		case "number":
		case "bigint":
			return type.constraints.length === 0 ? pascalCase(type.kind) : undefined;
		case "boolean":
		case "date":
		case "bytes":
		case "null":
		case "undefined":
			return pascalCase(type.kind);
		case "reference":
			return pascalCase(type.name);
		case "array":
			return type.constraints.length === 0 ? together([type.element], "List") : undefined;
		case "set":
			return type.constraints.length === 0 ? together([type.element], "Set") : undefined;
		case "map":
			return type.constraints.length === 0 ? together([type.key, type.value], "Map") : undefined;
		case "record":
			return type.key.kind === "string" && type.key.constraints.length === 0
				? together([type.value], "Record")
				: undefined;
		case "union": {
			const names = type.members.length <= 3 ? type.members.map(shapeName) : [undefined];
			return names.includes(undefined) ? undefined : names.join("Or");
		}
		default:
			return undefined;
	}
}

function together(types: readonly Type[], suffix: string): string | undefined {
	const names = types.map(shapeName);
	return names.includes(undefined) ? undefined : names.join("") + suffix;
}
