/** Reads TypeScript enums. */
import { ts } from "ts-morph";
import type { EnumMember, EnumName, Type } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { nameOf } from "./names.js";
import { type Reading, unreadable } from "./reading.js";

/** The enum that a type is, or is a member of. */
export function enumOf(context: ReadContext, type: ts.Type): ts.Symbol | undefined {
	const declaration = type.symbol?.declarations?.[0];
	if (declaration === undefined) return undefined;
	if (ts.isEnumDeclaration(declaration)) return type.symbol;
	return ts.isEnumMember(declaration) ? context.checker.getSymbolAtLocation(declaration.parent.name) : undefined;
}

/** A whole enum, as a definition. */
export function readEnum(reading: Reading, symbol: ts.Symbol, site: Site): Type {
	const { context } = reading;
	const read = (): Type => {
		const name = enumName(context, symbol, site);
		const members: EnumMember[] = [];
		for (const member of membersOf(symbol)) {
			const value = context.checker.getConstantValue(member);
			if (value === undefined) {
				context.report(
					"HC017",
					context.within(site, member, site.trail),
					`\`${symbol.name}.${member.name.getText()}\` is computed: its value is not known before the program runs.`,
					"Give it a literal value.",
				);
				return unreadable;
			}
			members.push({ name: memberName(member), value });
		}
		return { kind: "enum", enum: name, values: [...new Set(members.map(({ value }) => value))], members };
	};
	return reading.define({ symbol, instance: undefined, mention: undefined, isBranded: false, read }, site);
}

/** One member of an enum, as a literal. */
export function readEnumMember(reading: Reading, type: ts.Type, owner: ts.Symbol, site: Site): Type {
	const value = (type as ts.LiteralType).value as string | number;
	return { kind: "literal", value, member: { enum: enumName(reading.context, owner, site), name: type.symbol.name } };
}

function membersOf(symbol: ts.Symbol): ts.EnumMember[] {
	return (symbol.declarations ?? []).filter(ts.isEnumDeclaration).flatMap((declaration) => [...declaration.members]);
}

function memberName({ name }: ts.EnumMember): string {
	return ts.isComputedPropertyName(name) ? name.getText() : name.text;
}

function enumName(context: ReadContext, symbol: ts.Symbol, site: Site): EnumName {
	const name = nameOf(context, symbol);
	if (name === undefined) {
		context.report(
			"HC025",
			site,
			`${site.trail} is the enum \`${symbol.name}\`, which is not exported: the generated file has to name it.`,
		);
	}
	// A package may consist of types alone: its enums are taken for no values either.
	const isConst =
		isDeclared(symbol) || name?.root.from.kind === "package" || (symbol.flags & ts.SymbolFlags.ConstEnum) !== 0;
	return { type: name?.root, ...(name !== undefined && name.members !== "" && { members: name.members }), isConst };
}

/** Said to be there, and not made here. */
function isDeclared({ declarations = [] }: ts.Symbol): boolean {
	return declarations.every(
		(declaration) =>
			declaration.getSourceFile().isDeclarationFile ||
			ts.findAncestor(
				declaration,
				(node) =>
					(ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) &&
					(node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword),
			) !== undefined,
	);
}
