import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const cm = (name: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {app: x}${more}}\n`;
const files = {
  'all.yaml': ['a', 'b', 'c', 'd'].map((n) => cm(n)).join('---\n'),
  'a.yaml': cm('a'),
  'dir/b.yaml': cm('b'),
  'dir/deep/c.yaml': cm('c'),
  'held.yaml': cm('held', ', finalizers: [example.com/hold]'),
  'pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: x}}\nspec: {containers: [{name: c, image: i}]}\n',
  'k/kustomization.yaml': 'resources: [a.yaml]\n',
  'k/a.yaml': cm('a'),
  'deploy.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}\n',
};
const targets = [
  'cm a',
  'cm/a',
  'cm a b',
  'cm/a cm/b',
  'cm nope',
  'cm/a cm/nope',
  'cm --all',
  'cm -l app=x',
  'cm -l app=none',
  '-f a.yaml',
  '-f all.yaml',
  '-f nope.yaml',
  '-k k',
  'cm',
  'nope a',
  'cm --field-selector metadata.name=a',
  'cm,sa a',
  'po p',
  '-R -f dir',
  '-f dir',
];
const flags = [
  '',
  '--dry-run=client',
  '--dry-run=server',
  '-o name',
  '-o yaml',
  '-o wide',
  '--ignore-not-found',
  '--now',
  '--grace-period=0',
  '--grace-period=0 --force',
  '--force',
  '--grace-period=5',
  '--cascade=orphan',
  '--cascade=foreground',
  '--cascade=nope',
  '--cascade',
  '--cascade=false',
  '--wait=false',
  '--timeout=1s',
  '-A',
  '-n nope',
  '--now --grace-period=2',
  '--grace-period=x',
  '--wait=x',
  '--all -l app=x',
];

export function removalSequences(): Sequence[] {
  return [
    ...targets.map((target, i) =>
      sequence(
        `removal/${i + 1}`,
        `kubectl delete ${target}`,
        flags.flatMap((flag) => ['kubectl apply -f all.yaml -f pod.yaml', `kubectl delete ${target} ${flag}`]),
        { files },
      ),
    ),
    sequence(
      'removal/more',
      'kubectl delete',
      lines(`
        kubectl apply -f all.yaml -f pod.yaml -f deploy.yaml -f held.yaml
        kubectl delete
        kubectl delete --all
        kubectl delete all
        kubectl delete all --all --dry-run=client
        kubectl delete cm --all a
        kubectl delete cm a -l app=x
        kubectl delete -f a.yaml cm a
        kubectl delete -f a.yaml -l app=x
        kubectl delete -f a.yaml --all
        kubectl delete --raw /api/v1/namespaces/default/configmaps/a
        kubectl delete --raw /api/v1/namespaces/default/configmaps/a
        kubectl delete --raw nope
        kubectl delete --raw /x -f a.yaml
        kubectl delete --raw /x cm
        kubectl delete cm b -i --dry-run=client
        echo y | kubectl delete cm b -i
        echo n | kubectl delete cm c -i
        echo | kubectl delete cm c d -i
        echo yes | kubectl delete cm c d --interactive
        kubectl delete cm held --wait=false
        kubectl delete cm held --timeout=1s
        kubectl delete cm held --wait=false --force
        kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":null}}'
        kubectl delete deploy web --cascade=orphan
        kubectl get rs -l app=web --no-headers -o custom-columns=O:.metadata.ownerReferences
        kubectl delete rs -l app=web
        kubectl delete ns default
        kubectl delete ns kube-system --dry-run=server
        kubectl delete ns nope
        kubectl delete node 127.0.0.1 --dry-run=client
        kubectl delete clusterrole nope
        kubectl delete sa default --dry-run=client -n kube-system
        kubectl delete po p --grace-period=0
        kubectl apply -f pod.yaml
        kubectl delete po p --grace-period=-1
        kubectl delete pods,cm -l app=x
        kubectl delete pods,nope -l app=x
        kubectl delete cm --all --all-namespaces --dry-run=client -o name
        kubectl delete cm a -A
        kubectl delete cm/a -n kube-system --ignore-not-found
        kubectl delete cm a --ignore-not-found -o name
        kubectl delete cm a --output=json
        kubectl delete -f - < all.yaml
        kubectl delete cm a --subresource=x
      `),
      { files },
    ),
    sequence(
      'removal/cross',
      'Nothing to delete',
      cross`kubectl delete ${['cm', 'po', 'deploy', 'nope', 'ns', 'cm,po', 'all']} ${['zz', 'zz yy', '-l a=b', '--all -n nope', '-l a=b -A', '/zz', '--field-selector metadata.name=zz']} ${['', '--ignore-not-found', '--dry-run=client', '-o name']}`,
      { files },
    ),
  ];
}
