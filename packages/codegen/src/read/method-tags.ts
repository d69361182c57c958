/** Reads the tags of methods that take an argument or none. */
import type { ts } from "ts-morph";
import type { Parameter } from "../model/model.js";
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

export function affinityOf(
	context: ReadContext,
	declaration: ts.Node,
	parameters: readonly Parameter[],
): string | undefined {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "affinity");
	if (tag === undefined) return undefined;
	const data = parameters.filter(({ kind }) => kind === "data").map(({ name }) => name);
	if (data.includes(tag.argument)) return tag.argument;
	const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
	context.reportTag(
		declaration,
		tag,
		"HC023",
		`\`@affinity\` takes the name of a parameter that is data, and got ${given}.`,
		data.length === 0
			? "Leave it out: no parameter is data."
			: `Write ${data.map((name) => `\`@affinity ${name}\``).join(" or ")}.`,
	);
	return undefined;
}

export function priorityOf(context: ReadContext, declaration: ts.Node): number | undefined {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "priority");
	if (tag === undefined) return undefined;
	const priority = /^\d{1,3}$/.test(tag.argument) ? Number(tag.argument) : Number.NaN;
	if (priority <= 255) return priority;
	const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
	context.reportTag(
		declaration,
		tag,
		"HC023",
		`\`@priority\` takes a whole number from 0 to 255, and got ${given}.`,
		"Write it like `@priority 10`; lower goes first, and 128 is what calls have without it.",
	);
	return undefined;
}
