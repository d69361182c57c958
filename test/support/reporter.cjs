// Mocha's spec reporter, and as its last line what a machine looks for: "N passed, N failed".
const { reporters } = require("mocha");

/** For what is just closing when the last test is over. Unit: ms. */
const graceMs = 10_000;

module.exports = class ClosingLine extends reporters.Spec {
	epilogue() {
		super.epilogue();
		const { passes, failures, pending } = this.stats;
		process.stdout.write(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}\n`);
		// What a test left open would keep the run from ending.
		const watch = setTimeout(() => {
			const open = process.getActiveResourcesInfo().filter((name) => name !== "TTYWrap");
			process.stderr.write(`The tests are over, but this is still open: ${open.join(", ")}\n`);
			process.exit(1);
		}, graceMs);
		watch.unref();
	}
};
