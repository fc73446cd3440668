import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { completeLine } from '../completion.ts';

/** For each shell a script that asks docker itself, by its hidden command `__complete`. */
const scripts: Readonly<Record<string, string>> = {
  bash: `# bash completion V2 for docker                               -*- shell-script -*-

__docker_debug()
{
    if [[ -n \${BASH_COMP_DEBUG_FILE:-} ]]; then echo "$*" >> "\${BASH_COMP_DEBUG_FILE}"; fi
}

# The candidates come from "docker __complete".
__start_docker()
{
    local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}" candidate
    COMPREPLY=()
    for candidate in $(docker __complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2>/dev/null); do
        case "$candidate" in
            :*) ;;
            *) COMPREPLY+=("\${candidate%%$'\\t'*}") ;;
        esac
    done
}

complete -o default -F __start_docker docker
`,
  fish: `# fish completion for docker                               -*- shell-script -*-

function __docker_candidates
    set -l words (commandline -opc) (commandline -ct)
    docker __complete $words[2..-1] 2>/dev/null | string match --invert ':*'
end
complete -c docker -f -a '(__docker_candidates)'
`,
  powershell: `# powershell completion for docker                               -*- shell-script -*-

Register-ArgumentCompleter -Native -CommandName docker -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    docker __complete @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object { ($_ -split "\`t")[0] }
}
`,
  zsh: `#compdef docker
compdef _docker docker

# zsh completion for docker                               -*- shell-script -*-

_docker() {
    local -a candidates
    candidates=(\${\${(f)"$(docker __complete "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)"}:#:*})
    candidates=(\${candidates/$'\\t'/:})
    _describe docker candidates
}
`,
};

const shells = Object.keys(scripts).sort();

export const completion: Command = {
  use: 'completion',
  short: 'Generate the autocompletion script for the specified shell',
  hidden: true,
  commands: shells.map((shell) => ({
    use: shell,
    short: `Generate the autocompletion script for ${shell}`,
    args: [0, 0],
    run: ({ out }) => out(scripts[shell]!),
  })),
};

/** What the scripts call. @param root gives the whole command line */
export function completeCommand(root: () => Command): Command {
  return {
    use: '__complete',
    aliases: ['__completeNoDesc'],
    short: 'Request shell completion choices for the specified command-line',
    hidden: true,
    rawArguments: true,
    run: async ({ args, process, out, err }) => {
      if (args.length === 0) throw new CliError('requires at least 1 arg(s), only received 0');
      const words = ['docker', ...args];
      const current = words.at(-1)!;
      const found = await completeLine(root(), { words, index: words.length - 1, current, process });
      const values = found.map((each) =>
        typeof each === 'string' ? each : each.description ? `${each.value}\t${each.description}` : each.value,
      );
      await out(
        values
          .filter((value) => value.startsWith(current))
          .map((value) => `${value}\n`)
          .join(''),
      );
      await out(':4\n');
      await err('Completion ended with directive: ShellCompDirectiveNoFileComp\n');
    },
  };
}
