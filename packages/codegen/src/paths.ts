import { isAbsolute, relative, sep } from "node:path";

/** With forward slashes, as the compiler and imports have them. */
export function slashed(path: string): string {
	return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** As a person in `folder` would write it. */
export function shown(path: string, folder: string): string {
	const short = slashed(relative(folder, path));
	return short.startsWith("../../..") ? slashed(path) : short;
}

export function isInside(path: string, folder: string): boolean {
	const way = relative(folder, path);
	return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}
