import type { Process } from '../../../process/index.ts';
import { splitWords } from './resp.ts';

/** Settings with the values they have when nobody sets them; those that nothing here depends on can be read and set too. */
const defaults: Readonly<Record<string, string>> = {
  appendfsync: 'everysec', appendonly: 'no', bind: '* -::*', databases: '16', dbfilename: 'dump.rdb', dir: '/data', hz: '10', loglevel: 'notice', maxclients: '10000',
  maxmemory: '0', 'maxmemory-policy': 'noeviction', port: '6379', 'protected-mode': 'yes', requirepass: '', save: '3600 1 300 100 60 10000', 'tcp-backlog': '511',
  'tcp-keepalive': '300', timeout: '0', daemonize: 'no', logfile: '', appenddirname: 'appendonlydir', 'always-show-logo': 'no', masterauth: '', 'slowlog-max-len': '128', 'notify-keyspace-events': '', 'lazyfree-lazy-eviction': 'no',
}; // prettier-ignore

export class ConfigProblem extends Error {
  override name = 'ConfigProblem';
}

export type RedisConfig = Map<string, string>;

/** Reads `redis-server [FILE] [--option value …]`. @throws ConfigProblem with the text of the real server */
export function readConfig(process: Process): { config: RedisConfig; given: boolean } {
  const config: RedisConfig = new Map(Object.entries(defaults));
  config.set('dir', process.cwd);
  const args = process.argv.slice(1);
  const given = args.length > 0;
  const lines: string[] = [];
  if (args[0] !== undefined && !args[0].startsWith('-')) {
    const path = process.path(args.shift()!);
    const node = process.machine.fs.lookup(path);
    if (node?.type !== 'file')
      throw new ConfigProblem(`Fatal error, can't open config file '${path}': No such file or directory`);
    lines.push(...new TextDecoder().decode(node.data).split('\n'));
  }
  let option: string[] | undefined;
  const saves: string[] = [];
  const quote = (word: string) => `"${word.replace(/[\\"]/g, '\\$&')}"`;
  for (const arg of args) {
    if (arg.startsWith('--')) {
      if (option) lines.push(option.join(' '));
      option = [arg.slice(2)];
    } else option?.push(arg === '' || /\s/.test(arg) ? quote(arg) : arg);
  }
  if (option) lines.push(option.join(' '));
  lines.forEach((line, i) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return;
    const words = splitWords(line);
    const fail = (why: string) =>
      new ConfigProblem(
        `\n*** FATAL CONFIG FILE ERROR (Redis ${process.env.get('REDIS_VERSION') ?? '8.4.0'}) ***\nReading the configuration file, at line ${i + 1}\n>>> '${line}'\n${why}`,
      );
    if (!words) throw fail('Unbalanced quotes in configuration line');
    const name = words[0]!.toLowerCase();
    if (!Object.hasOwn(defaults, name)) throw fail('Bad directive or wrong number of arguments');
    const value = words.slice(1).join(' ');
    if (words.length < 2) throw fail('wrong number of arguments');
    if ((name === 'appendonly' || name === 'protected-mode') && !/^(yes|no)$/.test(value))
      throw fail("argument must be 'yes' or 'no'");
    if (name === 'save') {
      if (value === '') saves.length = 0;
      else saves.push(value);
      config.set(name, saves.join(' '));
    } else config.set(name, value);
  });
  return { config, given };
}
