// Writes docs/socket-options.md from the table of options and the comments in it: node --import tsx scripts/socket-options.mjs
// With --check nothing is written, and a page that is not as it would be written is an error.
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { contextTable } from "../packages/zmtp/src/socket/context.ts";
import { describeValues } from "../packages/zmtp/src/socket/option-rules.ts";
import { optionTable } from "../packages/zmtp/src/socket/option-table.ts";

const page = new URL("../docs/socket-options.md", import.meta.url);

/** The comments in front of the rows, by name. */
function meanings(file) {
	const path = new URL(`../packages/zmtp/src/socket/${file}`, import.meta.url);
	const source = ts.createSourceFile(file, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
	const found = new Map();
	const visit = (node) => {
		if (ts.isPropertyAssignment(node) && node.jsDoc !== undefined) {
			found.set(node.name.getText(), ts.getTextOfJSDocComment(node.jsDoc[0].comment).replaceAll("\n", " "));
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

const allTypes = optionTable.linger.on.length;
const sockets = ({ on }) => (on.length === allTypes ? "all" : on.join(", "));
const constant = ({ libzmq }) => (libzmq === undefined ? "" : ` (${libzmq})`);
const row = (...cells) => `| ${cells.join(" | ")} |`;

function amount(value) {
	for (const [unit, size] of Object.entries({ MiB: 2 ** 20, KiB: 1024 })) {
		if (value >= size && value % size === 0) return `${value / size} ${unit}`;
	}
	return `${value}`;
}

function standard(option) {
	if (option.unset !== undefined) return `${option.unset.value} (${option.unset.means})`;
	if (option.kind === "number") return option.unit === "bytes" ? amount(option.default) : `${option.default}`;
	return option.default === null ? "none" : `${option.default}`;
}

function write() {
	const meaning = meanings("option-table.ts");
	const contextMeaning = meanings("context.ts");
	const options = Object.entries(optionTable);
	const offered = options.filter(([, option]) => option.kind !== "unavailable");
	const missing = offered.filter(([name]) => !meaning.has(name)).map(([name]) => name);
	if (missing.length > 0) throw new Error(`no comment says what this means: ${missing.join(", ")}`);
	return `# Socket options

<!-- Written by scripts/socket-options.mjs from packages/zmtp/src/socket/option-table.ts. -->

Given to the constructor, or set as properties: \`new Dealer({ linger: 0 })\`, \`dealer.sendTimeout = 500\`. Names and units are zeromq.js's.
A wrong name, type or value throws \`EINVAL\` naming the option and what it takes; nothing is changed then.

Where \`Infinity\` is allowed it means for ever, or no limit; read, it is spelt as in zeromq.js (-1 or 0). A change counts *at once*, or for *new endpoints*:
those bound or connected after it, with all their connections.

| option | unit | default | takes | sockets | a change counts | meaning |
| --- | --- | --- | --- | --- | --- | --- |
${offered
	.map(([name, option]) =>
		option.kind === "alias"
			? row(
					`\`${name}\``,
					"",
					"",
					`as \`${option.of}\``,
					sockets(option),
					option.effect,
					meaning.get(name) + constant(option),
				)
			: row(
					`\`${name}\``,
					option.unit ?? "",
					standard(option),
					describeValues(option),
					sockets(option),
					option.effect,
					meaning.get(name) + constant(option),
				),
	)
	.join("\n")}

## Options of a context

Given to its constructor, or set as properties: \`new Context({ blocky: false })\`, \`context.maxSockets = 100\`. Sockets are told of it by \`new Dealer({ context })\`; those
that are not have \`context\`, the one that is there from the start. A change counts for sockets made, and messages sent, after it.

| option | unit | default | takes | meaning |
| --- | --- | --- | --- | --- |
${Object.entries(contextTable)
	.map(([name, option]) =>
		row(
			`\`${name}\``,
			option.unit ?? "",
			standard({ ...option, default: option.infinite ?? option.default }),
			describeValues(option),
			contextMeaning.get(name) + constant(option),
		),
	)
	.join("\n")}

## Not offered

These keep their default, which may be set; anything else throws \`ENOTSUP\` with the text on the right.

| option | default | instead |
| --- | --- | --- |
${options
	.filter(([, option]) => option.kind === "unavailable")
	.map(([name, option]) => row(`\`${name}\` (${option.libzmq})`, standard(option), option.instead))
	.join("\n")}
`;
}

const written = write();
if (!process.argv.includes("--check")) {
	writeFileSync(page, written);
} else if (readFileSync(page, "utf8") !== written) {
	console.error("docs/socket-options.md is not up to date: node --import tsx scripts/socket-options.mjs");
	process.exitCode = 1;
}
