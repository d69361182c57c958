/** What `homing.config.json` may say: checked when it is read, and told to editors as JSON Schema. */
import * as z from "zod";
import { languages } from "../language.js";
import { importExtensions } from "../model/import-extension.js";
import { errorFormats } from "../report/formats.js";
import { configName } from "./name.js";

const text = z.string().min(1);
const file = text.describe("A source file, a folder or a glob, from this file's folder.");

/** How the stubs of some inputs are made. */
const target = z.strictObject({
	out: text.describe("The folder for the generated files, from this file's folder.").exactOptional(),
	language: z.enum(languages).describe("The language of the stubs. Default: typescript.").exactOptional(),
	project: text
		.describe("The tsconfig.json to read the sources with. Default: for each file the nearest at or above its folder.")
		.exactOptional(),
	importExtension: z
		.enum(importExtensions)
		.describe(
			"How generated files import the user's own: ./bank.js, ./bank.ts or ./bank. Default: what the tsconfig of the output suits.",
		)
		.exactOptional(),
	fakes: z.boolean().describe("Files with stand-ins for unit tests beside the stubs. Default: false.").exactOptional(),
	arbitraries: z
		.boolean()
		.describe("Files with fast-check's arbitraries beside the stubs. Default: false.")
		.exactOptional(),
});

const input = z
	.strictObject({ files: z.union([file, z.array(file).min(1)]), ...target.shape })
	.describe("Sources with settings of their own; what they leave out is as for all.");

export const configSchema = z
	.strictObject({
		$schema: text.describe("Where editors find this schema.").exactOptional(),
		inputs: z
			.array(z.union([file, input]))
			.min(1)
			.describe("What to generate stubs of."),
		...target.shape,
		errorFormat: z.enum(errorFormats).describe("How to report what is wrong. Default: text.").exactOptional(),
		accept: z
			.array(text.describe("HB102, or HB102:Bank.log there and in it."))
			.min(1)
			.describe("Changes that break older versions and are meant, for `homing-codegen breaking`.")
			.exactOptional(),
	})
	.describe("What `homing-codegen generate` does when it is told no files.");

export type ConfigTarget = Readonly<z.infer<typeof target>>;
export type Config = Readonly<z.infer<typeof configSchema>>;

/** Draft-07 is what editors know best. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
	return { title: configName, ...z.toJSONSchema(configSchema, { target: "draft-7" }) };
}
