// What `npm start`, `npm test` and `npm run bench` do. Plain Node: it runs before anything is installed, and on a Node
// that is too old it must get as far as saying so.
const minimum = [20, 19];
const found = process.versions.node.split(".").map(Number);

if (found[0] < minimum[0] || (found[0] === minimum[0] && found[1] < minimum[1])) {
	console.error(
		`Homing needs Node ${minimum.join(".")} or newer; this is Node ${process.versions.node}.\n` +
			"Install a newer one from https://nodejs.org, or with your version manager: nvm install 22",
	);
	process.exitCode = 1;
} else {
	import("./run/main.mjs").then(({ main }) => main(process.argv.slice(2)));
}
