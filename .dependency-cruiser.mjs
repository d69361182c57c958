/**
 * What may import what, as ARCHITECTURE.md says it. Type imports count: a knot of types is a knot.
 *
 * Each row names a layer (a folder, or a file, of a package's `src`) and the layers of its package that it may import.
 * What a row does not name is forbidden, upward imports first of all.
 */
const layers = {
	zmtp: {
		errno: [],
		errors: ["errno"],
		limits: [],
		wire: ["errors", "limits"],
		mechanism: ["wire", "errors", "limits"],
		connection: ["mechanism", "wire", "errors", "limits"],
		transport: ["wire", "errors", "limits"],
		pattern: ["wire", "errors", "limits"],
		platform: ["transport", "mechanism", "wire", "errors", "limits"],
		socket: ["platform", "connection", "mechanism", "pattern", "transport", "wire", "errors", "limits"],
	},
	runtime: {
		errors: [],
		limits: [],
		"numeric-option": [],
		utf8: [],
		platform: ["utf8"],
		emitter: [],
		"context-values": [],
		"call-context": ["context-values", "protocol", "errors"],
		ambient: ["call-context", "platform"],
		link: ["numeric-option", "errors", "limits"],
		protocol: ["link/link", "platform", "errors", "limits"],
		timing: ["errors", "limits"],
		waiting: ["numeric-option"],
		"reply-channel": ["protocol", "link/link", "errors", "limits"],
		membership: ["protocol", "link/link", "errors", "limits"],
		stream: ["protocol", "link/link", "platform", "errors", "limits"],
		service: ["protocol", "call-context", "errors"],
		reserved: ["service", "protocol", "platform", "errors", "limits"],
		interceptor: ["service", "call-context", "context-values", "errors"],
		client: [
			"interceptor",
			"service",
			"ambient",
			"stream",
			"reply-channel",
			"timing",
			"waiting",
			"protocol",
			"link",
			"emitter",
			"platform",
			"call-context",
			"context-values",
			"numeric-option",
			"errors",
			"limits",
		],
		server: [
			"reserved",
			"interceptor",
			"service",
			"ambient",
			"membership",
			"stream",
			"reply-channel",
			"timing",
			"waiting",
			"protocol",
			"link",
			"emitter",
			"call-context",
			"context-values",
			"numeric-option",
			"errors",
			"limits",
		],
		queue: [
			"reserved",
			"service",
			"membership",
			"reply-channel",
			"timing",
			"waiting",
			"protocol",
			"link",
			"emitter",
			"call-context",
			"numeric-option",
			"errors",
			"limits",
		],
		interceptors: [
			"client",
			"server",
			"interceptor",
			"service",
			"call-context",
			"context-values",
			"numeric-option",
			"errors",
		],
		browser: [
			"interceptors",
			"client",
			"ambient",
			"interceptor",
			"reserved",
			"service",
			"protocol",
			"link",
			"call-context",
			"context-values",
			"errors",
			"limits",
		],
		index: ["browser", "server", "queue", "ambient"],
		compiled: ["protocol"],
		zod: [],
		testing: ["client", "server", "service", "link", "errors"],
	},
	codegen: {
		model: [],
		read: ["model", "paths"],
		emit: ["model"],
		breaking: ["model"],
		lock: ["model", "paths", "usage-error"],
		git: ["usage-error"],
		paths: [],
		"usage-error": [],
		terminal: [],
		report: ["model", "paths", "terminal"],
	},
};

/** The packages of the workspace that each package may import. */
const packages = {
	zmtp: [],
	runtime: ["zmtp"],
	codegen: [],
	examples: ["runtime", "zmtp"],
	bench: ["runtime", "zmtp"],
};

/** `wire` as a folder or as a file; `link/link` as a file. */
const layerPath = (name, layer) => `^packages/${name}/src/${layer}(/|[.]ts$)`;

const layerRules = Object.entries(layers).flatMap(([name, table]) =>
	Object.entries(table).map(([layer, allowed]) => ({
		name: `${name}-${layer}`,
		comment: `${name}/${layer} may import, of its package, ${allowed.join(", ") || "nothing"}`,
		severity: "error",
		from: { path: layerPath(name, layer) },
		to: {
			path: `^packages/${name}/`,
			pathNot: [layer, ...allowed].map((other) => layerPath(name, other)),
		},
	})),
);

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
	name: `package-${name}`,
	comment: `${name} may import, of the workspace, ${allowed.join(", ") || "nothing"}`,
	severity: "error",
	from: { path: `^packages/${name}/src/` },
	to: { path: "^(packages|test|scripts)/", pathNot: [name, ...allowed].map((other) => `^packages/${other}/`) },
}));

const placeRules = [
	{
		name: "no-cycles",
		comment: "what depends on each other belongs in one file, or the shared part in a third",
		severity: "error",
		from: {},
		to: { circular: true },
	},
	{
		name: "no-inner-barrels",
		comment: "the index is for users of the package; inside, import the file that has it",
		severity: "error",
		from: { path: "^packages/[^/]+/src/" },
		to: { path: "^packages/[^/]+/src/.*/index[.]ts$" },
	},
	{
		name: "found",
		comment: "an import that leads nowhere is checked by no other rule",
		severity: "error",
		from: {},
		to: { couldNotResolve: true },
	},
	{
		name: "no-node-on-the-shared-path",
		comment:
			"what sockets are made of runs in browsers too; Node's part is in zmtp/transport, zmtp/platform and files node-*",
		severity: "error",
		from: {
			path: "^packages/zmtp/src/(wire|mechanism|connection|pattern|socket|[^/]+[.]ts$)",
			pathNot: "/node-[^/]+[.]ts$",
		},
		to: { dependencyTypes: ["core"] },
	},
	{
		name: "no-node-in-clients",
		comment: "what clients are made of runs in browsers too; Node's part is in runtime/platform, and in what serves",
		severity: "error",
		from: { path: "^packages/runtime/src/", pathNot: "^packages/runtime/src/(platform|server|queue|cli)/" },
		to: { dependencyTypes: ["core"] },
	},
	{
		name: "platform-by-its-name",
		comment: "which platform it is, package.json says",
		severity: "error",
		from: { path: "^packages/runtime/src/", pathNot: "^packages/runtime/src/platform/" },
		to: {
			path: "^packages/runtime/src/platform/(node|browser)[.]ts$",
			dependencyTypesNot: ["aliased-subpath-import"],
		},
	},
	{
		name: "nodes-part-by-way-of-the-platform",
		comment: "files node-* are imported by zmtp/platform/node.ts and what is Node's itself",
		severity: "error",
		from: { path: "^packages/zmtp/src/", pathNot: "/(transport|platform)/|/node-[^/]+[.]ts$" },
		to: { path: "^packages/zmtp/src/.*/node-[^/]+[.]ts$" },
	},
	{
		name: "sockets-of-node-in-transport",
		comment: "byte streams come from zmtp/transport alone",
		severity: "error",
		from: { path: "^packages/(zmtp|runtime)/src/", pathNot: "^packages/zmtp/src/transport/" },
		to: { path: "^(node:)?(net|tls|dgram|http|https|http2)$" },
	},
	{
		name: "zmtp-stands-alone",
		comment: "the sockets have no dependency",
		severity: "error",
		from: { path: "^packages/zmtp/src/" },
		to: { dependencyTypesNot: ["core", "local"] },
	},
	{
		name: "one-way-to-zmtp",
		comment:
			"runtime/link/zmtp-link.ts is the only file that a carrier other than ZeroMQ replaces; events are told as sockets tell them",
		severity: "error",
		from: { path: "^packages/runtime/src/", pathNot: "^packages/runtime/src/(link/zmtp-link|emitter)[.]ts$" },
		to: { path: "^packages/zmtp/" },
	},
	{
		name: "compiler-in-read",
		comment: "ts-morph and TypeScript are known to codegen/read alone",
		severity: "error",
		from: { path: "^packages/", pathNot: "^packages/codegen/src/read/" },
		to: { path: "(^|/)(ts-morph|@ts-morph|typescript)(/|$)" },
	},
	{
		name: "neighbours-by-name",
		comment: "another package is imported by its name, through what it exports",
		severity: "error",
		from: { path: "^packages/([^/]+)/" },
		to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypes: ["local"] },
	},
	{
		name: "declared-dependencies",
		comment: "what a published package imports stands among its dependencies",
		severity: "error",
		from: { path: "^packages/(zmtp|runtime|codegen)/src/" },
		to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
	},
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [...layerRules, ...packageRules, ...placeRules],
	options: {
		doNotFollow: { path: "node_modules" },
		// Imports of types are gone once compiled, and count all the same.
		tsPreCompilationDeps: true,
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			// Packages of the workspace as their sources, not as they happen to be built.
			conditionNames: ["homing-source", "import", "node", "default"],
		},
	},
};
