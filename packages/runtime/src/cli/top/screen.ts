/** A terminal taken over and given back. */
import { type Line, type Size, show } from "./lines.js";

const enter = "\x1b[?1049h\x1b[?25l";
const quitKeys = Buffer.from("qQ\x03");
const leave = "\x1b[?25h\x1b[?1049l";

/** Takes the whole terminal until it is closed, and gives it back as it was, whatever ends the process. */
export class Screen {
	readonly #isRaw = process.stdin.isTTY === true;
	readonly #onQuit: () => void;
	readonly #onResize: () => void;
	#isOpen = true;

	/** `onQuit`: a key says so, or a signal. `onResize`: what was drawn does not fit any more. */
	constructor(onQuit: () => void, onResize: () => void) {
		this.#onQuit = onQuit;
		this.#onResize = onResize;
		process.stdout.write(enter);
		process.stdout.on("resize", this.#onResize);
		process.on("exit", this.#close);
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, this.#onQuit);
		if (!this.#isRaw) return;
		process.stdin.setRawMode(true);
		process.stdin.on("data", this.#onKeys);
		process.stdin.resume();
	}

	get size(): Size {
		return { width: process.stdout.columns || 80, height: process.stdout.rows || 24 };
	}

	draw(lines: readonly Line[]): void {
		const { width, height } = this.size;
		// A line is cleared before it is written: behind the last column there is nothing to clear from.
		const shown = lines.slice(0, height).map((line) => `\x1b[K${show({ ...line, text: line.text.slice(0, width) })}`);
		process.stdout.write(`\x1b[H${shown.join("\r\n")}\x1b[J`);
	}

	close(): void {
		this.#close();
		process.off("exit", this.#close);
	}

	readonly #close = (): void => {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		process.stdout.off("resize", this.#onResize);
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, this.#onQuit);
		if (this.#isRaw) {
			process.stdin.off("data", this.#onKeys);
			process.stdin.setRawMode(false);
			process.stdin.pause();
		}
		process.stdout.write(leave);
	};

	/** q, Q, or Ctrl-C, which is a key where keys come one by one. */
	readonly #onKeys = (keys: Buffer): void => {
		if (keys.some((key) => quitKeys.includes(key))) this.#onQuit();
	};
}
