import { controllerVersion, ingressNginxManifest } from '../../engine/kubernetes/addons/ingress-nginx/manifest.ts';
import type { WebFile } from './internet.ts';

const repository = 'https://raw.githubusercontent.com/kubernetes/ingress-nginx';
const providers = ['kind', 'cloud', 'baremetal'] as const;
const older = ['v1.13.3', 'v1.12.6', 'v1.11.8'];

export const ingressNginx: readonly WebFile[] = providers.flatMap((provider) => {
  const at = (reference: string) => `${repository}/${reference}/deploy/static/provider/${provider}/deploy.yaml`;
  return [
    {
      urls: [
        at('main'),
        at(`controller-${controllerVersion}`),
        ...(provider === 'kind' ? ['https://kind.sigs.k8s.io/examples/ingress/deploy-ingress-nginx.yaml'] : []),
      ],
      content: () => ingressNginxManifest({ provider }),
    },
    ...older.map((version) => ({
      urls: [at(`controller-${version}`)],
      content: () => ingressNginxManifest({ provider, version }),
    })),
  ];
});
