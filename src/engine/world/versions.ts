/** The versions that the simulation stands for: the only place where they are written. */
export const versions = {
  kubernetes: 'v1.35.3',
  kubectl: 'v1.35.2',
  kustomize: 'v5.7.1',
  helm: 'v4.1.4',
  dockerCli: '28.2.2',
  dockerEngine: '28.5.2',
  dockerApi: '1.50',
} as const;
