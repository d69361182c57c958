/** Packages whose types nobody wrote with Homing in mind. */
export interface Package {
	/** What is imported. */
	readonly specifier: string;
	/** As it is installed. */
	readonly name: string;
	/** What the types describe. */
	readonly about: string;
	/** So many types that most compilers take too long for a test. */
	readonly isLarge?: boolean;
	/** So many more that stubs are compiled only where all is asked for. */
	readonly isHuge?: boolean;
	/** Of a package that exports very many: those that are tried. Default: all. */
	readonly only?: RegExp;
	/** Types that are `any` or the like: nothing is checked. */
	readonly anything?: readonly string[];
}

export const packages: readonly Package[] = [
	{ specifier: "geojson", name: "@types/geojson", about: "geographic features" },
	{
		specifier: "vscode-languageserver-types",
		name: "vscode-languageserver-types",
		about: "the Language Server Protocol",
		anything: ["LSPAny"],
	},
	{
		specifier: "@octokit/webhooks-types",
		name: "@octokit/webhooks-types",
		about: "events of GitHub",
		isLarge: true,
	},
	{ specifier: "openai/resources/chat/completions", name: "openai", about: "chat completions" },
	{
		specifier: "@kubernetes/client-node/dist/gen/models/all.js",
		name: "@kubernetes/client-node",
		about: "objects of Kubernetes, `V1...`: what its stable interface has",
		only: /^V1[A-Z]/,
		isLarge: true,
	},
	{
		specifier: "stripe",
		name: "stripe",
		about: "objects of Stripe; not the parameters of its requests, its events, nor what calls it",
		only: /^Stripe\.(?!.*(Params|Event|EventNotification|Resource)$)/,
		isHuge: true,
	},
];
