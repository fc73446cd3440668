import { baseName } from '../state/files.svelte.ts';

export type Language = 'yaml' | 'dockerfile' | 'shell' | 'plaintext';

/** The language of a file by its name. */
export function languageOf(path: string): Language {
  const name = baseName(path);
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  if (/^(Dockerfile|Containerfile)(\..+)?$|\.dockerfile$/i.test(name)) return 'dockerfile';
  if (/\.(sh|bash)$|^\.(bashrc|profile|bash_profile|bash_aliases)$/.test(name)) return 'shell';
  return 'plaintext';
}

/** Whether the file may hold Kubernetes objects, which the server can check. */
export const isManifest = (path: string, text: string): boolean =>
  languageOf(path) === 'yaml' && /^(apiVersion|kind)\s*:/m.test(text);
