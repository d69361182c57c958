import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Router } from "../../../packages/zmtp/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";

const script = fileURLToPath(new URL("../../support/runtime/pending-calls.ts", import.meta.url));

describe("memory", () => {
	const own = closeAfterEach();

	it("100 000 calls that wait for their answer hold 600 octets each at most", async () => {
		const silent = own(new Router({ linger: 0, receiveHighWaterMark: 0, receiveHighWaterMarkBytes: 0 }));
		await silent.bind(anyPort);
		const child = spawn(process.execPath, [...process.execArgv, "--expose-gc", script, silent.lastEndpoint!], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		own({ close: () => child.kill("SIGKILL") });
		const octets = Number(await text(child.stdout));
		expect(octets).to.be.greaterThan(50);
		expect(octets).to.be.at.most(600);
	}).timeout(60_000);
});
