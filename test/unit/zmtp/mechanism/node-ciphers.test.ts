import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";

const program = fileURLToPath(new URL("../../../support/zmtp/many-key-pairs.ts", import.meta.url));

describe("Node's ciphers", () => {
	it("go on for thousands of handshakes: no key is exported while the collector may want its lock", () => {
		// A small nursery, so that the collector comes often. In a process of its own, for a lock holds up all of it.
		const args = [...process.execArgv, "--max-semi-space-size=1", program, "3000"];
		const { status, signal, stderr } = spawnSync(process.execPath, args, { timeout: 60_000, killSignal: "SIGKILL" });
		expect({ status, signal, stderr: String(stderr) }).deep.equal({ status: 0, signal: null, stderr: "" });
	}).timeout(90_000);

	it("make the public key that belongs to a secret one", () => {
		for (let i = 0; i < 20; i++) {
			const { publicKey, privateKey } = generateKeyPairSync("x25519");
			const secretKey = Uint8Array.from(privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32));
			const pair = nodeCiphers.keyPairOf(secretKey);
			expect(Buffer.from(pair.publicKey)).deep.equal(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
			expect(pair.exportSecretKey()).deep.equal(secretKey);
		}
	});

	it("agree on a shared key", () => {
		const [one, other] = [nodeCiphers.createKeyPair(), nodeCiphers.createKeyPair()];
		expect(one.sharedKey(other.publicKey)).deep.equal(other.sharedKey(one.publicKey));
	});
});
