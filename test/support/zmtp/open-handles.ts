import { after, before } from "mocha";

const watched = [
	"TCPSocketWrap",
	"TCPServerWrap",
	"PipeWrap",
	"PipeServerWrap",
	"TCPConnectWrap",
	"PipeConnectWrap",
	"ProcessWrap",
	"Timeout",
];

function count(): number[] {
	const active = process.getActiveResourcesInfo();
	return watched.map((name) => active.filter((other) => other === name).length);
}

function left(baseline: readonly number[]): string[] {
	return count().flatMap((now, index) =>
		now > baseline[index]! ? [`${watched[index]} +${now - baseline[index]!}`] : [],
	);
}

/** Fails the suite it is called in when that leaves a socket, a server, a process or a timer behind. */
export function leavesNothingOpen(): void {
	let baseline: number[] = [];
	before(() => {
		baseline = count();
		// Mocha has a timer of its own around some hooks and not around others.
		baseline[watched.indexOf("Timeout")]!++;
	});
	after(async () => {
		// Closing handles needs a few turns; a second is far more than they take.
		const end = performance.now() + 1000;
		while (left(baseline).length > 0 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
		const names = left(baseline);
		if (names.length > 0) throw new Error(`left open: ${names.join(", ")}`);
	});
}
