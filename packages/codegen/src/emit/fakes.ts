/** Emits the file that makes stand-ins of a source's services, for unit tests of their callers. */
import { restOf } from "../model/arguments.js";
import type { ImportExtension } from "../model/import-extension.js";
import type { ServiceModel, SourceModel } from "../model/model.js";
import { deriveName } from "./client.js";
import { type Code, code, docComment, type ImportSymbol, join, typeSymbol } from "./code.js";
import { header } from "./header.js";
import { Names, pascalCase } from "./names.js";
import { Printer } from "./printer.js";
import { testing } from "./runtime.js";
import { type StubNames, stubNamesOf } from "./stub-names.js";

export interface CompanionOptions {
	/** Absolute paths of the generated file and of the stubs beside it, with forward slashes. */
	readonly path: string;
	readonly stubs: string;
	readonly generator: string;
	readonly importExtension: ImportExtension;
}

export function emitFakes(model: SourceModel, { path, stubs, generator, importExtension }: CompanionOptions): string {
	const names = new Names(Object.keys(testing));
	const blocks = [...stubNamesOf(model).stubs].map(([service, own]) =>
		emitFake(service, own, stubs, names.take(`create${pascalCase(service.name)}Fake`)),
	);
	const printer = new Printer(path, names.given, importExtension);
	for (const block of blocks) printer.print(block);
	return printer.toString(header(model, path, generator));
}

function emitFake(service: ServiceModel, names: StubNames, stubs: string, name: string): Code {
	const stub = (exported: string, isType: boolean): ImportSymbol => {
		return { kind: "import", name: exported, local: exported, from: { kind: "file", path: stubs }, isType };
	};
	const client = stub(names.client, false);
	const parameter = code`handlers: Partial<${stub(names.handlers, true)}> = {}`;
	const result = code`${testing.Fake}<${typeSymbol(service.type)}, ${client}>`;
	const properties = [
		code`name: ${JSON.stringify(name)}`,
		code`client: ${client}`,
		code`service: ${stub(names.service, false)}`,
	];
	const derive = deriveName(service);
	if (derive !== undefined) {
		const open = service.methods.filter((method) => restOf(method) !== undefined).map(({ name: own }) => own);
		properties.push(code`open: { methods: ${JSON.stringify(open)}, derive: ${JSON.stringify(derive)} }`);
	}
	const about = code`{ ${join(properties, ", ")} }`;
	const doc = docComment([
		`Stands in for \`${names.client}\` in unit tests of its callers, without a socket: the handlers given answer, all other methods`,
		"fail with UNIMPLEMENTED. `callsOf()` tells what was called.",
	]);
	return code`${doc}export function ${name}(${parameter}): ${result} {\n\treturn ${testing.createFake}(${about}, handlers);\n}`;
}
