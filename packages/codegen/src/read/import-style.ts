/** How the files of a project can import one another, by what its compiler accepts. */
import { ts } from "ts-morph";
import type { ImportExtension } from "../model/import-extension.js";

/**
 * Where sources may be imported by their own names, something runs them as they are, and may find nothing else. NodeNext wants the
 * name of the compiled file. Bundlers find files without an extension, and not all find a source by the name of what it becomes.
 */
export function importExtensionOf(options: ts.CompilerOptions): ImportExtension {
	if (options.allowImportingTsExtensions || options.rewriteRelativeImportExtensions) return "ts";
	switch (options.moduleResolution) {
		case ts.ModuleResolutionKind.Node16:
		case ts.ModuleResolutionKind.NodeNext:
			return "js";
		case undefined:
			return impliedBy(options.module);
		default:
			return "none";
	}
}

/** The resolution follows from `module` where it is not set. */
function impliedBy(module: ts.ModuleKind | undefined): ImportExtension {
	// The default differs from version to version: this compiles with each.
	if (module === undefined) return "js";
	return module >= ts.ModuleKind.Node16 && module <= ts.ModuleKind.NodeNext ? "js" : "none";
}
