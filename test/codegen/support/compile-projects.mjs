/**
 * What one version of the compiler says of several projects: `compile-projects.mjs <typescript> <tsconfig>...`. They
 * share what was parsed, which is most of the libraries and the packages. Prints `[{ files, errors }]`, in their order.
 */
import { createRequire } from "node:module";
import { dirname, relative } from "node:path";

const [compiler, ...projects] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(compiler);
/** How a file is parsed depends on its format, and on no other option that differs here. */
const parsed = new Map();

function hostOf(options) {
	const host = ts.createCompilerHost(options);
	const getSourceFile = (name, settings, ...rest) => {
		const key = `${settings.impliedNodeFormat} ${name}`;
		if (!parsed.has(key)) parsed.set(key, host.getSourceFile(name, settings, ...rest));
		return parsed.get(key);
	};
	return { ...host, getSourceFile };
}

function compile(project) {
	const refuse = ({ messageText }) => {
		throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
	};
	const config = ts.getParsedCommandLineOfConfigFile(
		project,
		{},
		{ ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse },
	);
	const { fileNames, options } = config;
	const program = ts.createProgram({ rootNames: fileNames, options, host: hostOf(options) });
	const diagnostics = [
		...config.errors,
		...program.getOptionsDiagnostics(),
		...program.getGlobalDiagnostics(),
		...fileNames.flatMap((name) => {
			const file = program.getSourceFile(name);
			return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
		}),
	];
	return { files: fileNames, errors: diagnostics.map((diagnostic) => lineOf(diagnostic, dirname(project))) };
}

/** As the compiler's command line has it: `src/expected/bank.ts(3,5): error TS2322: ...`. */
function lineOf({ file, start = 0, code, messageText }, folder) {
	const text = `error TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
	if (file === undefined) return text;
	const { line, character } = file.getLineAndCharacterOfPosition(start);
	return `${relative(folder, file.fileName)}(${line + 1},${character + 1}): ${text}`;
}

process.stdout.write(JSON.stringify(projects.map(compile)));
