/** `homing-codegen describe`. */
import { type Flags, settingsOf } from "../config/settings.js";
import { exitStatus } from "../exit-status.js";
import { Generator } from "../generate.js";
import { hasErrors } from "../model/diagnostics.js";
import { definitionsOf, type MethodModel, type Parameter, type SourceModel } from "../model/model.js";
import { schemaHashOf } from "../model/schema-hash.js";
import { shown } from "../paths.js";
import { report } from "../report/report.js";
import type { Terminal } from "../terminal.js";
import { requireServices } from "./services-found.js";

export interface DescribeCommand extends Flags {
	readonly json?: boolean;
}

export function describeCommand(command: DescribeCommand, terminal: Terminal): number {
	const { jobs, errorFormat } = settingsOf(command, terminal.cwd);
	const { models, diagnostics } = new Generator(jobs, terminal.cwd).read();
	if (diagnostics.length > 0) report({ diagnostics, files: [], isWriting: false }, errorFormat, terminal);
	if (hasErrors(diagnostics)) return exitStatus.findings;
	requireServices(models, jobs);
	const described = models.filter(({ services }) => services.length > 0);
	terminal.out(command.json ? asJson(described, terminal.cwd) : described.map(asText).join("\n"));
	return exitStatus.ok;
}

/** The model with relative paths, and each service's schema hash. */
function asJson(models: readonly SourceModel[], cwd: string): string {
	const hashed = models.map((model) => ({
		...model,
		services: model.services.map((service) => ({
			...service,
			schemaHash: schemaHashOf(service, definitionsOf(model)),
		})),
	}));
	const relative = (key: string, value: unknown) =>
		(key === "file" || key === "path") && typeof value === "string" ? shown(value, cwd) : value;
	return `${JSON.stringify(hashed, relative, 2)}\n`;
}

function asText(model: SourceModel): string {
	const lines = model.services.flatMap((service) => [
		`${service.name}  ${schemaHashOf(service, definitionsOf(model))}`,
		...service.methods.map(
			(method) => `  ${method.name}(${method.parameters.map(parameterText).join(", ")})${notesOf(method)}`,
		),
	]);
	return `${lines.join("\n")}\n`;
}

function parameterText(parameter: Parameter): string {
	const { name } = parameter;
	switch (parameter.kind) {
		case "data":
			return parameter.isRest ? `...${name}` : `${name}${parameter.isOptional ? "?" : ""}`;
		case "input":
			return `${name}: stream`;
		case "callback":
			return `${name}${parameter.isUndefinedAllowed ? "?" : ""}: callback`;
	}
}

function notesOf({ form, isIdempotent, timeoutMs, affinity, priority, errors }: MethodModel): string {
	const notes = [
		...(form === "unary" ? [] : [form]),
		...(isIdempotent ? ["idempotent"] : []),
		...(timeoutMs === undefined ? [] : [`timeout ${timeoutMs} ms`]),
		...(affinity === undefined ? [] : [`affinity ${affinity}`]),
		...(priority === undefined ? [] : [`priority ${priority}`]),
		...(errors.length === 0 ? [] : [`throws ${errors.map(({ name }) => name).join(" or ")}`]),
	];
	return notes.length === 0 ? "" : `  ${notes.join(", ")}`;
}
