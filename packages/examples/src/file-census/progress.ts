import { SingleBar } from "cli-progress";

/** What a run has to say while it works: a bar where a terminal shows it, lines in any case. On stderr. */
export class Progress {
	readonly #bar: SingleBar | undefined;

	constructor(total: number) {
		if (process.stderr.isTTY !== true) return;
		this.#bar = new SingleBar({
			format: "{bar} {value}/{total} files  {rate} calls/s",
			stream: process.stderr,
			hideCursor: true,
			barCompleteChar: "█",
			barIncompleteChar: "░",
		});
		this.#bar.start(total, 0, { rate: 0 });
	}

	update(done: number, callsPerSecond: number): void {
		this.#bar?.update(done, { rate: Math.round(callsPerSecond) });
	}

	note(text: string): void {
		// The bar's own line is wiped; it draws itself again below.
		process.stderr.write(this.#bar === undefined ? `${text}\n` : `\r\u001b[K${text}\n`);
	}

	stop(): void {
		this.#bar?.stop();
	}
}
