/** A parsed JSONPath template (k8s.io/client-go/util/jsonpath). */
export type Node =
  | { type: 'list'; nodes: Node[] }
  | { type: 'text'; text: string }
  | { type: 'field'; name: string }
  | { type: 'identifier'; name: string }
  | { type: 'array'; params: [Param, Param, Param] }
  | { type: 'filter'; left: Node; operator: string; right: Node | undefined }
  | { type: 'int'; value: number }
  | { type: 'float'; value: number; text: string }
  | { type: 'bool'; value: boolean }
  | { type: 'wildcard' }
  | { type: 'recursive' }
  | { type: 'union'; nodes: Node[] };

/** One part of `[from:to:step]`. `derived`: an index `[i]` became `[i:i+1]`. */
export interface Param {
  value: number;
  known: boolean;
  derived: boolean;
}

export class JsonPathError extends Error {
  override name = 'JsonPathError';
}
