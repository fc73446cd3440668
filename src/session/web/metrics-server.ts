import { metricsServerManifest, metricsServerVersion } from '../../engine/kubernetes/addons/metrics-server/manifest.ts';
import type { WebFile } from './internet.ts';

const releases = 'https://github.com/kubernetes-sigs/metrics-server/releases';
const versions = [metricsServerVersion, 'v0.7.2', 'v0.6.4'];

export const metricsServer: readonly WebFile[] = [
  {
    urls: [`${releases}/latest/download/components.yaml`],
    content: () => metricsServerManifest(),
  },
  ...versions.map((version) => ({
    urls: [`${releases}/download/${version}/components.yaml`],
    content: () => metricsServerManifest({ version }),
  })),
];
