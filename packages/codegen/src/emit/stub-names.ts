/** What the file for a source calls its exports: the files beside it import them. */
import type { ServiceModel, SourceModel } from "../model/model.js";
import { camelCase, Names, pascalCase } from "./names.js";
import { runtime } from "./runtime.js";

export interface StubNames {
	readonly schemaHash: string;
	readonly methods: string;
	readonly descriptor: string;
	readonly client: string;
	readonly everyone: string;
	readonly handlers: string;
	readonly service: string;
	readonly schemas: string;
}

/** The names of all services, and the scope that has them. */
export function stubNamesOf({ services }: SourceModel): { names: Names; stubs: Map<ServiceModel, StubNames> } {
	const names = new Names(Object.keys(runtime));
	return { names, stubs: new Map(services.map((service) => [service, stubNames(service, names)])) };
}

function stubNames({ name }: ServiceModel, names: Names): StubNames {
	const start = camelCase(name);
	const type = pascalCase(name);
	return {
		schemas: names.take(`${start}Schemas`),
		schemaHash: names.take(`${start}SchemaHash`),
		methods: names.take(`${start}Methods`),
		descriptor: names.take(`${start}Descriptor`),
		client: names.take(`${type}Client`),
		everyone: names.take(`${type}Everyone`),
		handlers: names.take(`${type}Handlers`),
		service: names.take(`${start}Service`),
	};
}
