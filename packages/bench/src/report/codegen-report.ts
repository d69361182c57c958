import { type CheckRow, type CodegenReport, codegenBounds } from "../scenarios/codegen.js";
import { formatClosing } from "./closing.js";
import { formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

export function formatCodegenReport(report: CodegenReport): string {
	return [formatGeneration(report), formatPrograms(report), formatClosing(report)].join("\n\n");
}

function formatGeneration({ methods, files, rounds, cold, unchanged, edit }: CodegenReport): string {
	const head = [`codegen: ${formatCount(methods)} methods in ${files} files`, "of bound", "s", "CPU s", "peak MiB"];
	const figures = ({ seconds, cpuSeconds, peakMiB }: CodegenReport["cold"]) => [
		formatNumber(seconds),
		formatNumber(cpuSeconds),
		formatNumber(peakMiB),
	];
	const rows = [
		["generate, nothing there", formatRatio(cold.seconds / codegenBounds.coldSeconds), ...figures(cold)],
		["generate, nothing changed: none is written", "", ...figures(unchanged)],
		[
			"an edit under --watch, to its stubs",
			formatRatio(edit.medianMs / codegenBounds.editMs),
			formatNumber(edit.medianMs / 1000),
			"",
			formatNumber(edit.peakMiB),
		],
		[
			"the longest of them",
			formatRatio(edit.longestMs / codegenBounds.editMs),
			formatNumber(edit.longestMs / 1000),
			"",
			"",
		],
	];
	return `${formatTable([head, ...rows])}\nwhole processes, medians of ${rounds}`;
}

function formatPrograms({ programs }: CodegenReport): string {
	const head = [
		"tsc: services, server and client",
		"types",
		"a method",
		"instantiations",
		"a method",
		"check s",
		"CPU s",
		"MiB",
	];
	const row = (methods: number, { name, figures }: CheckRow) => [
		`${formatCount(methods)} methods, ${name}`,
		formatCount(figures?.types),
		formatNumber(each(figures?.types, methods)),
		formatCount(figures?.instantiations),
		formatNumber(each(figures?.instantiations, methods)),
		formatNumber(figures?.checkSeconds),
		formatNumber(figures?.cpuSeconds),
		formatNumber(figures?.memoryMiB),
	];
	const names = programs[0]?.rows.map(({ name }) => name) ?? [];
	const rows = names.flatMap((_, index) => programs.map(({ methods, rows }) => row(methods, rows[index]!)));
	return formatTable([head, ...rows]);
}

function each(figure: number | undefined, methods: number): number | undefined {
	return figure === undefined ? undefined : figure / methods;
}
