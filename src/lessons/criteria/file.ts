import { loadYamlDocuments } from '../../engine/yaml/index.ts';
import { celHolds } from '../cel.ts';
import type { FileCriterion } from '../definition.ts';
import type { CriterionKind } from './criterion.ts';

export const file: CriterionKind<FileCriterion> = {
  field: 'file',
  expressions: ({ matches }) => [matches],
  messages: () => ['unmet'],
  evaluate({ file, matches }, world) {
    const text = world.readFile(file);
    if (text === undefined) return { met: false, variables: { text: '', documents: [] }, say: 'missing' };
    const variables = { text, documents: documentsOf(text) };
    return { met: celHolds(matches, variables), variables };
  },
};

/** What the file says as YAML; nothing while it is not (yet) valid. */
function documentsOf(text: string): unknown[] {
  try {
    return loadYamlDocuments(text);
  } catch {
    return [];
  }
}
