/** Made sources: services of five methods each, one a file, as whoever has many might have written them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const methodsPerService = 5;

/** Texts by path. */
export type Files = Readonly<Record<string, string>>;

export function writeFiles(folder: string, files: Files): void {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
}

/** Numbers of the services. */
export function numbers(methods: number): readonly number[] {
	return Array.from({ length: methods / methodsPerService }, (_, index) => index + 1);
}

/** Settings that the project of either kind is compiled with. */
export const tsconfig = JSON.stringify({
	compilerOptions: {
		target: "ES2022",
		module: "NodeNext",
		strict: true,
		exactOptionalPropertyTypes: true,
		skipLibCheck: true,
		noEmit: true,
		types: ["node"],
	},
	include: ["src"],
});
