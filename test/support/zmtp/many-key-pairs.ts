/** Makes so many key pairs and uses them as handshakes do, then ends: see the test of Node's ciphers. */
import { nodeCiphers } from "../../../packages/zmtp/src/mechanism/node-ciphers.js";

const peer = nodeCiphers.createKeyPair();
for (let i = 0; i < Number(process.argv[2]); i++) {
	const pair = nodeCiphers.createKeyPair();
	pair.sharedKey(peer.publicKey);
	pair.exportSecretKey();
}
