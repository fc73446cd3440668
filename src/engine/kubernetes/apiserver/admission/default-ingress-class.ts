import type { KubeObject } from '../../types.ts';
import { newestDefault } from './default-storage-class.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Before there was a field for it. */
const classAnnotation = 'kubernetes.io/ingress.class';

/** An Ingress that names no class gets the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  operations: ['CREATE'],
  resources: ['networking.k8s.io/ingresses'],
  admit({ object, context }) {
    const ingress = object as unknown as KubeObject & { spec?: { ingressClassName?: string } };
    if (ingress.spec?.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[classAnnotation] !== undefined) return;
    const annotation = 'ingressclass.kubernetes.io/is-default-class';
    const found = newestDefault(context, 'networking.k8s.io', 'ingressclasses', [annotation]);
    if (found) ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name };
  },
};
