/** Mocha adds the files named on its command line to those of its configuration; here naming some means those alone. */
const isNamed = process.argv.slice(2).some((argument) => /^(\.\/)?test\/|\.test\.ts$/.test(argument));

/** What the sources take to run. Mocha starts itself anew for the sake of it, unless it was started so. */
const flags = ["conditions=homing-source", "import=tsx"];
const isStartedSo = flags.every((flag) => process.execArgv.includes(`--${flag}`));

module.exports = {
	...(isNamed ? {} : { spec: ["test/**/*.test.ts"] }),
	...(isStartedSo ? {} : { "node-option": flags }),
	ignore: ["**/node_modules/**"],
	timeout: 30_000,
	failZero: true,
	forbidOnly: true,
	retries: 0,
	reporter: "./test/support/reporter.cjs",
};
