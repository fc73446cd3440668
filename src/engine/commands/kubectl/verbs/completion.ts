import { candidatesFor, directiveText } from '../framework/complete-line.ts';
import type { Command } from '../framework/command.ts';
import { findCommand } from '../framework/execute.ts';
import { CommandError, usageError } from '../framework/errors.ts';

/** For each shell a script that asks kubectl itself, by its hidden command `__complete`. */
const scripts: Readonly<Record<string, string>> = {
  bash: `
# Completion of kubectl for bash. The candidates come from "kubectl __complete".
__start_kubectl() {
    local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
    COMPREPLY=()
    local candidate
    for candidate in $(kubectl __complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2>/dev/null); do
        case "$candidate" in
            :*) ;;
            *) COMPREPLY+=("\${candidate%%$'\\t'*}") ;;
        esac
    done
}
complete -o default -F __start_kubectl kubectl
`,
  zsh: `#compdef kubectl
# Completion of kubectl for zsh. The candidates come from "kubectl __complete".
_kubectl() {
    local -a candidates
    candidates=(\${\${(f)"$(kubectl __complete "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)"}:#:*})
    candidates=(\${candidates/$'\\t'/:})
    _describe kubectl candidates
}
compdef _kubectl kubectl
`,
  fish: `# Completion of kubectl for fish. The candidates come from "kubectl __complete".
function __kubectl_candidates
    set -l words (commandline -opc) (commandline -ct)
    kubectl __complete $words[2..-1] 2>/dev/null | string match --invert ':*'
end
complete -c kubectl -f -a '(__kubectl_candidates)'
`,
  powershell: `# Completion of kubectl for PowerShell. The candidates come from "kubectl __complete".
Register-ArgumentCompleter -Native -CommandName kubectl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    kubectl __complete @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object { ($_ -split "\`t")[0] }
}
`,
};

export const completion: Command = {
  use: 'completion SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  long: `Prints a script for bash, zsh, fish or powershell. The shell must run it for Tab to complete kubectl's commands, flags and names.`,
  examples: `# Completion in this bash
source <(kubectl completion bash)

# In every bash from now on
echo 'source <(kubectl completion bash)' >> ~/.bashrc

# In this zsh
source <(kubectl completion zsh)`,
  complete: ({ word, args }) =>
    args.length === 0
      ? { values: Object.keys(scripts).filter((shell) => shell.startsWith(word)) }
      : { values: [], files: true },
  async run(context) {
    const { args, out } = context;
    if (args.length === 0) throw usageError(context, 'Shell not specified.');
    if (args.length > 1) throw usageError(context, 'Too many arguments. Expected only the shell type.');
    const script = Object.hasOwn(scripts, args[0]!) ? scripts[args[0]!] : undefined;
    if (script === undefined) throw usageError(context, `Unsupported shell type ${JSON.stringify(args[0])}.`);
    await out(script);
  },
};

/** What the scripts call: candidates with their descriptions, then cobra's directive. Nothing of it is parsed as flags. */
export const completeCommand: Command = {
  use: '__complete [command-line]',
  aliases: ['__completeNoDesc'],
  short: 'Request shell completion choices for the specified command-line',
  hidden: true,
  rawArguments: true,
  async run({ process, root, out, err }) {
    const words = process.argv.slice(2);
    const current = words.pop();
    if (current === undefined) throw new CommandError('requires at least 1 arg(s), only received 0');
    const [first] = words;
    // Such a command might be a plugin, which has no use for kubectl's own flags.
    if (
      first !== undefined &&
      !first.startsWith('-') &&
      findCommand(root, [first]).path.length === 1 &&
      first !== 'help'
    )
      await err('[Debug] Cleared global flags for plugin completion\n');
    const { candidates, directive, error } = await candidatesFor(root, process, words, current);
    if (error !== undefined) await err(`[Debug] [Error] ${error}\n`);
    const withDescriptions = process.argv[1] === '__complete';
    const lines = candidates.map((c) =>
      typeof c === 'string' ? c : c.description && withDescriptions ? `${c.value}\t${c.description}` : c.value,
    );
    await out([...lines, `:${directive}`].map((line) => `${line}\n`).join(''));
    await err(`Completion ended with directive: ${directiveText(directive)}\n`);
  },
};
