import { expect } from "chai";
import { buildOurs, type Library, libraries, runOn } from "../../support/zmtp/either.js";

const forgetOne = (use: string) => `
	let endpoint;
	async function forget() {
		const socket = new zmq.Dealer();
		await socket.bind("tcp://127.0.0.1:*");
		endpoint = socket.lastEndpoint;
		${use}
	}
	await forget();
	const other = new zmq.Dealer({ linger: 0 });
`;

for (const library of Object.keys(libraries) as Library[]) {
	describe(`a socket of ${library} that nobody has any more`, function () {
		this.timeout(60_000);
		before(buildOurs);

		it("is closed by the garbage collector", async () => {
			const { stdout, stderr } = await runOn(
				library,
				`${forgetOne("")}
				for (let isFree = false; !isFree; ) {
					gc();
					await new Promise((resolve) => setImmediate(resolve));
					isFree = await other.bind(endpoint).then(() => true, () => false);
				}
				say("free");`,
			);
			expect({ stdout, stderr }).deep.equal({ stdout: "free\n", stderr: "" });
		});

		// With zeromq.js such a call ends with EAGAIN.
		if (library !== "ours") return;

		it("stays open while it receives", async () => {
			const { stdout, stderr } = await runOn(
				library,
				`${forgetOne("void socket.receive().then(([frame]) => say(frame));")}
				for (let i = 0; i < 20; i++) {
					gc();
					await new Promise((resolve) => setImmediate(resolve));
				}
				other.connect(endpoint);
				await other.send("still there");`,
			);
			expect({ stdout, stderr }).deep.equal({ stdout: "still there\n", stderr: "" });
		});
	});
}
