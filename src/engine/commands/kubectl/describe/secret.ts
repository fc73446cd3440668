import type { ISecret } from 'kubernetes-models/v1/Secret';
import { decodeBase64 } from '../client/base64.ts';
import { describer } from './describer.ts';
import { decodedLength, sortedEntries, writeHeader } from './format.ts';

export const secret = describer<ISecret>({
  group: '',
  kind: 'Secret',
  describe(w, object) {
    writeHeader(w, object.metadata);
    w.line(0, `\nType:\t${object.type ?? ''}`);
    w.line(0, '\nData\n====');
    for (const [key, value] of sortedEntries(object.data)) {
      const isToken = key === 'token' && object.type === 'kubernetes.io/service-account-token';
      w.field(0, key, isToken ? new TextDecoder().decode(decodeBase64(value)) : `${decodedLength(value)} bytes`);
    }
  },
});
