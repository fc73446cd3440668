import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml';

/** Offsets into the text, end exclusive. */
export interface TextRange {
  start: number;
  end: number;
}

/** Where the fields of one YAML document stand. */
export interface DocumentPositions {
  whole: TextRange;
  /** By path as the API writes it: `spec.containers[0].image`. For a field of a map that is its key and scalar value. */
  fields: Map<string, TextRange>;
}

interface Frame {
  kind: 'mapping' | 'sequence';
  path: string;
  index: number;
  key?: { name: string; range: TextRange };
}

/**
 * Positions of every field, one entry per document.
 * @throws YAMLException with its place when the text is no YAML
 */
export function yamlPositions(text: string): DocumentPositions[] {
  const documents: DocumentPositions[] = [];
  let frames: Frame[] = [];
  let current: DocumentPositions | undefined;
  /** What the next pop closes: documents are opened, too. */
  const open: ('document' | 'collection')[] = [];

  /** The path of the value that comes now; tells its place. */
  function place(range: TextRange | undefined): string {
    const frame = frames.at(-1);
    if (!frame || !current) return '';
    if (frame.kind === 'sequence') {
      const path = `${frame.path}[${frame.index++}]`;
      if (range) current.fields.set(path, range);
      return path;
    }
    const { name, range: keyRange } = frame.key ?? { name: '', range: { start: 0, end: 0 } };
    const path = frame.path ? `${frame.path}.${name}` : name;
    current.fields.set(path, range && range.end > range.start ? { start: keyRange.start, end: range.end } : keyRange);
    frame.key = undefined;
    return path;
  }

  for (const event of parseEvents(text, {})) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        current = { whole: { start: -1, end: -1 }, fields: new Map() };
        documents.push(current);
        frames = [];
        open.push('document');
        break;
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        extend(current, event.start);
        const path = place(undefined);
        frames.push({ kind: event.type === EVENT_ID.MAPPING ? 'mapping' : 'sequence', path, index: 0 });
        open.push('collection');
        break;
      }
      case EVENT_ID.SCALAR: {
        const range = { start: event.valueStart, end: event.valueEnd };
        extend(current, range.start, range.end);
        const frame = frames.at(-1);
        if (frame?.kind === 'mapping' && !frame.key) frame.key = { name: getScalarValue(text, event), range };
        else place(range);
        break;
      }
      case EVENT_ID.ALIAS:
        place({ start: event.anchorStart, end: event.anchorEnd });
        break;
      case EVENT_ID.POP:
        if (open.pop() === 'collection') frames.pop();
    }
  }
  return documents;
}

function extend(document: DocumentPositions | undefined, start: number, end = start + 1): void {
  if (!document || start < 0) return;
  const { whole } = document;
  if (whole.start < 0) whole.start = start;
  whole.end = Math.max(whole.end, end);
}

/** The place of a field, or of the nearest parent that stands in the text. */
export function rangeOf({ fields, whole }: DocumentPositions, path: string): TextRange {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[[^\]]*\]|^[^.[]+)$/, '')) {
    const range = fields.get(at);
    if (range) return range;
  }
  return fields.get('kind') ?? whole;
}

/** The first field whose path is this one without list indexes, as Go's decoder reports them. */
export function rangeOfBarePath(positions: DocumentPositions, bare: string): TextRange {
  for (const [path, range] of positions.fields) if (path.replace(/\[\d+\]/g, '') === bare) return range;
  return rangeOf(positions, bare);
}
