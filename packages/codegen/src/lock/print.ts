/** Prints JSON so that a change shows in few lines: what fits on a line is on one. */

/** Unit: characters of a line. */
const width = 140;

/** Properties that are `undefined` are left out. */
export function printJson(value: unknown, indent = ""): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const entries = Object.entries(value).filter(([, item]) => item !== undefined);
	const isList = Array.isArray(value);
	const inner = `${indent}  `;
	const items = entries.map(([key, item]) => `${isList ? "" : `${JSON.stringify(key)}: `}${printJson(item, inner)}`);
	const [open, close] = isList ? ["[", "]"] : ["{", "}"];
	if (items.length === 0) return open + close;
	const space = isList ? "" : " ";
	const line = `${open}${space}${items.join(", ")}${space}${close}`;
	if (line.length + inner.length <= width && !line.includes("\n")) return line;
	return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}
