import type { HealthCheck } from '../../../runtime/index.ts';
import { DockerfileError, parseError, type LineRange } from './error.ts';
import { instructionFlags, type FlagValues } from './flags.ts';
import { nodeOf, type DockerfileNode, type DockerfileText } from './nodes.ts';
import { didYouMean } from './suggest.ts';
import { splitWords } from './words.ts';

interface Base extends LineRange {
  node: DockerfileNode;
}

/** Arguments of RUN, CMD and ENTRYPOINT: a line for the shell, or words. */
export interface CommandLine {
  args: string[];
  shell: boolean;
}

export interface Pair {
  key: string;
  value: string;
}

export type Instruction = Base &
  (
    | { kind: 'add' | 'copy'; sources: string[]; destination: string; flags: FlagValues }
    | { kind: 'arg'; args: { key: string; value: string | undefined }[] }
    | { kind: 'cmd' | 'entrypoint'; line: CommandLine }
    | { kind: 'run'; line: CommandLine; flags: FlagValues }
    | { kind: 'env' | 'label'; pairs: Pair[]; legacy: boolean }
    | { kind: 'expose'; ports: string[] }
    | { kind: 'healthcheck'; check: HealthCheck }
    | { kind: 'maintainer' | 'stopsignal' | 'user' | 'workdir'; value: string }
    | { kind: 'onbuild'; trigger: string }
    | { kind: 'shell'; shell: string[] }
    | { kind: 'volume'; volumes: string[] }
  );

export type InstructionKind = Instruction['kind'];

/** All that begins with one FROM. */
export interface Stage extends LineRange {
  node: DockerfileNode;
  /** What follows FROM: an image, or an earlier stage's name. */
  base: string;
  /** As written after AS; stages are known by its lower case. */
  name: string;
  /** The word AS as written. */
  as: string;
  platform: string;
  instructions: Instruction[];
}

export interface Dockerfile {
  text: DockerfileText;
  /** ARGs before the first FROM. */
  metaArgs: Extract<Instruction, { kind: 'arg' }>[];
  stages: Stage[];
}

/** Instruction names, as suggestions go through them. */
export const instructionNames = [
  'FROM', 'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL',
  'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR',
]; // prettier-ignore

/** Reads stages and instructions. @throws DockerfileError */
export function parseStages(text: DockerfileText): Dockerfile {
  // The parser reads all instructions before any of them is understood: its errors come first.
  for (const node of text.nodes) checkSyntax(node, text.escape);
  const metaArgs: Dockerfile['metaArgs'] = [];
  const stages: Stage[] = [];
  for (const node of text.nodes) {
    if (node.name === 'from') {
      stages.push(parseFrom(node));
      continue;
    }
    const instruction = parseInstruction(node, text.escape);
    const stage = stages.at(-1);
    if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === 'arg') metaArgs.push(instruction);
    else throw new DockerfileError('no build stage in current context', node);
  }
  if (stages.length === 0) throw new DockerfileError('dockerfile contains no stages to build');
  return { text, metaArgs, stages };
}

function checkSyntax(node: DockerfileNode, escape: string): void {
  const { name, rest } = node;
  const fail = (message: string) => new DockerfileError(message, node);
  if (name === 'env' || name === 'label') {
    const words = splitWords(rest, escape);
    if (words.length === 0) return;
    if (!words[0]!.includes('=')) {
      if (words.length < 2) throw fail(`${name.toUpperCase()} must have two arguments`);
      return;
    }
    for (const word of words)
      if (!word.includes('='))
        throw fail(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
  }
  if (['add', 'copy', 'cmd', 'entrypoint', 'run', 'shell', 'volume'].includes(name) && rest.startsWith('[')) {
    const list = jsonArray(rest);
    if (list === 'not strings') throw fail('when using JSON array syntax, arrays must be comprised of strings only');
  }
}

/** A JSON array of strings; undefined for what is no JSON array. */
function jsonArray(text: string): string[] | 'not strings' | undefined {
  if (!text.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => typeof item === 'string') ? value : 'not strings';
}

function listOf(text: string): string[] | undefined {
  const list = jsonArray(text);
  return Array.isArray(list) ? list : undefined;
}

function parseFrom(node: DockerfileNode): Stage {
  const words = node.rest.split(/\s+/).filter(Boolean);
  const flags = instructionFlags(node);
  const fail = (message: string) => parseError(message, node);
  let name = '';
  if (words.length === 3 && words[1]!.toLowerCase() === 'as') {
    name = words[2]!;
    if (!/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase()))
      throw fail(
        `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
      );
  } else if (words.length !== 1) throw fail('FROM requires either one or three arguments');
  const { start, end } = node;
  const platform = flags.get('platform') ?? '';
  return { node, start, end, base: words[0]!, name, as: words[1] ?? '', platform, instructions: [] };
}

/** @throws DockerfileError */
export function parseInstruction(node: DockerfileNode, escape: string): Instruction {
  const { name, rest, start, end } = node;
  const base = { node, start, end };
  const upper = name.toUpperCase();
  const fail = (message: string) => parseError(message, node);
  if (!instructionNames.includes(upper))
    throw fail(`unknown instruction: ${node.keyword}${didYouMean(node.keyword, instructionNames)}`);
  const flags = instructionFlags(node);
  const words = splitWords(rest, escape);
  const atLeastOne = () => {
    if (words.length === 0) throw fail(`${upper} requires at least one argument`);
  };
  switch (name) {
    case 'add':
    case 'copy': {
      const list = listOf(rest) ?? words;
      if (list.length < 2)
        throw fail(
          list.length === 0
            ? `${upper} requires at least two arguments, but none were provided`
            : `${upper} requires at least two arguments, but only one was provided. Destination could not be determined`,
        );
      const sources = list.slice(0, -1);
      return { ...base, kind: name, sources, destination: list.at(-1)!, flags };
    }
    case 'arg': {
      atLeastOne();
      const args = words.map((word) => {
        const at = word.indexOf('=');
        const key = at < 0 ? word : word.slice(0, at);
        if (key === '') throw fail('ARG names can not be blank');
        return { key, value: at < 0 ? undefined : word.slice(at + 1) };
      });
      return { ...base, kind: 'arg', args };
    }
    case 'cmd':
    case 'entrypoint':
      return { ...base, kind: name, line: commandLine(rest) };
    case 'run':
      return { ...base, kind: 'run', line: commandLine(rest), flags };
    case 'env':
    case 'label': {
      atLeastOne();
      const legacy = !words[0]!.includes('=');
      const pairs = legacy
        ? [{ key: words[0]!, value: rest.slice(rest.search(/\s/)).trim() }]
        : words.map((word) => ({ key: word.slice(0, word.indexOf('=')), value: word.slice(word.indexOf('=') + 1) }));
      for (const { key } of pairs) if (key === '') throw fail(`${upper} names can not be blank`);
      return { ...base, kind: name, pairs, legacy };
    }
    case 'expose':
      atLeastOne();
      return { ...base, kind: 'expose', ports: rest.split(/\s+/).filter(Boolean) };
    case 'healthcheck':
      return { ...base, kind: 'healthcheck', check: healthCheck(rest, flags, fail) };
    case 'maintainer':
    case 'stopsignal':
    case 'user':
    case 'workdir':
      if (rest === '') throw fail(`${upper} requires exactly one argument`);
      return { ...base, kind: name, value: rest };
    case 'onbuild': {
      if (rest === '') throw fail('ONBUILD requires at least one argument');
      const trigger = rest.split(/\s/, 1)[0]!.toUpperCase();
      if (trigger === 'ONBUILD') throw fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
      if (trigger === 'MAINTAINER' || trigger === 'FROM') throw fail(`${trigger} isn't allowed as an ONBUILD trigger`);
      return { ...base, kind: 'onbuild', trigger: rest };
    }
    case 'shell': {
      const list = listOf(rest);
      if (list && list.length > 0) return { ...base, kind: 'shell', shell: list };
      if (rest === '' || list) throw fail('SHELL requires at least one argument');
      throw fail('SHELL requires the arguments to be in JSON form');
    }
    default: {
      const list = listOf(rest) ?? rest.split(/\s+/).filter(Boolean);
      if (list.length === 0) throw fail('VOLUME requires at least one argument');
      const volumes = list.map((volume) => volume.trim());
      if (volumes.includes('')) throw fail('VOLUME specified can not be an empty string');
      return { ...base, kind: 'volume', volumes };
    }
  }
}

function commandLine(rest: string): CommandLine {
  const list = listOf(rest);
  return list ? { args: list, shell: false } : { args: rest === '' ? [] : [rest], shell: true };
}

function healthCheck(rest: string, flags: FlagValues, fail: (message: string) => Error): HealthCheck {
  if (rest === '') throw fail('HEALTHCHECK requires at least one argument');
  const [, type = '', line = ''] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
  if (type.toUpperCase() === 'NONE') {
    if (line !== '') throw fail('HEALTHCHECK NONE takes no arguments');
    return { test: ['NONE'] };
  }
  if (type.toUpperCase() !== 'CMD')
    throw fail(`Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`);
  if (line === '') throw fail('Missing command after HEALTHCHECK CMD');
  const { args, shell } = commandLine(line);
  const check: HealthCheck = { test: shell ? ['CMD-SHELL', ...args] : ['CMD', ...args] };
  for (const [flag, field] of [
    ['interval', 'interval'],
    ['timeout', 'timeout'],
    ['start-period', 'startPeriod'],
    ['start-interval', 'startInterval'],
  ] as const) {
    const text = flags.get(flag);
    if (text === undefined) continue;
    const ms = goDuration(text);
    if (ms === undefined) throw fail(`time: invalid duration ${JSON.stringify(text)}`);
    if (ms < 1) throw fail(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`);
    check[field] = ms;
  }
  const retries = flags.get('retries');
  if (retries !== undefined) {
    if (!/^[+-]?\d+$/.test(retries)) throw fail(`strconv.ParseInt: parsing ${JSON.stringify(retries)}: invalid syntax`);
    if (Number(retries) < 0) throw fail(`--retries cannot be negative (${retries})`);
    check.retries = Number(retries);
  }
  return check;
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** ms of Go's durations: `1m30s`; undefined if malformed. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(number) * units[unit!]!;
  return text.startsWith('-') ? -sum : sum;
}

/** The instruction that an ONBUILD trigger of a base image stands for. @throws DockerfileError */
export function parseTrigger(text: string, range: LineRange): Instruction {
  return parseInstruction(nodeOf(text, range), '\\');
}
