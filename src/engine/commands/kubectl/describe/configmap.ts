import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { decodedLength, sortedEntries, writeHeader } from './format.ts';

export const configMap = describer<IConfigMap>({
  group: '',
  kind: 'ConfigMap',
  async describe(w, object, context) {
    writeHeader(w, object.metadata);
    w.line(0, '\nData\n====');
    for (const [key, value] of sortedEntries(object.data)) w.line(0, `${key}:\n----\n${value}\n`);
    w.line(0, '\nBinaryData\n====');
    for (const [key, value] of sortedEntries(object.binaryData)) w.line(0, `${key}: ${decodedLength(value)} bytes`);
    w.line(0);
    await writeEvents(w, object, context);
  },
});
