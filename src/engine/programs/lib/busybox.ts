import type { Machine } from '../../process/index.ts';

/** What busybox's applets say where the GNU tools of the same names say it otherwise. */

/** Whether the small tools of a machine are busybox's: then its shell is one of them. */
export function isBusybox({ fs }: Machine): boolean {
  if (!fs.exists('/bin/busybox')) return false;
  const shell = fs.lookup('/bin/sh');
  return shell?.type !== 'file' || shell.program === undefined || shell.program === 'ash';
}

/** `BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.` with what the image's busybox is. */
export function busyboxBanner({ fs }: Machine): string {
  const node = fs.lookup('/bin/busybox');
  const text = node?.type === 'file' ? new TextDecoder('latin1').decode(node.data) : '';
  const version = /busybox\/([\d.]+)/.exec(text)?.[1] ?? '1.37.0';
  return `BusyBox v${version} (2024-09-26 21:31:42 UTC) multi-call binary.`;
}

/** Applets that open their files with open(2) and say so; the others name just the file. */
const openers = new Set(['cat', 'tail', 'dd', 'cmp', 'md5sum', 'sha1sum', 'sha256sum', 'sha512sum', 'tac', 'rev', 'strings', 'hexdump', 'xxd']); // prettier-ignore

const usages: Readonly<Record<string, string>> = {
  cat: '[-nbvteA] [FILE]...',
  chmod: '[-Rcvf] MODE[,MODE]... FILE...',
  chown: '[-Rhcvf] USER[:[GRP]] FILE...',
  cp: '[-arPLHpfinlsTu] SOURCE DEST',
  cut: '{-b|c LIST | -f LIST [-d SEP] [-s]} [-n] [FILE]...',
  find: '[-HL] [PATH]... [OPTIONS] [ACTIONS]',
  grep: '[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...',
  head: '[OPTIONS] [FILE]...',
  ls: '[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...',
  mkdir: '[-m MODE] [-p] DIRECTORY...',
  mv: '[-finT] SOURCE DEST',
  ps: '[-o COL1,COL2=HEADER] [-T]',
  rm: '[-irf] FILE...',
  rmdir: '[-p] DIRECTORY...',
  sleep: '[N]...',
  tail: '[OPTIONS] [FILE]...',
  touch: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  wc: '[-cmlwL] [FILE]...',
};

export function busyboxUsage(machine: Machine, name: string): string {
  return `${busyboxBanner(machine)}\n\nUsage: ${name} ${usages[name] ?? '[OPTIONS] [FILE]...'}\n`;
}

/** Rules from a GNU message to the applet's; the first that fits counts. */
const rules: readonly [pattern: RegExp, by: string | ((name: string, ...groups: string[]) => string)][] = [
  [/^cannot access '(.*)': (.*)$/s, (name, file, why) => (name === 'stat' ? `can't stat '${file}': ${why}` : `${file}: ${why}`)],
  [/^(?:cannot touch|setting times of|changing ownership of|changing permissions of) ['‘](.*)['’]: (.*)$/s, '$1: $2'],
  [/^cannot open directory '(.*)': (.*)$/s, "can't open '$1': $2"],
  [/^cannot create directory ['‘](.*)['’]: (.*)$/s, "can't create directory '$1': $2"],
  [/^cannot remove '(.*)': Is a directory$/s, "'$1' is a directory"],
  [/^cannot remove '(.*)': (.*)$/s, "can't remove '$1': $2"],
  [/^failed to remove '(.*)': (.*)$/s, "'$1': $2"],
  [/^cannot stat '(.*)': (.*)$/s, (name, file, why) => (name === 'mv' ? `can't rename '${file}': ${why}` : `can't stat '${file}': ${why}`)],
  [/^cannot create (?:regular )?file '(.*)': (.*)$/s, "can't create '$1': $2"],
  [/^cannot open '(.*)' for reading: (.*)$/s, (name, file, why) => (openers.has(name) ? `can't open '${file}': ${why}` : `${file}: ${why}`)],
  [/^(?:-r not specified; )?omitting directory '(.*)'$/s, "omitting directory '$1'"],
  [/^failed to create (?:symbolic|hard) link '(.*)': (.*)$/s, '$1: $2'],
  [/^invalid user: '(.*)'$/s, 'unknown user $1'],
  [/^invalid group: '(.*)'$/s, 'unknown group $1'],
  [/^invalid mode: ‘(.*)’$/s, "invalid mode '$1'"],
  [/^‘(.*)’: no such user$/s, 'unknown user $1'],
  [/^invalid option -- '(.*)'$/s, 'unrecognized option: $1'],
  [/^unrecognized option '--?(.*)'$/s, 'unrecognized option: $1'],
  [/^option requires an argument -- '(.*)'$/s, 'option requires an argument: $1'],
]; // prettier-ignore

/** The message as the applet `name` words it. */
export function busyboxMessage(name: string, message: string): string {
  for (const [pattern, by] of rules) {
    const match = pattern.exec(message);
    if (match) return typeof by === 'string' ? message.replace(pattern, by) : by(name, ...match.slice(1));
  }
  const file = /^([^:]+): ((?:No such file|Permission denied|Is a directory|Not a directory).*)$/s.exec(message);
  if (file && openers.has(name) && file[2] !== 'Is a directory') return `can't open '${file[1]}': ${file[2]}`;
  return message;
}

/** Wrong calls that the applets answer with their usage and nothing else. */
export function isUsageError(message: string): boolean {
  return /^missing (file )?operand|^missing destination file operand/.test(message);
}
