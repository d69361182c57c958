/** Reads the tags of methods that take an argument or none. */
import type { ts } from "ts-morph";
import type { ReadContext } from "./context.js";
import { parseDuration } from "./timeout.js";

export function isIdempotent(context: ReadContext, declaration: ts.Node): boolean {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "idempotent");
	if (tag !== undefined && tag.argument !== "") {
		context.reportTag(
			declaration,
			tag,
			"HC023",
			`\`@idempotent\` takes no argument, and got \`${tag.argument}\`.`,
			"Write `@idempotent` alone, or put the text before it.",
		);
	}
	return tag !== undefined;
}

export function timeoutOf(context: ReadContext, declaration: ts.Node): number | undefined {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "timeout");
	if (tag === undefined) return undefined;
	const timeoutMs = parseDuration(tag.argument);
	if (timeoutMs === undefined) {
		const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
		context.reportTag(
			declaration,
			tag,
			"HC023",
			`\`@timeout\` takes a duration, and got ${given}.`,
			"Write a number and a unit: `500ms`, `2s`, `1m`.",
		);
	}
	return timeoutMs;
}
