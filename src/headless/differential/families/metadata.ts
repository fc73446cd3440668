import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const changes = [
  'a=b',
  'a=c',
  'a-',
  'a- b=c',
  'a=b a-',
  'a=b a=c',
  'nope-',
  'a=',
  '=a',
  'a',
  '-',
  '--',
  'a b',
  'a=b=c',
  "'a b=c'",
  "a='b c'",
  'UPPER=x',
  'a/b=c',
  'a/b/c=d',
  'example.com/x=y',
  '/x=y',
  'x/=y',
  'kubernetes.io/x=y',
  'a=-b',
  'a=b-',
  'a_b.c-d=e',
  '-a=b',
  '.a=b',
  'a.=b',
  '$(printf %064d 0)=x',
  'x=$(printf %064d 0)',
  'ä=b',
  'a=ä',
  'b-- c=d',
  'k=v,w=x',
  '""',
];
const flags = [
  '--overwrite',
  '--list',
  '--list --overwrite',
  '--dry-run=client',
  '--dry-run=server',
  '--dry-run=client -o yaml',
  '-o name',
  '-o jsonpath={.metadata.labels}',
  '--resource-version=1',
  '--resource-version=nope',
  '--local',
  '--field-manager=me',
  '--all',
  '-l app=web',
  '-A',
  '--field-selector metadata.name=one',
  '--show-managed-fields -o yaml',
];
const files = {
  'o.yaml': ['one', 'two', 'three']
    .map(
      (name) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {app: web, x: "1"}, annotations: {note: n}}\n`,
    )
    .join('---\n'),
  'one.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n',
};
const setUp = ['kubectl apply -f o.yaml'];

export function metadataSequences(): Sequence[] {
  return (['label', 'annotate'] as const).flatMap((verb) => [
    sequence(
      `metadata/${verb}`,
      `kubectl ${verb}: what is changed`,
      [...setUp, ...cross`kubectl ${verb} cm one ${changes}`, `kubectl get cm one -o jsonpath={.metadata.${verb}s}`],
      { files },
    ),
    sequence(
      `metadata/${verb}-flags`,
      `kubectl ${verb}: flags`,
      [
        ...setUp,
        ...cross`kubectl ${verb} ${flags} ${['cm one x=2', 'cm x=2', 'cm/one cm/two y=3', 'cm one', '-f one.yaml z=4', '-f one.yaml x-', 'cm one two x-', 'cm nope a=b', '']}`,
        ...lines(`
          kubectl ${verb}
          kubectl ${verb} cm
          kubectl ${verb} nope one a=b
          kubectl ${verb} cm,sa --all q=r
          kubectl ${verb} cm --all --list
          kubectl ${verb} cm one --list x=9
          kubectl ${verb} cm one two --list
          kubectl ${verb} cm nope --list
          kubectl ${verb} ns default q=r
          kubectl ${verb} node --all q=r
          kubectl ${verb} cm one q=r --resource-version=0
          kubectl ${verb} cm one two q=r --resource-version=1
          kubectl ${verb} -f nope.yaml a=b
          kubectl ${verb} -f one.yaml
          kubectl ${verb} -f one.yaml cm a=b
          kubectl ${verb} --local -f one.yaml a=b -o yaml
          kubectl ${verb} --local -f one.yaml a=b
          kubectl ${verb} --local cm one a=b
          kubectl ${verb} --local -f one.yaml a- -o json
          kubectl ${verb} cm one a=b -n nope
          kubectl ${verb} cm one w=1 w=2
          kubectl ${verb} cm one new=1 x- -o yaml
          kubectl ${verb} cm one --overwrite=false new=2
          kubectl ${verb} cm --all -l app=web q=s
          kubectl ${verb} cm one --all q=s
          kubectl ${verb} cm -l app=none q=s
          kubectl ${verb} cm -l app=none --list
        `),
      ],
      { files },
    ),
  ]);
}
