import { fileURLToPath } from "node:url";
import { expect } from "chai";
import ts from "typescript";
import { optionTable } from "../../packages/zmtp/src/socket/option-table.js";
import { strictest } from "../codegen/support/compile.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const program = here("zeromq-program.ts");
const index = here("../../packages/zmtp/src/index.ts");

describe("the types of @homing/zmtp", function () {
	this.timeout(60_000);

	const compiled = () =>
		ts.createProgram([program], {
			...strictest,
			module: ts.ModuleKind.NodeNext,
			moduleResolution: ts.ModuleResolutionKind.NodeNext,
			paths: { zeromq: [index] },
		});

	it("take a program written for zeromq.js 6", () => {
		const checked = compiled();
		const file = checked.getSourceFile(program)!;
		const found = [...checked.getSyntacticDiagnostics(file), ...checked.getSemanticDiagnostics(file)];
		expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).deep.equal([]);
		expect(checked.getSourceFile(index)).not.equal(undefined);
	});

	it("say in editors what each option means, on a socket as in a constructor", () => {
		const checked = compiled();
		const checker = checked.getTypeChecker();
		const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(checked.getSourceFile(index)!)!);
		const typeOf = (name: string) => {
			const symbol = exported.find((other) => other.name === name)!;
			const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
			return { instance: checker.getDeclaredTypeOfSymbol(target), statics: checker.getTypeOfSymbol(target) };
		};
		const { instance, statics } = typeOf("Router");
		const [signature] = statics.getConstructSignatures();
		const options = checker.getNonNullableType(checker.getTypeOfSymbol(signature!.parameters[0]!));
		const meaning = (type: ts.Type, name: string) =>
			ts.displayPartsToString(type.getProperty(name)?.getDocumentationComment(checker));
		for (const [name, row] of Object.entries(optionTable)) {
			if (row.kind === "unavailable" || !(row.on as readonly string[]).includes("ROUTER")) continue;
			expect(meaning(instance, name), name).not.equal("");
			expect(meaning(options, name), name).equal(meaning(instance, name));
		}
	});
});
