import { expect } from "chai";
import { Router } from "../../../packages/zmtp/src/index.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ipcPlace, type Place, tcpPlace } from "../../support/zmtp/places.js";
import { until } from "../../support/zmtp/waiting.js";

const clients = 2000;
const firstPauseMs = 100;

/** `count` numbers into so many equal parts of `from` to `to`. */
function histogram(numbers: readonly number[], from: number, to: number, parts: number): number[] {
	const counts = Array<number>(parts).fill(0);
	for (const number of numbers) counts[Math.min(parts - 1, Math.floor(((number - from) / (to - from)) * parts))]!++;
	return counts;
}

function storm(place: Place): void {
	describe(`zmtp listener that restarts, with ${clients} clients over ${place.name}`, () => {
		leavesNothingOpen();

		it("all come back, spread out: no tenth of a pause sees much more than a tenth of them, and none dials much more often than another", async () => {
			const first = new Router({ linger: 0, backlog: 4096 });
			await first.bind(place.endpoint());
			const endpoint = first.lastEndpoint!;
			let ready = 0;
			let lost = 0;
			// One socket with so many connections: they are dialled one by one all the same.
			const port = new Port(
				"DEALER",
				{ reconnectInterval: firstPauseMs, reconnectMaxInterval: 60_000 },
				{
					onPeerReady: () => ready++,
					onPeerLost: () => lost++,
					onMessage: () => {},
					onWritable: () => {},
				},
			);
			let refusals = 0;
			const firstPauses: number[] = [];
			port.events.on("connect:retry", ({ interval, error }) => {
				if (error?.code === "ZMTP_CONNECTION_LOST") firstPauses.push(interval);
				else refusals++;
			});
			for (let i = 0; i < clients; i++) port.connect(endpoint);
			await until(() => ready === clients, 30_000);
			await first.close();
			await until(() => lost === clients, 30_000);
			// Nobody listens until each of them has been refused twice or so.
			await until(() => refusals >= 2 * clients, 30_000);
			const again = new Router({ linger: 0, backlog: 4096 });
			let greeted = 0;
			again.events.on("handshake", () => greeted++);
			await again.bind(endpoint);
			await until(() => ready === 2 * clients && greeted === clients, 30_000);
			expect(lost).equal(clients);
			expect(firstPauses).length(clients);
			for (const count of histogram(firstPauses, firstPauseMs / 2, firstPauseMs, 10)) {
				expect(count).within(clients / 10 / 2, (clients / 10) * 2);
			}
			// Back-off: as pauses double, not many more are made while the others are waited for.
			expect(refusals).below(5 * clients);
			await Promise.all([port.close(), again.close()]);
		});
	});
}

for (const place of [tcpPlace, ipcPlace]) storm(place);
