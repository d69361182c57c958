/** Methods as people read them. */
import type { ChannelDescription, JsonSchema, MethodDescription } from "../reserved/description.js";

/** `order(order: object): integer`, with what else is to be known of it behind. */
export function signatureOf(name: string, method: MethodDescription): string {
	const data = ((method.arguments["prefixItems"] ?? []) as JsonSchema[]).map(
		(item, index) =>
			`${typeof item["title"] === "string" ? item["title"] : `argument${index}`}: ${typeOf(item)}${defaultOf(item)}`,
	);
	const parameters = [...data, ...method.channels.map(channelOf)].join(", ");
	const result = { unary: typeOf(method.result), stream: `stream of ${typeOf(method.result)}`, "one-way": "one-way" };
	const marks = [
		method.isIdempotent ? "idempotent" : "",
		method.timeoutMs === undefined ? "" : `${method.timeoutMs} ms`,
		Object.keys(method.errors).length === 0 ? "" : `throws ${Object.keys(method.errors).join(", ")}`,
	].filter((mark) => mark !== "");
	return `${name}(${parameters}): ${result[method.form]}${marks.length === 0 ? "" : `  [${marks.join("; ")}]`}`;
}

function channelOf(channel: ChannelDescription): string {
	if (channel.kind === "input") return `stream of ${typeOf(channel.item)}`;
	const items = ((channel.arguments["prefixItems"] ?? []) as JsonSchema[]).map(typeOf);
	return `callback(${items.join(", ")})${channel.result === undefined ? "" : `: ${typeOf(channel.result)}`}`;
}

function defaultOf({ default: value }: JsonSchema): string {
	return value === undefined ? "" : ` = ${JSON.stringify(value)}`;
}

/** One or two words for a schema: the whole of it is JSON. */
function typeOf(schema: JsonSchema): string {
	const { type, items, anyOf, enum: members, const: value, $ref } = schema as { readonly [key: string]: unknown };
	if (value !== undefined) return JSON.stringify(value);
	if (Array.isArray(members)) return members.map((member) => JSON.stringify(member)).join(" | ");
	if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(typeOf).join(" | ");
	if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
	if (type === "array" && typeof items === "object" && items !== null) return `${typeOf(items as JsonSchema)}[]`;
	return typeof type === "string" ? type : "any";
}
