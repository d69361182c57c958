/** Where programs for browsers are tried: Chromium, and for who has none a context of this Node that has no more than a browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect } from "chai";
import { build } from "esbuild";
import { WebSocket } from "ws";
import { buildPackages } from "../support/build.js";
import { type Browser, launchChromium, type Page } from "./chromium.js";

/** Runs what a program exports, by its name. Arguments and result are what JSON carries. */
export type Call = <T>(name: string, ...args: readonly unknown[]) => Promise<T>;

/** The program in the file `name` beside this one as a script that makes the global `page` of it; without a polyfill. */
function bundle(name: string, conditions: readonly string[]): Promise<string> {
	return build({
		entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
		bundle: true,
		write: false,
		platform: "browser",
		format: "iife",
		globalName: "page",
		target: "es2022",
		conditions: [...conditions],
		logLevel: "error",
	}).then(({ outputFiles }) => outputFiles[0]!.text);
}

function code(name: string, args: readonly unknown[]): string {
	return `page.${name}(...${JSON.stringify(args)})`;
}

/** Has a suite run a program, from the sources, with nothing but what a browser has too. */
export function inBareContext(program: string): Call {
	const context = createContext({
		WebSocket,
		AbortController,
		AbortSignal,
		TextDecoder,
		TextEncoder,
		atob,
		btoa,
		clearInterval,
		clearTimeout,
		crypto,
		performance,
		queueMicrotask,
		setInterval,
		setTimeout,
	});
	before(async () => {
		runInContext(await bundle(program, ["homing-source"]), context);
	});
	return async (name, ...args) => runInContext(code(name, args), context);
}

/** Gives a suite a Chromium; without one it is skipped. The function opens a page whose `page.js` is the script. */
export function useChromium(): (html: string, script: string) => Promise<Page> {
	let profile: string | undefined;
	let browser: Browser | undefined;
	let server: Server | undefined;
	const files = new Map<string, string>();
	const errors: Error[] = [];

	before(async function () {
		this.timeout(400_000);
		profile = await mkdtemp(join(tmpdir(), "homing-chromium-"));
		try {
			browser = await launchChromium(profile);
		} catch (error) {
			if (process.env["CI"] === "true") throw error;
			console.warn(`\n    SKIPPED: nothing was tried in a browser: ${(error as Error).message}\n`);
			this.skip();
		}
		server = createServer((request, response) => {
			const isPage = request.url === "/";
			// What many a page's policy says: no code from elsewhere, none that is made of strings.
			response.setHeader("content-security-policy", "script-src 'self'");
			response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
			response.end(files.get(request.url!));
		});
		await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
	});

	after(async () => {
		await browser?.close();
		server?.close();
		if (profile !== undefined) await rm(profile, { recursive: true });
		expect(errors).deep.equal([]);
	});

	return async (html, script) => {
		files.set("/", html).set("/page.js", script);
		const page = await browser!.newPage();
		page.on("pageerror", (error) => errors.push(error));
		await page.goto(`http://127.0.0.1:${(server!.address() as AddressInfo).port}/`);
		return page;
	};
}

/** Has a suite run a program in Chromium, with these packages as they are published. */
export function inChromium(program: string, ...packages: readonly string[]): Call {
	const open = useChromium();
	let page: Page;
	before(async function () {
		this.timeout(400_000);
		await buildPackages(...packages);
		page = await open('<!doctype html><title>Homing</title><script src="page.js"></script>', await bundle(program, []));
	});
	return (name, ...args) => page.evaluate(code(name, args));
}
