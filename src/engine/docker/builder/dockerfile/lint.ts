import { instructionNames, type Dockerfile } from './instructions.ts';
import type { LineRange } from './error.ts';

/** A finding of BuildKit's Dockerfile checks. */
export interface LintWarning {
  rule: string;
  message: string;
  /** What the rule is about, for `--debug`. */
  description: string;
  url: string;
  range: LineRange;
}

const descriptions: Readonly<Record<string, string>> = {
  StageNameCasing: 'Stage names should be lowercase',
  FromAsCasing: "The 'as' keyword should match the case of the 'from' keyword",
  NoEmptyContinuation: 'Empty continuation lines will become errors in a future release',
  ConsistentInstructionCasing: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
  DuplicateStageName: 'Stage names should be unique',
  ReservedStageName: 'Reserved words should not be used as stage names',
  JSONArgsRecommended: 'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
  MaintainerDeprecated: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
  UndefinedArgInFrom: 'FROM command must use declared ARGs',
  WorkdirRelativePath: 'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
  UndefinedVar: 'Variables should be defined before their use',
  MultipleInstructionsDisallowed: 'Multiple instructions of the same type should not be used in the same stage',
  LegacyKeyValueFormat: 'Legacy key/value format with whitespace separator should not be used',
  RedundantTargetPlatform: 'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
  SecretsUsedInArgOrEnv: 'Sensitive data should not be used in the ARG or ENV commands',
  InvalidDefaultArgInFrom: 'Default value for global ARG results in an empty or invalid base image name',
  FromPlatformFlagConstDisallowed: 'FROM --platform flag should not use a constant value',
  ExposeProtoCasing: 'Protocol in EXPOSE instruction should be lowercase',
  ExposeInvalidFormat: 'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
  InvalidBaseImagePlatform: 'Base image platform does not match expected target platform',
}; // prettier-ignore

/** `JSONArgsRecommended` → `json-args-recommended`. */
const slug = (rule: string) =>
  rule
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** A warning with the line in its message, as it is shown. */
export function warning(rule: string, message: string, range: LineRange, line = range.start): LintWarning {
  return {
    rule,
    message: `${rule}: ${message} (line ${line})`,
    description: descriptions[rule] ?? '',
    url: `https://docs.docker.com/go/dockerfile/rule/${slug(rule)}/`,
    range,
  };
}

const secret = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const publicName = /(?:_|^)public(?:_|$)/i;

/** `# check=skip=A,B` leaves rules out; `skip=all` all. */
function skipped(directive: string | undefined): (rule: string) => boolean {
  const rules = new Set<string>();
  for (const part of (directive ?? '').split(';')) {
    const [key, value = ''] = part.split('=');
    if (key?.trim().toLowerCase() === 'skip') for (const rule of value.split(',')) rules.add(rule.trim().toLowerCase());
  }
  return (rule) => rules.has('all') || rules.has(rule.toLowerCase());
}

/** What can be seen in the file alone, in the order in which BuildKit finds it. */
export function lint(file: Dockerfile): LintWarning[] {
  const found: LintWarning[] = [];
  const skip = skipped(file.text.directives.get('check'));
  const add = (rule: string, message: string, range: LineRange, line = range.start) => {
    if (!skip(rule)) found.push(warning(rule, message, range, line));
  };
  for (const node of file.text.nodes)
    if (node.emptyContinuation)
      add('NoEmptyContinuation', 'Empty continuation line', { start: node.end, end: node.end });
  const secrets = (kind: string, key: string, range: LineRange) => {
    if (secret.test(key) && !publicName.test(key))
      add('SecretsUsedInArgOrEnv', `Do not use ARG or ENV instructions for sensitive data (${kind} ${JSON.stringify(key)})`, range);
  };
  for (const arg of file.metaArgs) for (const { key } of arg.args) secrets('ARG', key, arg);
  const names = new Set<string>();
  for (const stage of file.stages) {
    if (stage.name !== '') {
      const lower = stage.name.toLowerCase();
      if (stage.name !== lower) add('StageNameCasing', `Stage name '${stage.name}' should be lowercase`, stage);
      const keyword = stage.node.keyword;
      const sameCase = (text: string) => (text === text.toUpperCase() ? 'upper' : text === text.toLowerCase() ? 'lower' : '');
      if (sameCase(stage.as) !== sameCase(keyword) && sameCase(keyword) !== '')
        add('FromAsCasing', `'${stage.as}' and '${keyword}' keywords' casing do not match`, stage);
      if (['scratch', 'context'].includes(lower))
        add('ReservedStageName', `Stage name should not use the same name as reserved stage ${JSON.stringify(lower)}`, stage);
      if (names.has(lower))
        add('DuplicateStageName', `Duplicate stage name ${JSON.stringify(stage.name)}, stage names should be unique`, stage);
      names.add(lower);
    }
    if (stage.platform !== '') {
      if (/^\$\{?TARGETPLATFORM\}?$/.test(stage.platform))
        add('RedundantTargetPlatform', `Setting platform to predefined ${stage.platform} in FROM is redundant as this is the default behavior`, stage);
      else if (!stage.platform.includes('$') && !names.has(stage.base.toLowerCase()))
        add('FromPlatformFlagConstDisallowed', `FROM --platform flag should not use constant value ${JSON.stringify(stage.platform)}`, stage);
    }
  }
  lintCasing(file, add);
  for (const stage of file.stages) {
    const seen = new Map<string, LineRange>();
    let shell = false;
    for (const instruction of stage.instructions) {
      switch (instruction.kind) {
        case 'cmd':
        case 'entrypoint':
        case 'healthcheck': {
          const kind = instruction.kind.toUpperCase();
          const shown = instruction.kind === 'healthcheck' ? undefined : instruction.line;
          const before = seen.get(kind);
          if (before)
            add('MultipleInstructionsDisallowed', `Multiple ${kind} instructions should not be used in the same stage because only the last one will be used`, before);
          seen.set(kind, instruction);
          if (shown?.shell && !shell)
            add('JSONArgsRecommended', `JSON arguments recommended for ${kind} to prevent unintended behavior related to OS signals`, instruction);
          break;
        }
        case 'shell':
          shell = true;
          break;
        case 'maintainer':
          add('MaintainerDeprecated', 'Maintainer instruction is deprecated in favor of using label', instruction);
          break;
        case 'env':
        case 'label':
          if (instruction.legacy) {
            const upper = instruction.kind.toUpperCase();
            add('LegacyKeyValueFormat', `"${upper} key=value" should be used instead of legacy "${upper} key value" format`, instruction);
          }
          if (instruction.kind === 'env') for (const { key } of instruction.pairs) secrets('ENV', key, instruction);
          break;
        case 'arg':
          for (const { key } of instruction.args) secrets('ARG', key, instruction);
          break;
        case 'expose':
          for (const port of instruction.ports) {
            if (port.includes('$')) continue;
            const protocol = port.split('/')[1] ?? '';
            if (protocol !== protocol.toLowerCase())
              add('ExposeProtoCasing', `Defined protocol '${port}' in EXPOSE instruction should be lowercase`, instruction);
            if (port.includes(':'))
              add('ExposeInvalidFormat', `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`, instruction);
          }
          break;
        default:
      }
    }
  }
  return found;
} // prettier-ignore

function lintCasing(file: Dockerfile, add: (rule: string, message: string, range: LineRange) => void): void {
  const nodes = file.text.nodes.filter((node) => instructionNames.includes(node.name.toUpperCase()));
  const lower = nodes.filter((node) => node.keyword === node.name).length;
  const upper = nodes.filter((node) => node.keyword === node.name.toUpperCase()).length;
  const majority = upper > lower || (upper === lower && nodes[0]?.keyword !== nodes[0]?.name) ? 'uppercase' : 'lowercase';
  for (const node of nodes) {
    const right = majority === 'uppercase' ? node.name.toUpperCase() : node.name;
    if (node.keyword !== right)
      add('ConsistentInstructionCasing', `Command '${node.keyword}' should match the case of the command majority (${majority})`, node);
  }
} // prettier-ignore
