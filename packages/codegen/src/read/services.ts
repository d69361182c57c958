/** Finds the services of a file. */
import { ts } from "ts-morph";
import type { ErrorModel, MethodModel, ServiceModel } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { inheritanceOf } from "./inheritance.js";
import { readMethod } from "./methods.js";
import { importedName } from "./names.js";
import { reportNotFound } from "./not-found.js";
import { isUnresolved, type Reading } from "./reading.js";

/** In the order of the file. */
export function readServices(reading: Reading, file: ts.SourceFile): ServiceModel[] {
	const { context } = reading;
	const services: ServiceModel[] = [];
	for (const symbol of exportedInterfaces(context, file)) {
		const declaration = declarationIn(symbol, file)!;
		const directive = directiveOf(context, declaration);
		if (directive === "no") continue;
		const service = readService(reading, symbol, declaration, directive);
		if (service === undefined) continue;
		if (services.some(({ name }) => name.toLowerCase() === service.name.toLowerCase())) {
			context.report(
				"HC029",
				{ node: declaration.name, trail: service.name },
				`There are two services named \`${service.name}\` in this file.`,
			);
			continue;
		}
		services.push(service);
	}
	return services;
}

/** The interface of a service, by the name that travels. */
export function interfaceOf(
	context: ReadContext,
	file: ts.SourceFile,
	name: string,
): ts.InterfaceDeclaration | undefined {
	return exportedInterfaces(context, file)
		.map((symbol) => declarationIn(symbol, file)!)
		.find((declaration) => {
			const directive = directiveOf(context, declaration);
			return (typeof directive === "object" ? directive.name : declaration.name.text) === name;
		});
}

/** What keeps an interface that was probably meant to be a service from being one. */
export function nearMiss(context: ReadContext, file: ts.SourceFile): string | undefined {
	for (const symbol of exportedInterfaces(context, file)) {
		const type = context.checker.getDeclaredTypeOfSymbol(symbol) as ts.InterfaceType;
		const members = context.checker.getPropertiesOfType(type);
		const isCallable = (member: ts.Symbol) => context.checker.getTypeOfSymbol(member).getCallSignatures().length > 0;
		if (directiveOf(context, declarationIn(symbol, file)!) === "no" || !members.some(isCallable)) continue;
		const other = members.find((member) => (member.flags & ts.SymbolFlags.Method) === 0);
		if (other === undefined) {
			const isGeneric = (type.typeParameters ?? []).length > 0;
			return `\`${symbol.name}\` ${isGeneric ? "has type parameters" : "can be called or indexed itself"}`;
		}
		const what = isCallable(other) ? `is a property: write \`${other.name}(...)\`` : "is no method";
		return `\`${symbol.name}.${other.name}\` ${what}`;
	}
	return undefined;
}

function exportedInterfaces(context: ReadContext, file: ts.SourceFile): ts.Symbol[] {
	const module = context.checker.getSymbolAtLocation(file);
	if (module === undefined) return [];
	const found = new Set<ts.Symbol>();
	for (const exported of context.checker.getExportsOfModule(module)) {
		const symbol = exported.flags & ts.SymbolFlags.Alias ? context.checker.getAliasedSymbol(exported) : exported;
		if (symbol.flags & ts.SymbolFlags.Interface && declarationIn(symbol, file) !== undefined) found.add(symbol);
	}
	return [...found].sort((a, b) => declarationIn(a, file)!.pos - declarationIn(b, file)!.pos);
}

function declarationIn(symbol: ts.Symbol, file: ts.SourceFile): ts.InterfaceDeclaration | undefined {
	return symbol.declarations
		?.filter(ts.isInterfaceDeclaration)
		.find((declaration) => declaration.getSourceFile() === file);
}

/** What `@service` says: nothing, yes, no, or a name. */
type Directive = "none" | "yes" | "no" | { readonly name: string };

function directiveOf(context: ReadContext, declaration: ts.InterfaceDeclaration): Directive {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "service");
	if (tag === undefined) return "none";
	if (tag.argument === "") return "yes";
	if (tag.argument === "false") return "no";
	const [, name] = /^name\s*=\s*([A-Za-z_]\w{0,99})$/.exec(tag.argument) ?? [];
	if (name !== undefined) return { name };
	context.reportTag(
		declaration,
		tag,
		"HC023",
		`\`@service\` got \`${tag.argument}\`.`,
		"Write `@service`, `@service false` or `@service name=Other`.",
	);
	return "yes";
}

function readService(
	reading: Reading,
	symbol: ts.Symbol,
	declaration: ts.InterfaceDeclaration,
	directive: Directive,
): ServiceModel | undefined {
	const { context } = reading;
	const type = context.checker.getDeclaredTypeOfSymbol(symbol) as ts.InterfaceType;
	const members = context.checker.getPropertiesOfType(type);
	const isTagged = directive !== "none";
	const others = members.filter((member) => (member.flags & ts.SymbolFlags.Method) === 0);
	const hasMore = context.checker.getIndexInfosOfType(type).length > 0 || type.getCallSignatures().length > 0;
	if (others.length === 0 && !hasMore && isBaseMissing(context, declaration)) return undefined;
	if (!isTagged && (members.length === 0 || others.length > 0 || hasMore || (type.typeParameters ?? []).length > 0))
		return undefined;
	const name = typeof directive === "object" ? directive.name : declaration.name.text;
	const site: Site = { node: declaration.name, trail: name };
	const [parameter] = type.typeParameters ?? [];
	if (parameter !== undefined) {
		context.report(
			"HC004",
			site,
			`\`${symbol.name}\` has the type parameter \`${parameter.symbol.name}\`, so its messages have no one shape.`,
			`Export an interface that fills it in: \`interface Users extends ${symbol.name}<User> {}\`.`,
		);
		return undefined;
	}
	for (const member of others) {
		const inner = context.within(site, member.declarations?.[0], `${name}.${member.name}`);
		context.report("HC005", inner, `${inner.trail} is no method, and \`${symbol.name}\` is tagged \`@service\`.`);
	}
	if (members.length === 0 || hasMore) {
		context.report(
			"HC005",
			site,
			`\`${symbol.name}\` is tagged \`@service\` and ${hasMore ? "can be called or indexed itself" : "has no methods"}.`,
		);
		return undefined;
	}
	const imported = importedName(context, symbol);
	if (imported === undefined) return undefined;
	const inheritance = inheritanceOf(context, symbol);
	const methods = members.flatMap((member) => readMethod(reading, member, inheritance, site) ?? []);
	refuseErrorsOfOneName(context, methods, site);
	return { name, type: imported, doc: context.docOf(declaration).lines, methods: inSourceOrder(methods, members) };
}

/** Nobody knows what methods an interface inherits from one that cannot be found: that is said here. */
function isBaseMissing(context: ReadContext, declaration: ts.InterfaceDeclaration): boolean {
	const bases = declaration.heritageClauses?.flatMap(({ types }) => types) ?? [];
	const missing = bases.filter((base) => isUnresolved(context.checker.getTypeAtLocation(base)));
	for (const base of missing) {
		const root = rootOf(base.expression);
		const site = { node: base, trail: declaration.name.text };
		if (ts.isIdentifier(root)) reportNotFound(context, base.expression.getText(), root, site);
	}
	return missing.length > 0;
}

function rootOf(expression: ts.Expression): ts.Expression {
	return ts.isPropertyAccessExpression(expression) ? rootOf(expression.expression) : expression;
}

/** Their names are what travels. */
function refuseErrorsOfOneName(context: ReadContext, methods: readonly MethodModel[], site: Site): void {
	const byName = new Map<string, ErrorModel>();
	for (const error of methods.flatMap(({ errors }) => errors)) {
		const other = byName.get(error.name);
		if (other === undefined) byName.set(error.name, error);
		else if (JSON.stringify(other.type) !== JSON.stringify(error.type)) {
			const message = `The methods of \`${site.trail}\` throw two classes named \`${error.name}\`, and the name is what travels.`;
			context.report("HC032", site, message);
		}
	}
}

/** The interface's own methods come first from the compiler, then the inherited ones; both in the order of their source. */
function inSourceOrder(methods: readonly MethodModel[], members: readonly ts.Symbol[]): MethodModel[] {
	const order = new Map(members.map((member, index) => [member.name, index]));
	return [...methods].sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
}
