import { expect } from "chai";
import { CurveClient } from "../../../../packages/zmtp/src/mechanism/curve-client.js";
import { CurveServer } from "../../../../packages/zmtp/src/mechanism/curve-server.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { shakeHands } from "../../../support/zmtp/handshake.js";

const serverKeys = nodeCiphers.createKeyPair();
const clientKeys = nodeCiphers.createKeyPair();
const client = () =>
	new CurveClient(nodeCiphers, [["Socket-Type", Buffer.from("DEALER")]], clientKeys, serverKeys.publicKey);
const server = () => new CurveServer(nodeCiphers, [["Socket-Type", Buffer.from("ROUTER")]], serverKeys);

describe("zmtp CURVE mechanism", () => {
	it("exchanges HELLO, WELCOME, INITIATE and READY, and each side learns the other's properties", () => {
		const ends = shakeHands(client(), server());
		expect(ends.commands).deep.equal(["C HELLO", "S WELCOME", "C INITIATE", "S READY"]);
		expect(Buffer.from(ends.client.peerProperties!.get("socket-type")!).toString()).equal("ROUTER");
		expect(Buffer.from(ends.server.peerProperties!.get("socket-type")!).toString()).equal("DEALER");
	});
});
