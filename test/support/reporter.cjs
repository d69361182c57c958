// Mocha's spec reporter, and as its last line what a machine looks for: "N passed, N failed".
const { reporters } = require("mocha");

module.exports = class ClosingLine extends reporters.Spec {
	epilogue() {
		super.epilogue();
		const { passes, failures, pending } = this.stats;
		process.stdout.write(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}\n`);
	}
};
