import { join } from "node:path";
import { read } from "@homing/codegen";
import { expect } from "chai";
import { Workspace } from "./support/terminal.js";

describe("a package with types for each kind of module", () => {
	const dual = {
		"node_modules/dual/package.json": JSON.stringify({
			name: "dual",
			version: "1.0.0",
			exports: { import: { types: "./module.d.mts" }, require: { types: "./common.d.cts" } },
		}),
		"node_modules/dual/module.d.mts": "export interface Point { x: number }\n",
		"node_modules/dual/common.d.cts": "export interface Point { fromCommonJs: number }\n",
		"service.ts":
			'import type { Point } from "dual";\nexport interface Points { move(point: Point): Promise<Point> }\n',
	};
	const propertyIn = (type: "module" | "commonjs") => {
		const workspace = new Workspace({ ...dual, "package.json": JSON.stringify({ type }) });
		try {
			const { models, diagnostics } = read({ files: [join(workspace.path, "service.ts")] });
			expect(diagnostics).to.deep.equal([]);
			const point = models[0]?.definitions.find(({ name }) => name === "Point")?.type;
			return point?.kind === "object" ? point.properties.map(({ name }) => name) : undefined;
		} finally {
			workspace.remove();
		}
	};

	it("is read as import sees it in a file that is an ES module", () => {
		expect(propertyIn("module")).to.deep.equal(["x"]);
	});

	it("is read as require sees it in a file that is CommonJS", () => {
		expect(propertyIn("commonjs")).to.deep.equal(["fromCommonJs"]);
	});
});
