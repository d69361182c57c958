/** Packages whose types nobody wrote with Homing in mind. */
export interface Package {
	/** What is imported. */
	readonly specifier: string;
	/** As it is installed. */
	readonly name: string;
	/** What the types describe. */
	readonly about: string;
}

export const packages: readonly Package[] = [
	{ specifier: "geojson", name: "@types/geojson", about: "geographic features" },
	{
		specifier: "vscode-languageserver-types",
		name: "vscode-languageserver-types",
		about: "the Language Server Protocol",
	},
	{ specifier: "@octokit/webhooks-types", name: "@octokit/webhooks-types", about: "events of GitHub" },
	{ specifier: "openai/resources/chat/completions", name: "openai", about: "chat completions" },
];
