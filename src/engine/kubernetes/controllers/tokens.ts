import { encodeBase64 } from '../../world/base64.ts';
import { clusterOf, issueSecretToken } from '../apiserver/service-account-tokens.ts';
import { ApiError } from '../client.ts';
import { refs, type Secret, type ServiceAccount } from '../types.ts';
import type { Controller, ControllerContext } from './runtime.ts';

const tokenType = 'kubernetes.io/service-account-token';
const nameAnnotation = 'kubernetes.io/service-account.name';
const uidAnnotation = 'kubernetes.io/service-account.uid';

/** Fills Secrets that ask for a ServiceAccount's token, and removes them with the account (pkg/controller/serviceaccount). */
export const tokensController: Controller = {
  name: 'serviceaccount-token-controller',
  component: 'serviceaccount-token-controller',
  serviceAccount: 'tokens-controller',

  start(context) {
    const secrets = context.client.resource(refs.secrets);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const [namespace, name = ''] = key.split('/');
        const secret = secrets.get(namespace, name);
        if (secret?.type === tokenType) reconcile(context, secret);
      },
    });
    const enqueue = ({ type, metadata }: Secret) => {
      if (type === tokenType) queue.add(`${metadata.namespace}/${metadata.name}`);
    };
    const enqueueOf = ({ metadata }: ServiceAccount) => {
      for (const secret of secrets.list({ namespace: metadata.namespace! })) {
        if (secret.metadata.annotations?.[nameAnnotation] === metadata.name) enqueue(secret);
      }
    };
    context.watch(refs.secrets, { add: enqueue, update: enqueue });
    context.watch(refs.serviceAccounts, { add: enqueueOf, delete: enqueueOf });
  },
};

function reconcile(context: ControllerContext, secret: Secret): void {
  const { namespace = '', name, uid, annotations = {} } = secret.metadata;
  const secrets = context.client.resource(refs.secrets);
  const account = context.client.resource(refs.serviceAccounts).get(namespace, annotations[nameAnnotation] ?? '');
  const wanted = annotations[uidAnnotation];
  if (!account || (wanted && wanted !== account.metadata.uid)) {
    try {
      secrets.delete(namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
    return;
  }
  const data: Record<string, string> = { ...secret.data };
  if (context.rootCA !== undefined) data['ca.crt'] ||= encodeBase64(context.rootCA);
  data['namespace'] ||= encodeBase64(namespace);
  data['token'] ||= encodeBase64(issueSecretToken(clusterOf(context.client), account, name));
  const complete = Object.keys(data).every((key) => secret.data?.[key] === data[key]);
  if (complete && wanted) return;
  secrets.update({
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...annotations, [uidAnnotation]: account.metadata.uid } },
    data,
  });
}
