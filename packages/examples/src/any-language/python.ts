import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A Python that has pyzmq and msgpack, or undefined. */
export function findPython(): string | undefined {
	const chosen = process.env["PYTHON"];
	// Debian's packages are for its own Python, which need not be the first one on the path.
	const candidates = chosen === undefined ? ["python3", "/usr/bin/python3", "python"] : [chosen];
	return candidates.find((python) => spawnSync(python, ["-c", "import zmq, msgpack"]).status === 0);
}

export const howToInstall =
	"This example needs Python 3 with pyzmq and msgpack:\n" +
	"  Debian, Ubuntu:  apt-get install python3-zmq python3-msgpack\n" +
	"  anywhere else:   pip install pyzmq msgpack\n" +
	"To choose a Python: PYTHON=/path/to/python3";

/** Runs one of this example's scripts. Its standard output is read by the caller, its errors are shown. */
export function runScript(python: string, name: string, endpoint: string): ChildProcess {
	// From `dist` as from `src`: scripts are not built.
	const script = fileURLToPath(new URL(`../../src/any-language/${name}`, import.meta.url));
	return spawn(python, [script, endpoint], { stdio: ["ignore", "pipe", "inherit"] });
}
