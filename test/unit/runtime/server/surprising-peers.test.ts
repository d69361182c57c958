import { expect } from "chai";
import { SurprisingPeers } from "../../../../packages/runtime/src/server/surprising-peers.js";

const peer = (name: string | number, userId?: string) => ({ address: `tcp://10.0.0.1:${name}`, userId });

describe("peers that surprise", () => {
	it("are told with their own counts, the most surprising first, and what they surprised last", () => {
		const peers = new SurprisingPeers();
		peers.count("Echo.say", peer(1));
		peers.count("Echo.say", peer(2, "carol"));
		peers.count("Echo.order", peer(2, "carol"));
		expect(peers.total).equal(3);
		expect(peers.list()).deep.equal([
			{ ...peer(2, "carol"), surprises: 2, method: "Echo.order" },
			{ ...peer(1), surprises: 1, method: "Echo.say" },
		]);
	});

	it("are bounded in number, and one that always surprises is not hidden by any number that come and go", () => {
		const peers = new SurprisingPeers();
		// From the start the places are taken: the one that matters comes late.
		for (let i = 0; i < 1000; i++) peers.count("Echo.say", peer(`early${i % 32}`));
		for (let i = 0; i < 20_000; i++) {
			peers.count("Echo.say", peer(i));
			if (i % 10 === 0) peers.count("Echo.order", peer("always"));
		}
		expect(peers.total).equal(23_000);
		expect(peers.list()).length(32);
		const found = peers.list().find(({ address }) => address === peer("always").address);
		expect(found).include({ method: "Echo.order" });
		// What is told is at most what was counted, and not what others left behind.
		expect(found!.surprises).within(1, 2000);
		expect(peers.list().reduce((sum, { surprises }) => sum + surprises, 0)).most(23_000);
	});
});
