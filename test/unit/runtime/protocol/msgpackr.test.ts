import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

describe("the runtime's msgpackr", () => {
	it("is what the installed package makes", () =>
		promisify(execFile)(process.execPath, ["scripts/msgpackr.mjs", "--check"], { cwd: root }));
});
