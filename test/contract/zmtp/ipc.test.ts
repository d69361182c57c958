import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ipc } from "../../../packages/zmtp/src/transport/ipc.js";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { listenOptions, streamOptions } from "../../support/zmtp/streams.js";

const never = new AbortController().signal;
const options = listenOptions();

describe("zmtp ipc transport", () => {
	leavesNothingOpen();
	let folder = "";
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "homing-ipc-"));
	});
	after(() => rmSync(folder, { recursive: true }));

	it("chooses a path for ipc://*", async () => {
		const listener = await ipc.listen("*", options);
		const path = listener.endpoint.slice("ipc://".length);
		expect(existsSync(path)).equal(true);
		await listener.close();
		expect(existsSync(path)).equal(false);
	});

	it("takes over the socket file that a crash left", async () => {
		const path = join(folder, "stale");
		const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
		expect(() => execFileSync(process.execPath, ["-e", program], { stdio: "ignore", env: {} })).throw();
		expect(existsSync(path)).equal(true);
		const listener = await ipc.listen(path, options);
		await listener.close();
	});

	it("H60: leaves alone what is no socket, also behind a symbolic link", async () => {
		const file = join(folder, "file");
		const link = join(folder, "link");
		writeFileSync(file, "precious");
		symlinkSync(file, link);
		for (const path of [file, link, folder]) expect(await codeOf(() => ipc.listen(path, options))).equal("EADDRINUSE");
		expect([existsSync(file), existsSync(link)]).deep.equal([true, true]);
	});

	it("H60: leaves alone a socket that somebody listens on", async () => {
		const path = join(folder, "alive");
		const listener = await ipc.listen(path, options);
		expect(await codeOf(() => ipc.listen(path, options))).equal("EADDRINUSE");
		const stream = await ipc.connect(path, streamOptions, never);
		stream.destroy();
		await listener.close();
	});

	it("H60: refuses a path that the system cannot hold, an abstract name that is empty, and a folder that is not there", async () => {
		expect(await codeOf(() => ipc.listen(join(folder, "x".repeat(108)), options))).equal("EINVAL");
		expect(await codeOf(() => ipc.listen("@", options))).equal("EINVAL");
		expect(await codeOf(() => ipc.listen(join(folder, "absent", "x"), options))).oneOf(["EACCES", "ENOENT"]);
		expect(await codeOf(() => ipc.connect(join(folder, "absent"), streamOptions, never))).equal("ENOENT");
	});
});
