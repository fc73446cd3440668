import type { Program } from '../process/index.ts';
import { awk } from './coreutils/awk/index.ts';
import { builtinProgram } from './coreutils/builtin.ts';
import { cat, rev, tac } from './coreutils/cat.ts';
import { dd } from './coreutils/dd.ts';
import { cmp, diff } from './coreutils/diff.ts';
import {
  base64,
  hexdump,
  md5sum,
  od,
  sha1sum,
  sha224sum,
  sha256sum,
  sha384sum,
  sha512sum,
  strings,
  xxd,
} from './coreutils/digest.ts';
import { chmod, chown, touch } from './coreutils/attributes.ts';
import { cp, ln, mkdir, mktemp, mv, rm, rmdir } from './coreutils/files.ts';
import { column, comm, cut, fold, join, nl, paste, tee, tr, wc } from './coreutils/filters.ts';
import { editor } from './coreutils/editor.ts';
import { find } from './coreutils/find.ts';
import { egrep, fgrep, grep } from './coreutils/grep.ts';
import { head, tail } from './coreutils/head.ts';
import { ls } from './coreutils/ls.ts';
import { pager } from './coreutils/pager.ts';
import { basename, dirname, du, file, readlink, realpath, stat, which } from './coreutils/paths.ts';
import { sed } from './coreutils/sed/index.ts';
import { clear, date, env, expr, nohup, printenv, reset, seq, sleep, timeout, tput, yes } from './coreutils/small.ts';
import { sort, uniq } from './coreutils/sort.ts';
import {
  free,
  groups,
  hostname,
  id,
  nproc,
  pgrep,
  pkill,
  ps,
  top,
  tty,
  uname,
  uptime,
  watch,
  whoami,
} from './coreutils/system.ts';
import { df, mount as mountFiles, umount } from './coreutils/mount.ts';
import { tar } from './coreutils/tar.ts';
import { stty } from './coreutils/terminal.ts';
import { xargs } from './coreutils/xargs.ts';
import { jq } from './jq/jq.ts';
import { openssl } from './openssl/index.ts';

/** The usual text tools and small programs by name; hosts and images install them as executables. */
export const textTools: ReadonlyMap<string, Program> = new Map<string, Program>(
  Object.entries({
    less: pager,
    more: pager,
    nano: editor,
    vi: editor,
    vim: editor,
    awk, base64, basename, cat, chgrp: chown, chmod, chown, clear, cmp, column, comm, cp, cut, date, dd, df, diff, dirname, du, egrep, env, expr, fgrep, file,
    find, fold, free, grep, groups, hd: hexdump, head, hexdump, hostname, id, join, jq, ln, ls, md5sum, mkdir, mktemp, mount: mountFiles, mv, nl, nohup, nproc, od, openssl, paste, pgrep, pkill,
    printenv, ps, readlink, realpath, reset, rev, rm, rmdir, sed, seq, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum, sleep, sort, stat, strings, stty,
    tac, tail, tar, tee, timeout, top, touch, tput, tr, tty, umount, uname, uniq, uptime, watch, wc, which, whoami, xargs, xxd, yes,
    '[': builtinProgram('['), echo: builtinProgram('echo'), false: builtinProgram('false'), kill: builtinProgram('kill'), printf: builtinProgram('printf'),
    pwd: builtinProgram('pwd'), test: builtinProgram('test'), true: builtinProgram('true'),
  }),
); // prettier-ignore
