export type Language = "typescript" | "python";

export const languages: readonly Language[] = ["typescript", "python"];
