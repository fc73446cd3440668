import type { FlagSpec, FlagValues } from './flags.ts';

/** `-f`, `-k`, `-R` (cmdutil.AddFilenameOptionFlags, resource.FilenameOptions). `purpose`: "to get from the server". */
export function filenameFlags(purpose: string): readonly FlagSpec[] {
  return [
    {
      name: 'filename',
      shorthand: 'f',
      type: 'stringSlice',
      usage: `File, directory or URL with the resources ${purpose}.`,
    },
    {
      name: 'kustomize',
      shorthand: 'k',
      type: 'string',
      usage: 'Kustomization directory to build. Not together with -f or -R.',
    },
    {
      name: 'recursive',
      shorthand: 'R',
      type: 'bool',
      usage: 'Also take the files in subdirectories of those given with -f.',
    },
  ];
}

export interface FilenameOptions {
  filenames: readonly string[];
  kustomize: string;
  recursive: boolean;
}

export function filenameOptions(flags: FlagValues): FilenameOptions {
  return {
    filenames: flags.strings('filename'),
    kustomize: flags.has('kustomize') ? flags.string('kustomize') : '',
    recursive: flags.bool('recursive'),
  };
}

export function hasFilenames(options: FilenameOptions): boolean {
  return options.filenames.length > 0 || options.kustomize !== '';
}

export const selectorFlag: FlagSpec = {
  name: 'selector',
  shorthand: 'l',
  type: 'string',
  usage:
    "Label query to filter on: '=', '==', '!=', 'in', 'notin' (e.g. -l key1=value1,key2=value2,key3 in (value3)). An object must match all of it.",
};

export const fieldSelectorFlag: FlagSpec = {
  name: 'field-selector',
  type: 'string',
  usage:
    "Field query to filter on: '=', '==', '!=' (e.g. --field-selector key1=value1,key2=value2). A server knows few fields of each type.",
};

export const allNamespacesFlag: FlagSpec = {
  name: 'all-namespaces',
  shorthand: 'A',
  type: 'bool',
  usage: 'Look in all namespaces; the one of the context or of --namespace does not count then.',
};

export const chunkSizeFlag: FlagSpec = {
  name: 'chunk-size',
  type: 'int64',
  default: 500,
  usage: 'Objects per request for long lists; 0 asks for all at once.',
};

/** For commands that find their objects on the server unless told not to. */
export const localFlag: FlagSpec = {
  name: 'local',
  type: 'bool',
  usage: 'If true, work on the given file only, without a server.',
};

export function fieldManagerFlag(manager: string): FlagSpec {
  return {
    name: 'field-manager',
    type: 'string',
    default: manager,
    usage: 'Name under which the changed fields are recorded.',
  };
}

export const validateFlag: FlagSpec = {
  name: 'validate',
  type: 'string',
  default: 'strict',
  noValue: 'strict',
  usage:
    'One of: strict (or true), warn, ignore (or false). strict refuses unknown and duplicate fields, warn only says so, ignore drops them silently.',
};

export const dryRunFlag: FlagSpec = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  noValue: 'unchanged',
  usage:
    'One of "none", "server", "client". client shows the object that would be sent; server sends it, but nothing is stored.',
};
