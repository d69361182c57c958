import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { promisify } from "node:util";
import { packagePath } from "../children/paths.js";
import { note } from "../report/note.js";

const run = promisify(execFile);
const compileTimeoutMs = 120_000;

/** Compiles the C++ program unless this very source was compiled before. Resolves to its path. Rejects with what is missing. */
export async function compileLibzmqEcho(): Promise<string> {
	const source = packagePath("native/libzmq-echo.cpp");
	const hash = createHash("sha256")
		.update(await readFile(source))
		.digest("hex")
		.slice(0, 16);
	const folder = packagePath(".cache");
	const binary = `${folder}/libzmq-echo-${hash}`;
	if (existsSync(binary)) return binary;
	note("compiling native/libzmq-echo.cpp (g++ -O2 -lzmq)");
	await mkdir(folder, { recursive: true });
	// Under another name first: a half-written file must not pass for the program.
	const unfinished = `${binary}.${process.pid}`;
	try {
		await run("g++", ["-O2", "-o", unfinished, source, "-lzmq", "-lpthread"], { timeout: compileTimeoutMs });
	} catch (error) {
		throw new Error(explain(error as NodeJS.ErrnoException & { stderr?: string }));
	}
	await rename(unfinished, binary);
	return binary;
}

function explain(error: NodeJS.ErrnoException & { stderr?: string }): string {
	if (error.code === "ENOENT") return "there is no g++ (Debian: apt-get install g++ libzmq3-dev)";
	const stderr = error.stderr ?? "";
	if (stderr.includes("zmq.h")) return "there is no zmq.h (Debian: apt-get install libzmq3-dev)";
	return `g++ failed: ${stderr.split("\n")[0] || error.message}`;
}
