import type { StepResult } from '../script.ts';
import type { Reduction } from './sequence.ts';

/** Takes our own prose, and the real program's, out of a result. Doing it twice changes nothing. */
export function reduced(result: StepResult, reduction: Reduction | undefined): StepResult {
  switch (reduction) {
    case undefined:
      return result;
    case 'help':
      return { ...result, stdout: helpStructure(result.stdout), stderr: helpStructure(result.stderr) };
    case 'completion':
      return { ...result, stdout: result.stdout.replace(/\t.*$/gm, '') };
    case 'completion-set':
      return { ...result, stdout: result.stdout.replace(/\t.*$/gm, '').split('\n').sort().join('\n') };
  }
}

const commandLists = /^[A-Z][\w &/,()]*( Commands( \([\w]+\))?|Commands provided by plugins):$/;

/**
 * What of a help text is interface: aliases, subcommands by group, flags with their shorthands and defaults, usage
 * lines and the closing hints. A text without a usage section stays as it is (errors).
 */
export function helpStructure(text: string): string {
  if (!/^Usage:$/m.test(text) && !/^The following options can be passed/m.test(text)) return text;
  const out: string[] = [];
  let section: 'aliases' | 'commands' | 'options' | 'usage' | undefined;
  for (const line of text.split('\n')) {
    if (/^(error|Error|unknown|Unknown|See )/.test(line)) out.push(line);
    else if (line === 'Aliases:') section = 'aliases';
    else if (line === 'Options:') section = 'options';
    else if (line === 'Usage:') section = 'usage';
    else if (commandLists.test(line) || line === 'Available Commands:') section = 'commands';
    else if (/^Use "kubectl( .*<command> --help| options)"/.test(line)) section = undefined;
    else if (/^The following options can be passed/.test(line)) {
      section = 'options';
      continue;
    } else if (line.trim() === '') {
      if (section !== 'options') section = undefined;
      continue;
    } else if (section === undefined) continue;
    else if (section === 'commands') {
      out.push(`  ${line.trim().split(/\s/)[0]}`);
      continue;
    } else if (section === 'options' && !/^ {4}(-\w, )?--/.test(line)) continue;
    out.push(line.trimEnd());
  }
  return `${[...new Set(out.length > 0 ? [out[0]!] : []), ...out.slice(1)].join('\n')}\n`;
}
