export type ErrorFormat = "text" | "json" | "github-actions";

export const errorFormats: readonly ErrorFormat[] = ["text", "json", "github-actions"];
