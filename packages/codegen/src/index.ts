export {
	type GeneratedFile,
	type GenerateOptions,
	type GenerateResult,
	generate,
	type Language,
	type Omission,
	type ReadOptions,
	read,
} from "./generate.js";
export {
	type Diagnostic,
	type DiagnosticCode,
	type DiagnosticKind,
	diagnosticKinds,
	type Location,
	type Severity,
} from "./model/diagnostics.js";
export type { ImportExtension } from "./model/import-extension.js";
export type * from "./model/model.js";
export { UsageError } from "./usage-error.js";
