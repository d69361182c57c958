/** Mocha adds the files named on its command line to those of its configuration; here naming some means those alone. */
const isNamed = process.argv.slice(2).some((argument) => /^(\.\/)?test\/|\.test\.ts$/.test(argument));

module.exports = {
	...(isNamed ? {} : { spec: ["test/**/*.test.ts"] }),
	"node-option": ["conditions=homing-source", "import=tsx"],
	ignore: ["**/node_modules/**"],
	timeout: 30_000,
	failZero: true,
	forbidOnly: true,
	retries: 0,
	reporter: "./test/support/reporter.cjs",
};
