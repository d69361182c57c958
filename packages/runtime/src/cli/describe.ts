import type { JsonSchema, MethodDescription, ServiceDescription } from "../reserved/description.js";
import { bold, dim } from "./colours.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target } from "./session.js";
import { signatureOf } from "./signature.js";
import { find, look } from "./surroundings.js";
import { versionsOf } from "./versions.js";

export interface DescribeCommand extends Target {
	/** A service, or `Service.method`; everything when absent. */
	readonly name: string | undefined;
}

/** Says what there is at an endpoint: services, methods and, of one method, its JSON Schemas. Returns the exit status. */
export function describe(command: DescribeCommand): Promise<number> {
	return converse("describe", command, async (connection) => {
		const surroundings = await look(connection);
		if (command.name === undefined) {
			if (command.isJson) console.log(formatValue(surroundings, false));
			else for (const service of surroundings.services) printService(service);
			return Exit.OK;
		}
		const { service, method } = find(surroundings, command.name);
		const described = method === undefined ? undefined : service.methods![method]!;
		if (command.isJson) console.log(formatValue(described ?? service, false));
		else if (described === undefined) printService(service);
		else printMethod(command.name, described);
		return Exit.OK;
	});
}

function printService(service: ServiceDescription): void {
	const { name, schemaHashes, workers, methods } = service;
	const facts = [
		versionsOf(service) ?? schemaHashes.join(" "),
		workers === undefined ? "" : `${workers} ${workers === 1 ? "worker" : "workers"}`,
	];
	console.log(`${bold(name)}  ${dim(facts.filter((fact) => fact !== "").join(", "))}`);
	printText(service.description, "  ");
	if (methods === undefined) console.log("  not described by its workers");
	for (const [key, method] of Object.entries(methods ?? {})) {
		console.log(`  ${signatureOf(key, method)}`);
		// The whole of it is told with the method.
		printText(firstLine(method.description), "    ");
	}
}

function printMethod(name: string, method: MethodDescription): void {
	console.log(bold(signatureOf(name, method)));
	printText(method.description, "");
	printSchema("arguments", method.arguments);
	for (const channel of method.channels) {
		if (channel.kind === "input") {
			printSchema("items of the caller", channel.item);
			continue;
		}
		printSchema("arguments of the callback", channel.arguments);
		if (channel.result !== undefined) printSchema("result of the callback", channel.result);
	}
	if (method.form !== "one-way") printSchema(method.form === "stream" ? "items" : "result", method.result);
	for (const [error, { status, data }] of Object.entries(method.errors)) printSchema(`${error} (${status})`, data);
}

function firstLine(text: unknown): unknown {
	return typeof text === "string" ? text.split("\n", 1)[0] : undefined;
}

function printText(text: unknown, indentation: string): void {
	if (typeof text !== "string") return;
	// It is somebody else's: on a terminal it may say things, and do none.
	const plain = text.replaceAll(/(?!\n)\p{Cc}/gu, "\uFFFD");
	console.log(dim(plain.replaceAll(/^(?=.)/gm, indentation)));
}

function printSchema(title: string, schema: JsonSchema): void {
	console.log(`\n${title}:\n${formatValue(schema, true)}`);
}
