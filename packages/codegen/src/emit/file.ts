/** Emits the file for one source file. */
import type { ImportExtension } from "../model/import-extension.js";
import { type Definition, definitionsOf, type ServiceModel, type SourceModel } from "../model/model.js";
import { reachableFrom, typesOf } from "../model/walk.js";
import { Planner } from "../model/wire.js";
import { emitClient } from "./client.js";
import { type Code, code, docComment, lines, propertyName } from "./code.js";
import { CodecEmitter, type Remark } from "./codecs/codecs.js";
import { ConversionEmitter } from "./conversions.js";
import { declarationOrder } from "./declaration-order.js";
import { type Emitters, emitDescriptor, emitMethods, emitSchemaHash } from "./descriptor.js";
import { emitDocs } from "./docs.js";
import { emitEveryone } from "./everyone.js";
import { header } from "./header.js";
import { camelCase } from "./names.js";
import { Printer } from "./printer.js";
import { z } from "./runtime.js";
import { SchemaEmitter } from "./schemas.js";
import { emitServer } from "./server.js";
import { type StubNames, stubNamesOf } from "./stub-names.js";

export interface EmitOptions {
	/** Absolute path of the generated file, with forward slashes. */
	readonly path: string;
	/** Name and version of the generator, for the first line. */
	readonly generator: string;
	readonly importExtension: ImportExtension;
}

/** The same model gives the same text. */
export function emitFile(model: SourceModel, options: EmitOptions): string {
	return emit(model, options).text;
}

/** What of a source the general codec reads and writes, and why. */
export function remarksOn(model: SourceModel): readonly Remark[] {
	return emit(model, { path: model.file, generator: "", importExtension: "none" }).remarks;
}

function emit(
	model: SourceModel,
	{ path, generator, importExtension }: EmitOptions,
): { readonly text: string; readonly remarks: readonly Remark[] } {
	const definitions = definitionsOf(model);
	const order = declarationOrder(reachableFrom(model.services.flatMap(typesOf), definitions), definitions);
	const planner = new Planner(definitions);
	const { names, stubs } = stubNamesOf(model);
	const optionalHelper = model.isUndefinedOptional ? names.take("optional") : undefined;
	const schemaConstants = new Map(order.names.map((name) => [name, names.take(constantName(name), "Schema")]));
	const converted = order.names.filter((name) => planner.planOf(definitions.get(name)!.type) !== undefined);
	const conversionConstants = new Map(
		converted.map((name) => [name, names.take(`${schemaConstants.get(name)}Conversion`)]),
	);
	const schemas = new SchemaEmitter({ definitions, order, constants: schemaConstants, optionalHelper });
	const conversions = new ConversionEmitter({ definitions, planner, constants: conversionConstants });
	const { isUndefinedOptional } = model;
	const codecs = new CodecEmitter({ definitions, schemas, conversions, planner, names, isUndefinedOptional });
	const emitters: Emitters = { schemas, conversions, codecs, planner, definitions };

	const blocks: Code[] = [];
	const declared = new Set<string>();
	for (const name of order.names) {
		blocks.push(schemas.declaration(definitions.get(name)!, declared));
		declared.add(name);
	}
	blocks.push(...conversions.declarations(converted));
	const services: Code[] = [];
	for (const [service, own] of stubs) {
		const reached = reachableFrom(typesOf(service), definitions);
		const shared = [...reached].map((name) => definitions.get(name)!).filter(({ isPublic }) => isPublic);
		services.push(
			emitSchemas(service, own, shared, schemaConstants),
			emitSchemaHash(service, own, definitions),
			emitMethods(service, own, emitters),
			emitDescriptor(service, own, emitDocs(service, { definitions, constants: schemaConstants })),
			emitClient(service, own),
			emitEveryone(service, own) ?? [],
			...emitServer(service, own),
		);
	}
	blocks.push(...codecs.declarations(), ...services);
	if (optionalHelper !== undefined && schemas.isOptionalHelperUsed) blocks.unshift(optionalHelperCode(optionalHelper));
	const printer = new Printer(path, names.given, importExtension);
	for (const block of blocks) printer.print(block);
	return { text: printer.toString(header(model, path, generator)), remarks: codecs.remarks };
}

function constantName(name: string): string {
	return camelCase(name.replaceAll(/[^\p{ID_Continue}$]/gu, "_"));
}

function optionalHelperCode(name: string): Code {
	const doc = docComment([
		"The types are compiled without `exactOptionalPropertyTypes`: what is optional may also be `undefined`. The schema's own",
		"type does not say so, which suits compilers with and without that option.",
	]);
	return code`${doc}function ${name}<Schema extends ${z}.core.SomeType>(schema: Schema): ${z}.ZodExactOptional<Schema> {\n\treturn ${z}.optional(schema) as unknown as ${z}.ZodExactOptional<Schema>;\n}`;
}

function emitSchemas(
	service: ServiceModel,
	names: StubNames,
	definitions: readonly Definition[],
	constants: ReadonlyMap<string, string>,
): Code {
	const properties = definitions.map(({ name }): Code => {
		const constant = constants.get(name)!;
		return [name === constant ? name : `${propertyName(name)}: ${constant}`];
	});
	const doc = docComment([`The schemas of the types that \`${service.name}\` mentions.`]);
	return code`${doc}export const ${names.schemas} = ${properties.length === 0 ? ["{}"] : lines("{", properties, "}")};`;
}
