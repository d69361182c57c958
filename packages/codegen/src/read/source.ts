/** Reads one source file. */
import { ts } from "ts-morph";
import { findAmbiguities } from "../model/ambiguity.js";
import { type Diagnostic, sortDiagnostics } from "../model/diagnostics.js";
import { definitionsOf, type SourceModel } from "../model/model.js";
import { orderUnions } from "../model/union-order.js";
import { ReadContext } from "./context.js";
import { nearMiss, readServices } from "./services.js";
import { TypeReader } from "./types.js";

export interface ReadResult {
	readonly model: SourceModel;
	readonly diagnostics: readonly Diagnostic[];
}

/** `isRequired`: the user named this very file, so it must have a service. */
export function readSource(program: ts.Program, file: ts.SourceFile, isRequired: boolean): ReadResult {
	const context = new ReadContext(program, file);
	const reader = new TypeReader(context);
	const mistakes = program.getSyntacticDiagnostics(file);
	for (const { start, length, messageText } of mistakes) {
		context.reportRange("HC002", file, start, start + length, ts.flattenDiagnosticMessageText(messageText, " "));
	}
	// What the compiler makes of the rest is a guess, and what would be said of it too.
	const services = mistakes.length > 0 ? [] : readServices(reader, file);
	reader.nameRecursive();
	const { definitions } = reader;
	orderUnions(reader.unionSites.keys(), definitionsOf({ definitions }));
	for (const { code, type, message, remedy } of findAmbiguities(services, definitionsOf({ definitions }))) {
		const site = reader.unionSites.get(type);
		if (site !== undefined) context.report(code, site, `${site.trail}: ${message}`, remedy);
	}
	if (isRequired && services.length === 0 && context.diagnostics.length === 0) {
		const why = nearMiss(context, file);
		const message = `This file exports no interface whose members are all methods${why === undefined ? "" : `: ${why}`}.`;
		context.reportRange("HC001", file, 0, 0, message);
	}
	const model = { file: file.fileName, isUndefinedOptional: context.isUndefinedOptional, services, definitions };
	return { model, diagnostics: sortDiagnostics(context.diagnostics) };
}
