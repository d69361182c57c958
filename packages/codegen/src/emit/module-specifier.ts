import type { ImportExtension } from "../model/import-extension.js";

/** `../bank.ts`, a relative path of a source, as an import has it. */
export function moduleSpecifier(path: string, extension: ImportExtension): string {
	const start = path.startsWith(".") ? path : `./${path}`;
	return start.replace(/\.(d\.)?([cm]?)tsx?$/, (whole: string, declaration: string | undefined, kind: string) => {
		// A declaration file stands for a module of another name.
		if (extension === "ts" && declaration === undefined) return whole;
		// Nothing finds `.mts` and `.cts` without their endings.
		if (extension === "none" && kind === "") return "";
		return `.${kind}js`;
	});
}
