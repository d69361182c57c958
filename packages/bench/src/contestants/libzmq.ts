import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { promisify } from "node:util";
import type { Command } from "../children/child.js";
import { packagePath } from "../children/paths.js";
import { note } from "../report/note.js";

const run = promisify(execFile);
const compileTimeoutMs = 120_000;
const folder = packagePath(".cache");

const programNames = ["echo", "stream", "connections"] as const;
type ProgramName = (typeof programNames)[number];

/** A part of a program of `native/`, which is there once `compileLibzmqPrograms` has resolved. */
export function libzmqProgram(name: ProgramName, part: string): Command {
	return { file: binaryOf(name), flags: [part] };
}

/** Compiles them unless these very sources were compiled before. Rejects with what is missing. */
export async function compileLibzmqPrograms(): Promise<string> {
	await Promise.all(programNames.map(compile));
	return "the system's";
}

async function compile(name: ProgramName): Promise<void> {
	const binary = binaryOf(name);
	if (existsSync(binary)) return;
	note(`compiling native/libzmq-${name}.cpp (g++ -O2 -lzmq)`);
	await mkdir(folder, { recursive: true });
	// Under another name first: a half-written file must not pass for the program.
	const unfinished = `${binary}.${process.pid}`;
	try {
		await run("g++", ["-O2", "-o", unfinished, sourceOf(name), "-lzmq", "-lpthread"], { timeout: compileTimeoutMs });
	} catch (error) {
		throw new Error(explain(error as NodeJS.ErrnoException & { stderr?: string }));
	}
	await rename(unfinished, binary);
}

function sourceOf(name: ProgramName): string {
	return packagePath(`native/libzmq-${name}.cpp`);
}

function binaryOf(name: ProgramName): string {
	const hash = createHash("sha256");
	for (const path of [sourceOf(name), packagePath("native/libzmq.hpp")]) hash.update(readFileSync(path));
	return `${folder}/libzmq-${name}-${hash.digest("hex").slice(0, 16)}`;
}

function explain(error: NodeJS.ErrnoException & { stderr?: string }): string {
	if (error.code === "ENOENT") return "there is no g++ (Debian: apt-get install g++ libzmq3-dev)";
	const stderr = error.stderr ?? "";
	if (stderr.includes("zmq.h")) return "there is no zmq.h (Debian: apt-get install libzmq3-dev)";
	return `g++ failed: ${stderr.split("\n")[0] || error.message}`;
}
