import type { Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';

/** A build from a repository: no git server can be reached from here, and the build says so as it does without a network. */
export async function unreachableGit({ err, process }: Context, url: string): Promise<void> {
  const host = /^(?:\w+:\/\/|git@)?([^/:]+)/.exec(url)?.[1] ?? url;
  const full = /^\w+:\/\//.test(url) ? url : `https://${url}`;
  await process.sleep(46);
  const fatal = `fatal: unable to access '${full}/': Could not resolve host: ${host}`;
  const detail = `error fetching default branch for repository ${full}: git stderr:\n${fatal}\n: exit status 128`;
  await err(
    '#0 building with "default" instance using docker driver\n\n' +
      `#1 [internal] load git source ${full}\n#1 0.046 ${fatal}\n#1 ERROR: ${detail}\n` +
      `------\n > [internal] load git source ${full}:\n0.046 ${fatal}\n------\n`,
  );
  throw new CliError(`failed to solve: failed to read dockerfile: failed to load cache key: ${detail}`);
}
