import { distance } from 'fastest-levenshtein';
import { familiarReference, parseReference, type ImageReference } from '../world/index.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Repository } from './catalogue/repository.ts';

/** So many letters may be wrong; two that changed places count as two. */
const tolerance = (name: string) => (name.length < 5 ? 1 : 2);

/** The image that was probably meant, as people write it; undefined when nothing is near, or when it exists. */
export function suggestImage(reference: string, repositories: readonly Repository[] = catalogue): string | undefined {
  let wanted: ImageReference;
  try {
    wanted = parseReference(reference);
  } catch {
    return undefined;
  }
  if (wanted.digest !== undefined) return undefined;
  const tag = wanted.tag ?? 'latest';
  const known = repositories.find(({ name }) => name === wanted.repository);
  const repository = known ?? nearestRepository(wanted.repository, repositories);
  if (!repository) return undefined;
  const found = repository.image(tag) ? tag : nearestTag(tag, repository);
  if (repository === known && found === tag) return undefined;
  return familiarReference({ ...wanted, repository: repository.name, tag: found });
}

function nearestRepository(name: string, repositories: readonly Repository[]): Repository | undefined {
  const last = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const ranked = repositories
    .map((repository) => ({ repository, far: distance(last(name), last(repository.name)) }))
    .filter(({ far }) => far <= tolerance(last(name)))
    .sort((a, b) => a.far - b.far || distance(name, a.repository.name) - distance(name, b.repository.name));
  return ranked[0]?.repository;
}

function nearestTag(tag: string, repository: Repository): string {
  // What stands before a dash may be right by itself.
  const front = tag.slice(0, Math.max(0, tag.indexOf('-')));
  const candidates = [...(repository.tags ?? ['latest']), ...(front && repository.image(front) ? [front] : [])];
  return candidates.reduce(
    (best, candidate) => (distance(tag, candidate) < distance(tag, best) ? candidate : best),
    'latest',
  );
}
