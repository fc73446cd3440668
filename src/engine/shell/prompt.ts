import { baseName } from '../world/index.ts';
import { strftime } from './strftime.ts';
import type { Shell } from './shell.ts';

/** Decodes the backslash escapes of a prompt string (bash's "Controlling the Prompt"); `\[` and `\]` become \x01, \x02. */
export function decodePrompt(shell: Shell, text: string): string {
  const { process } = shell;
  const home = shell.variables.get('HOME');
  const cwd =
    home && (process.cwd === home || process.cwd.startsWith(home + '/'))
      ? '~' + process.cwd.slice(home.length)
      : process.cwd;
  const now = shell.world.clock.now();
  return text.replace(/\\(D\{([^}]*)\}|[0-7]{3}|[^])/g, (whole, escape: string, format: string | undefined) => {
    if (/^[0-7]{3}$/.test(escape)) return String.fromCharCode(parseInt(escape, 8));
    switch (escape[0]) {
      case 'u':
        return process.user.name;
      case 'h':
        return process.machine.hostname.split('.')[0]!;
      case 'H':
        return process.machine.hostname;
      case 'w':
        return cwd;
      case 'W':
        return cwd === '~' ? '~' : baseName(process.cwd);
      case '$':
        return process.user.uid === 0 ? '#' : '$';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'a':
        return '\x07';
      case 'e':
        return '\x1b';
      case '[':
        return '\x01';
      case ']':
        return '\x02';
      case '\\':
        return '\\';
      case 's':
        return baseName(shell.name.replace(/^-/, ''));
      case 'j':
        return String(shell.jobs.jobs.length);
      case 'l':
        return process.tty?.name ?? '';
      case '!':
      case '#':
        return String(shell.history.nextNumber);
      case 't':
        return strftime('%H:%M:%S', now);
      case 'T':
        return strftime('%I:%M:%S', now);
      case '@':
        return strftime('%I:%M %p', now);
      case 'A':
        return strftime('%H:%M', now);
      case 'd':
        return strftime('%a %b %d', now);
      case 'D':
        return strftime(format || '%X', now);
      case 'v':
        return '5.2';
      case 'V':
        return '5.2.15';
      default:
        return whole;
    }
  });
}
