import { mock } from "node:test";
import { expect } from "chai";
import {
	type AuthenticationRequest,
	type GateSettings,
	judge,
} from "../../../../packages/zmtp/src/socket/gatekeeper.js";

const settings: GateSettings = {
	authenticator: null,
	zapDomain: null,
	zapEnforceDomain: false,
	routingId: Buffer.of(),
};
const plain = (username: Uint8Array, password: Uint8Array) => ({ mechanism: "PLAIN", username, password }) as const;
const admin = plain(Buffer.from("admin"), Buffer.from("secret"));

describe("zmtp gatekeeper", () => {
	afterEach(() => mock.timers.reset());

	it("waits ten seconds for an authenticator, and no longer", async () => {
		mock.timers.enable({ apis: ["setTimeout"] });
		const silent = { ...settings, authenticator: () => new Promise<never>(() => {}) };
		let isOver = false;
		const judging = judge(silent, undefined, admin, "tcp://127.0.0.1:1").then((decision) => {
			isOver = true;
			return decision;
		});
		await Promise.resolve();
		mock.timers.tick(9999);
		await new Promise((resolve) => setImmediate(resolve));
		expect(isOver).equal(false);
		mock.timers.tick(1);
		const { status, text, cause } = await judging;
		expect([status, text, (cause as Error).message]).deep.equal([
			300,
			"the authenticator failed",
			"no answer within 10000 ms",
		]);
	});

	it("tells the peer's address without its port, and nothing where there is none", async () => {
		const addresses: string[] = [];
		const authenticator = ({ address }: AuthenticationRequest) => addresses.push(address) > 0;
		for (const address of [
			"tcp://127.0.0.1:40000",
			"tcp://[::1]:40000",
			"tcp://[::ffff:10.0.0.1]:40000",
			"ws://192.168.1.2:80",
			"wss://[fe80::1%eth0]:443",
			"ipc:///run/x:1",
			"inproc://x",
		]) {
			await judge({ ...settings, authenticator }, undefined, admin, address);
		}
		expect(addresses).deep.equal(["127.0.0.1", "::1", "10.0.0.1", "192.168.1.2", "fe80::1%eth0", "", ""]);
	});

	it("asks nobody about a name or a password that is no UTF-8: two of them could look the same", async () => {
		let times = 0;
		const authenticator = () => ++times > 0;
		for (const credentials of [plain(Buffer.of(0xff), Buffer.of(65)), plain(Buffer.of(65), Buffer.of(0xc3))]) {
			const { status } = await judge({ ...settings, authenticator }, undefined, credentials, "tcp://127.0.0.1:1");
			expect(status).equal(300);
		}
		expect(times).equal(0);
	});

	it("hands a password on as it is, with whatever it begins", async () => {
		const heard: (string | undefined)[] = [];
		const authenticator = ({ username, password }: AuthenticationRequest) => heard.push(username, password) > 0;
		const credentials = plain(Buffer.from("\ufeffa"), Buffer.from("\0 "));
		await judge({ ...settings, authenticator }, undefined, credentials, "tcp://127.0.0.1:1");
		expect(heard).deep.equal(["\ufeffa", "\0 "]);
	});
});
