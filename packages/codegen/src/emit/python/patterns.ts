/** Regular expressions of JavaScript's in Python. */
import type { TemplateType, Type } from "../../model/model.js";

/**
 * A pattern with the `u` flag as one that Python understands in the same way under `re.ASCII`; `undefined` for one with a
 * construct that the two do not have in common. Cautious: what it lets through means the same.
 */
export function pythonPattern(source: string): string | undefined {
	let found = "";
	for (let at = 0; at < source.length; at++) {
		const character = source[at]!;
		if (character === "\\") {
			const escaped = source[++at] ?? "";
			// Digits and words are ASCII's in both, white space is not; the rest of these stands for itself.
			if (!/^[dDwWbBnrtfv/^$\\.*+?()[\]{}|-]$/.test(escaped)) return undefined;
			found += escaped === "/" ? "/" : `\\${escaped}`;
		} else if (character === "[") {
			const end = endOfClass(source, at);
			const inside = source.slice(at + 1, end);
			// An empty class, and what Python may one day take for operations on sets.
			if (
				end === -1 ||
				inside === "" ||
				inside === "^" ||
				/\[|--|&&|~~|\|\||\\[^dDwWnrtfv/^$\\.*+?()[\]{}|-]/.test(inside)
			)
				return undefined;
			found += `[${inside.replaceAll("\\/", "/")}]`;
			at = end;
		} else if (character === "(" && source[at + 1] === "?" && !/^\(\?[:=!]/.test(source.slice(at, at + 3))) {
			return undefined;
		} else if (character === "$") {
			// Python's would also stand in front of a last line feed.
			found += "\\Z";
		} else if (character === ".") {
			found += "[^\\n\\r\\u2028\\u2029]";
		} else {
			found += character;
		}
	}
	return found;
}

function endOfClass(source: string, start: number): number {
	for (let at = start + 1; at < source.length; at++) {
		if (source[at] === "\\") at++;
		else if (source[at] === "]") return at;
	}
	return -1;
}

/** A template literal type as a pattern for the whole text. */
export function templatePattern(type: TemplateType): string {
	return `^${parts(type)}\\Z`;
}

function parts(type: TemplateType): string {
	return type.parts.map((part) => (typeof part === "string" ? escape(part) : partPattern(part))).join("");
}

function partPattern(type: Type): string {
	switch (type.kind) {
		case "number":
			return "-?\\d+(?:\\.\\d+)?";
		case "bigint":
			return "-?\\d+";
		case "boolean":
			return "(?:true|false)";
		case "null":
		case "undefined":
			return type.kind;
		case "literal":
			return escape(typeof type.value === "object" ? type.value.bigint : String(type.value));
		case "enum":
			return `(?:${type.values.map((value) => escape(String(value))).join("|")})`;
		case "template":
			return parts(type);
		case "union":
			return `(?:${type.members.map(partPattern).join("|")})`;
		default:
			return "[\\s\\S]*";
	}
}

function escape(text: string): string {
	return text.replaceAll(/[\\^$.*+?()[\]{}|\-#&~\s]/g, "\\$&");
}
