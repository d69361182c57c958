/**
 * How a generated file writes the paths of the user's files that it imports.
 *
 * - `js`: as the compiled file is called, which compilers find under every resolution
 * - `ts`: as the source is called, for what runs sources as they are
 * - `none`: without an extension, for bundlers and CommonJS
 */
export type ImportExtension = "js" | "ts" | "none";

export const importExtensions: readonly ImportExtension[] = ["js", "ts", "none"];
