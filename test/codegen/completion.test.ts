import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { homingCodegen } from "./support/terminal.js";

describe("homing-codegen completion", () => {
	let script: string;

	before(async () => {
		script = (await homingCodegen(".", "completion", "bash")).out;
	});

	/** What bash itself offers for the last of the words; `undefined` where it completes files instead. */
	function complete(...words: string[]): string[] {
		const program = `${script}
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
			_homing_codegen
			printf '%s\\n' "\${COMPREPLY[@]}"`;
		const { stdout, stderr, status } = spawnSync("bash", ["-eu", "-c", program, "bash", "homing-codegen", ...words], {
			encoding: "utf8",
		});
		expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
		return stdout.split("\n").filter((line) => line !== "");
	}

	it("offers the commands", () => {
		expect(complete("")).to.include.members(["generate", "describe", "completion", "--help", "--version"]);
		expect(complete("gen")).to.deep.equal(["generate"]);
	});

	it("offers a command's options, and those alone", () => {
		expect(complete("generate", "--o")).to.deep.equal(["--out"]);
		expect(complete("generate", "src/bank.ts", "--import")).to.deep.equal(["--import-extension"]);
		expect(complete("describe", "--")).to.include("--json").and.not.include("--watch");
	});

	it("offers the values of an option, and of an argument", () => {
		expect(complete("generate", "--error-format", "")).to.deep.equal(["text", "json", "github-actions"]);
		expect(complete("generate", "--lang", "p")).to.deep.equal(["python"]);
		expect(complete("completion", "")).to.deep.equal(["bash", "zsh", "fish"]);
	});

	it("leaves files to bash", () => {
		expect(complete("generate", "")).to.deep.equal([]);
		expect(complete("generate", "--out", "")).to.deep.equal([]);
		expect(script).to.match(/^complete -o default -F _homing_codegen homing-codegen$/m);
	});

	it("is as bash reads it at its start", () => {
		const folder = mkdtempSync(join(tmpdir(), "homing-completion-"));
		const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", `${script}\ncomplete -p homing-codegen`], {
			cwd: folder,
			encoding: "utf8",
		});
		rmSync(folder, { recursive: true });
		expect({ stdout, stderr }).to.deep.equal({
			stdout: "complete -o default -F _homing_codegen homing-codegen\n",
			stderr: "",
		});
	});

	for (const shell of ["zsh", "fish"]) {
		it(`for ${shell} names every command and option`, async () => {
			const { out, status } = await homingCodegen(".", "completion", shell);
			expect(status).to.equal(0);
			expect(out).to.include("'text json github-actions'".slice(1, -1));
			for (const command of ["generate", "describe", "completion"]) expect(out).to.include(command);
			const option = shell === "zsh" ? "*--import-extension[" : "-l import-extension ";
			expect(out).to.include(option);
		});
	}

	it("knows no other shell", async () => {
		const { status, error } = await homingCodegen(".", "completion", "tcsh");
		expect(status).to.equal(2);
		expect(error).to.include("Allowed choices are bash, zsh, fish");
	});
});
