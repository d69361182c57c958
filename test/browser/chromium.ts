/** Debian's Chromium, driven by playwright-core. */
import { existsSync } from "node:fs";
import { installFolder } from "../support/npm-folder.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const flags = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** What is used of a page: code of it is run by its text. */
export interface Page {
	goto(url: string): Promise<unknown>;
	evaluate<T>(code: string): Promise<T>;
	on(event: "pageerror", listener: (error: Error) => void): void;
}

export interface Browser {
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

/** A headless browser with a profile of its own. Rejects, for people, when there is none. */
export async function launchChromium(profile: string): Promise<Browser> {
	if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}: apt-get install chromium`);
	await installFolder(new URL(".", import.meta.url), "playwright-core");
	const name = "./node_modules/playwright-core/index.mjs";
	const { chromium } = (await import(name)) as {
		chromium: { launchPersistentContext(profile: string, options: object): Promise<Browser> };
	};
	return chromium.launchPersistentContext(profile, {
		executablePath,
		headless: true,
		args: flags,
		ignoreHTTPSErrors: true,
	});
}
