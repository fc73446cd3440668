import { checkAccess, permission, type Process, type Program } from '../../process/index.ts';
import { FsError, type Node } from '../../world/index.ts';
import { goFlags } from './service.ts';

/** agnhost mounttest: writes and looks at files of volumes, one flag for each question. */

/** A mode as Go prints it: `-rw-r--r--`, `dgtrwxrwxrwx`. */
function goMode(node: Node, permissionsOnly = false): string {
  const { mode } = node;
  const special = permissionsOnly
    ? '-'
    : (node.type === 'directory' ? 'd' : node.type === 'symlink' ? 'L' : '') +
        (mode & 0o4000 ? 'u' : '') +
        (mode & 0o2000 ? 'g' : '') +
        (mode & 0o1000 ? 't' : '') || '-';
  return special + [...'rwxrwxrwx'].map((letter, i) => (mode & (0o400 >> i) ? letter : '-')).join('');
}

/** What kind of file system a path is on, as statfs(2) numbers them. */
function typeOf(process: Process, path: string): string {
  const { fs } = process.machine;
  const mount = [...fs.mounts.keys()]
    .filter((m) => path === m || path.startsWith(`${m}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (mount === undefined) return '2035054128';
  return /secret|token|serviceaccount|projected|memory|tmpfs/.test(mount) || mount === '/dev/shm' ? 'tmpfs' : '61267';
}

const newText = 'mount-tester new file\n';

export const mounttest: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const { fs } = process.machine;
  let status = 0;
  const problem = async (text: string, error: unknown) => {
    if (!(error instanceof FsError)) throw error;
    status = 1;
    await process.print(`${text}: open ${error.path}: ${error.message.toLowerCase()}\n`);
  };
  const read = (path: string): string => {
    checkAccess(fs, process.user, path, permission.read);
    return fs.readText(path);
  };
  const write = (path: string, mode: number) => {
    const { uid, gid } = process.user;
    checkAccess(fs, process.user, path.replace(/\/[^/]*$/, '') || '/', permission.write);
    fs.writeFile(path, newText, { mode: mode & ~process.umask, uid, gid });
  };
  const each = async (flag: string, run: (path: string) => Promise<void>) => {
    const value = flags.get(flag);
    if (value !== undefined) for (const path of value.split(',')) await run(process.path(path));
  };
  await each('fs_type', (path) => process.print(`mount type of "${path}": ${typeOf(process, path)}\n`));
  await each('rw_new_file', async (path) => {
    try {
      write(path, 0o644);
    } catch (error) {
      await problem(`error writing new file "${path}"`, error);
    }
    await showContent(path);
  });
  for (const mode of ['0644', '0666', '0660', '0777'])
    await each(`new_file_${mode}`, async (path) => {
      try {
        write(path, parseInt(mode, 8));
        // The umask of the caller does not count: the program sets the mode.
        fs.setAttributes(path, { mode: parseInt(mode, 8) });
      } catch (error) {
        await problem(`error writing new file "${path}"`, error);
      }
    });
  await each('file_mode', async (path) => {
    const node = fs.lookup(path, false);
    if (node) await process.print(`mode of file "${path}": ${goMode(node)}\n`);
    else await missing(`error lstating file "${path}"`, 'lstat', path);
  });
  await each('file_perm', async (path) => {
    const node = fs.lookup(path);
    if (node) await process.print(`perms of file "${path}": ${goMode(node, true)}\n`);
    else await missing(`error Lstating file "${path}"`, 'lstat', path);
  });
  await each('file_owner', async (path) => {
    const node = fs.lookup(path);
    if (!node) return missing(`error stating file "${path}"`, 'lstat', path);
    await process.print(`owner UID of "${path}": ${node.uid}\nowner GID of "${path}": ${node.gid}\n`);
  });
  await each('file_content', showContent);
  const retries = Number(flags.get('retry_time') ?? 180);
  await each('file_content_in_loop', async (path) => {
    const { clock } = process.world;
    const until = clock.now() + retries * 1000;
    const once = flags.get('break_on_expected_content') !== 'false';
    while (clock.now() < until) {
      const before = status;
      await showContent(path);
      if (status === before && once && read(path) === newText) break;
      await process.sleep(1000);
    }
  });
  return status;

  async function missing(text: string, call: string, path: string): Promise<void> {
    status = 1;
    await process.print(`${text}: ${call} ${path}: no such file or directory\n`);
  }

  async function showContent(path: string): Promise<void> {
    try {
      await process.print(`content of file "${path}": ${read(path)}\n`);
    } catch (error) {
      await problem(`error reading file content for "${path}"`, error);
    }
  }
};
