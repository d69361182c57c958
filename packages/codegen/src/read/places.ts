/** Finds the declaration that a place of a model comes from. */
import { ts } from "ts-morph";
import type { Location } from "../model/diagnostics.js";
import type { Place, Step } from "../model/place.js";
import { locate, ReadContext } from "./context.js";
import type { JsDocTag } from "./jsdoc.js";
import { interfaceOf } from "./services.js";

export interface Located {
	readonly location: Location;
	/** The tags of the declarations on the way, the service's first. */
	readonly tags: readonly JsDocTag[];
}

/**
 * What is no longer there is looked for in the deepest declaration that was to hold it. `undefined` if the file has not
 * even the service.
 */
export function locatePlace(
	program: ts.Program,
	file: ts.SourceFile,
	{ service, method, steps = [] }: Place,
): Located | undefined {
	const context = new ReadContext(program, file);
	const declaration = interfaceOf(context, file, service);
	if (declaration === undefined) return undefined;
	const walk = new Walk(context, declaration);
	if (method !== undefined && walk.toMethod(method)) for (const step of steps) if (!walk.to(step)) break;
	return walk.located();
}

class Walk {
	readonly #context: ReadContext;
	/** What is shown: of the user's own files. */
	#node: ts.Node;
	#type: ts.Type;
	readonly #tags: JsDocTag[] = [];

	constructor(context: ReadContext, declaration: ts.InterfaceDeclaration) {
		this.#context = context;
		this.#node = declaration.name;
		this.#type = context.checker.getTypeAtLocation(declaration);
		this.#tags.push(...context.docOf(declaration).tags);
	}

	located(): Located {
		const file = this.#node.getSourceFile();
		const start = this.#node.getStart(file);
		const lineEnd = file.text.indexOf("\n", start);
		const end = lineEnd === -1 ? this.#node.getEnd() : Math.min(this.#node.getEnd(), lineEnd);
		return { location: locate(file, start, end), tags: this.#tags };
	}

	toMethod(name: string): boolean {
		return this.#toProperty(name);
	}

	/** `false` if there is no such thing any more. */
	to(step: Step): boolean {
		const { checker } = this.#context;
		switch (step.kind) {
			case "parameter": {
				const parameters = this.#signature()?.parameters ?? [];
				const symbol = parameters[step.index];
				if (symbol !== undefined && symbol.name === step.name) {
					this.#show(symbol.valueDeclaration);
					this.#type = checker.getTypeOfSymbol(symbol);
					return true;
				}
				return this.#toTupleElement(parameters, step.index);
			}
			case "result": {
				const signature = this.#signature();
				if (signature === undefined) return false;
				this.#show(signature.declaration?.type);
				const type = signature.getReturnType();
				this.#type = checker.getAwaitedType(type) ?? type;
				return true;
			}
			case "error":
				return false;
			case "property":
				return this.#toProperty(step.name);
			case "element":
				return this.#toType(this.#elementOf());
			case "position":
				return this.#toType(this.#argumentsOf()[step.index]);
			case "key":
				return this.#toType(this.#argumentsOf()[0]);
		}
	}

	#toProperty(name: string): boolean {
		const { checker } = this.#context;
		const holders = this.#alternatives();
		const symbol = holders.map((type) => checker.getPropertyOfType(type, name)).find((found) => found !== undefined);
		if (symbol === undefined) {
			// What is gone is missed in the type that had it.
			const [owner] = holders.flatMap((type) => (type.aliasSymbol ?? type.symbol)?.declarations ?? []);
			if (owner !== undefined && (ts.isInterfaceDeclaration(owner) || ts.isTypeAliasDeclaration(owner)))
				this.#show(owner, owner.name);
			return false;
		}
		const declaration = symbol.declarations?.[0];
		this.#show(declaration, declaration === undefined ? undefined : ts.getNameOfDeclaration(declaration));
		this.#type = checker.getTypeOfSymbol(symbol);
		return true;
	}

	/** A rest parameter that is a tuple is a parameter for each of its elements. */
	#toTupleElement(parameters: readonly ts.Symbol[], index: number): boolean {
		const { checker } = this.#context;
		const last = parameters.at(-1);
		const type = last === undefined ? undefined : checker.getTypeOfSymbol(last);
		if (type === undefined || !checker.isTupleType(type)) return false;
		const { labeledElementDeclarations } = (type as ts.TupleTypeReference).target;
		const at = index - (parameters.length - 1);
		this.#show(labeledElementDeclarations?.[at] ?? last?.valueDeclaration);
		return this.#toType(checker.getTypeArguments(type as ts.TypeReference)[at]);
	}

	#toType(type: ts.Type | undefined): boolean {
		if (type === undefined) return false;
		this.#type = type;
		return true;
	}

	/** A declaration of somebody else's is not shown: the user's own on the way to it is. */
	#show(declaration: ts.Node | undefined, node: ts.Node | undefined = declaration): void {
		if (declaration === undefined || node === undefined || this.#context.isForeign(node.getSourceFile())) return;
		this.#node = node;
		this.#tags.push(...this.#context.docOf(declaration).tags);
	}

	#signature(): ts.Signature | undefined {
		return this.#alternatives().flatMap((type) => type.getCallSignatures())[0];
	}

	#alternatives(): readonly ts.Type[] {
		return this.#type.isUnion() ? this.#type.types : [this.#type];
	}

	#elementOf(): ts.Type | undefined {
		const { checker } = this.#context;
		for (const type of this.#alternatives()) {
			const found =
				checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? checker.getIndexTypeOfType(type, ts.IndexKind.String);
			if (found !== undefined) return found;
		}
		const args = this.#argumentsOf();
		return this.#type.symbol?.name === "Map" || this.#type.symbol?.name === "ReadonlyMap" ? args[1] : args[0];
	}

	#argumentsOf(): readonly ts.Type[] {
		return this.#alternatives().flatMap((type) => this.#context.checker.getTypeArguments(type as ts.TypeReference));
	}
}
