/** `homing-codegen completion`: what shells complete, made from the commands' definitions. */
import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

interface CompletedOption {
	/** `--out`, and `-V` if it has a short form. */
	readonly flags: readonly string[];
	readonly description: string;
	readonly takesValue: boolean;
	/** What the value may be; any file if there are none. */
	readonly choices: readonly string[];
}

interface CompletedCommand {
	readonly name: string;
	readonly description: string;
	readonly options: readonly CompletedOption[];
	/** What an argument may be; any file if there are none. */
	readonly choices: readonly string[];
}

/** The script that a shell reads at its start. */
export function completionScript(shell: Shell, program: Command): string {
	const commands = program.commands.map(completedCommand);
	const own = completedOptions(program);
	switch (shell) {
		case "bash":
			return bash(program.name(), commands, own);
		case "zsh":
			return zsh(program.name(), commands, own);
		case "fish":
			return fish(program.name(), commands, own);
	}
}

function completedCommand(command: Command): CompletedCommand {
	const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
	return { name: command.name(), description: command.description(), options: completedOptions(command), choices };
}

function completedOptions(command: Command): CompletedOption[] {
	return command
		.createHelp()
		.visibleOptions(command)
		.map((option: Option) => ({
			flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
			description: option.description,
			takesValue: option.required || option.optional,
			choices: option.argChoices ?? [],
		}));
}

function bash(name: string, commands: readonly CompletedCommand[], own: readonly CompletedOption[]): string {
	const flags = (options: readonly CompletedOption[]) => options.flatMap((option) => option.flags).join(" ");
	const valued = new Map(
		commands.flatMap(({ options }) => options.filter((one) => one.takesValue).map((one) => [one.flags.join("|"), one])),
	);
	const values = [...valued].map(([pattern, { choices }]) =>
		choices.length === 0 ? `\t\t${pattern}) return 0 ;;` : `\t\t${pattern}) words="${choices.join(" ")}" ;;`,
	);
	const cases = commands.map(({ name: command, options, choices }) =>
		[
			`\t\t\t${command})`,
			`\t\t\t\tif [[ $current == -* ]]; then words="${flags(options)}"`,
			`\t\t\t\telse ${choices.length === 0 ? "return 0" : `words="${choices.join(" ")}"`}; fi ;;`,
		].join("\n"),
	);
	const first = `\t\t\t*) words="${[...commands.map((command) => command.name), flags(own)].join(" ")}" ;;`;
	// What returns without an answer leaves it to the shell, which completes files.
	return `# eval "$(${name} completion bash)"
_${identifier(name)}() {
	local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=
	COMPREPLY=()
	case "$previous" in
${values.join("\n")}
		*)
			local command=
			if (( COMP_CWORD > 1 )); then command="\${COMP_WORDS[1]}"; fi
			case "$command" in
${[...cases, first].join("\n")}
			esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _${identifier(name)} ${name}
`;
}

function zsh(name: string, commands: readonly CompletedCommand[], own: readonly CompletedOption[]): string {
	const action = (choices: readonly string[]) => (choices.length === 0 ? "_files" : `(${choices.join(" ")})`);
	const option = ({ flags, description, takesValue, choices }: CompletedOption) =>
		flags.map((flag) =>
			quoted(`*${flag}[${description.replaceAll(/[[\]\\]/g, "\\$&")}]${takesValue ? `:value:${action(choices)}` : ""}`),
		);
	const cases = commands.map(
		({ name: command, options, choices }) =>
			`\t\t${command}) _arguments -s ${[...options.flatMap(option), quoted(`*:argument:${action(choices)}`)].join(" ")} ;;`,
	);
	const described = commands.map(({ name: command, description }) => quoted(`${command}:${description}`));
	return `#compdef ${name}
# eval "$(${name} completion zsh)", behind compinit
_${identifier(name)}() {
	if (( CURRENT == 2 )); then
		local -a commands=(${described.join(" ")})
		_describe command commands
		_arguments ${own.flatMap(option).join(" ")}
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
${cases.join("\n")}
	esac
}
compdef _${identifier(name)} ${name}
`;
}

function fish(name: string, commands: readonly CompletedCommand[], own: readonly CompletedOption[]): string {
	const line = (condition: string, rest: string) => `complete -c ${name} -n ${quoted(condition)} ${rest}`;
	const option = (condition: string) => (one: CompletedOption) => {
		const flags = one.flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
		const values = one.takesValue
			? one.choices.length === 0
				? " -r -F"
				: ` -x -a ${quoted(one.choices.join(" "))}`
			: "";
		return line(condition, `${flags.join(" ")}${values} -d ${quoted(one.description)}`);
	};
	return [
		`# ${name} completion fish | source`,
		...commands.map(({ name: command, description }) =>
			line("__fish_use_subcommand", `-f -a ${command} -d ${quoted(description)}`),
		),
		...own.map(option("__fish_use_subcommand")),
		...commands.flatMap(({ name: command, options, choices }) => {
			const condition = `__fish_seen_subcommand_from ${command}`;
			const values = choices.length === 0 ? [] : [line(condition, `-f -a ${quoted(choices.join(" "))}`)];
			return [...values, ...options.map(option(condition))];
		}),
		"",
	].join("\n");
}

function identifier(name: string): string {
	return name.replaceAll("-", "_");
}

/** One word for bash, zsh and fish alike: none of them minds what is quoted so. */
function quoted(text: string): string {
	return `'${text.replaceAll("'", "’")}'`;
}
