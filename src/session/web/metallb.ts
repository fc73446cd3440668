import { metallbManifest, metallbVersion } from '../../engine/kubernetes/addons/metallb/manifest.ts';
import type { WebFile } from './internet.ts';

const at = (version: string) =>
  `https://raw.githubusercontent.com/metallb/metallb/${version}/config/manifests/metallb-native.yaml`;

export const metallb: readonly WebFile[] = [metallbVersion, 'v0.14.9', 'v0.13.12'].map((version) => ({
  urls: [at(version), ...(version === metallbVersion ? [at('main')] : [])],
  content: () => metallbManifest(version),
}));
