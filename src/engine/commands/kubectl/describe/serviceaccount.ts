import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { writeHeader } from './format.ts';

const title = 'Image pull secrets:';

export const serviceAccount = describer<IServiceAccount>({
  group: '',
  kind: 'ServiceAccount',
  async describe(w, object, context) {
    writeHeader(w, object.metadata);
    const names = (object.imagePullSecrets ?? []).map(({ name }) => name ?? '');
    (names.length > 0 ? names : ['<none>']).forEach((name, i) =>
      w.row(0, i === 0 ? title : ' '.repeat(title.length), name),
    );
    await writeEvents(w, object, context);
  },
});
