import { sequence, type Sequence } from '../sequence.ts';

const list = (items: string) => `apiVersion: v1\nkind: List\nitems:\n${items}`;
/** Texts that `-f` may find. */
const texts: Record<string, string> = {
  plain: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\n',
  docs: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d1}\n---\n\n---\n# note\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d2}\n--- \n',
  list: list(
    '- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: l2}}\n',
  ),
  emptylist: list('').replace('items:\n', 'items: []\n'),
  typedlist:
    'apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: t1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: t2}}\n',
  listbad: list('- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n- {kind: Nope}\n'),
  json: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j"}}',
  jsons:
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j1"}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j2"}}',
  jsonbad: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j1"},}',
  jsontrunc: '{"apiVersion":"v1","kind":"ConfigMap",',
  jsonyaml: '{apiVersion: v1, kind: ConfigMap, metadata: {name: jy}}',
  tab: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n',
  indent: 'apiVersion: v1\nkind: ConfigMap\n metadata:\n  name: x\n',
  colon: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: b: c\n',
  unclosed: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x\n',
  quote: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "x\n',
  anchor: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: anchor\n  labels: &l {a: b}\n  annotations: *l\n',
  anchorbad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  labels: *nope\n',
  merge: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: merge}\ndata:\n  <<: {a: b}\n  c: d\n',
  duplicate: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata: {a: b}\ndata: {c: d}\n',
  dupdeep: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata:\n  a: b\n  a: c\n',
  unknown: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: u, nope: 1}\nspec: {}\ndata: {}\n',
  unknownkind: 'apiVersion: v1\nkind: Nope\nmetadata: {name: x}\n',
  unknowngroup: 'apiVersion: nope.io/v1\nkind: ConfigMap\nmetadata: {name: x}\n',
  wrongversion: 'apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: x}\n',
  lowerkind: 'apiVersion: v1\nkind: configmap\nmetadata: {name: x}\n',
  nokind: 'apiVersion: v1\nmetadata: {name: x}\n',
  noversion: 'kind: ConfigMap\nmetadata: {name: x}\n',
  noname: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
  nometa: 'apiVersion: v1\nkind: ConfigMap\n',
  scalar: 'just text\n',
  number: '42\n',
  sequence: '- a\n- b\n',
  nulldoc: 'null\n',
  badname: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n',
  numbername: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 123}\n',
  boolname: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: true}\n',
  types:
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: types}\ndata: {a: 1, b: true, c: null, d: [x], e: {f: g}}\n',
  typenumber:
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: "two", selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n',
  typelist: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {name: c, image: i}}\n',
  typeport:
    'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: http}]}]}\n',
  missing: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n',
  missing2: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{image: i}]}\n',
  missing3: 'apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{}]}\n',
  typo: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, imag: i, resource: {}}]}\n',
  secretbad: 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {a: "not base64!"}\n',
  quantity:
    'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, resources: {limits: {cpu: x}}}]}\n',
  time: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, creationTimestamp: yesterday}\n',
  octal:
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: octal}\ndata: {a: "0o17"}\nbinaryData: {}\nimmutable: yes\n',
  multiline:
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: multi}\ndata:\n  a: |\n    x\n      y\n  b: >-\n    folded\n    text\n  c: \"esc\\tape\\u00e9\"\n  d: 'sin''gle'\n",
  crlf: 'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: crlf\r\ndata:\r\n  a: b\r\n',
  bom: '\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata: {name: bom}\n',
  unicode: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: uni, annotations: {a: "日本 😀"}}\ndata: {k: "ß\\n"}\n',
  directive: '%YAML 1.1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: directive}\n',
  dots: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dots}\n...\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: dots2}\n',
  trailing: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trailing}\n---\n',
  seconddocbad: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\nkind: x: y\n',
  html: '<!DOCTYPE html><html></html>\n',
  nested: list('- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: n1}}]}\n'),
  clusterns: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: cns, namespace: x}\n',
  otherns: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nope}\n',
  tag: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tag}\ndata: {a: !!str 1, b: !custom x}\n',
  crnocrd: 'apiVersion: shop.example.com/v1\nkind: Widget\nmetadata: {name: w}\n',
  floats: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, generation: 1.5}\n',
  bigint: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big, generation: 99999999999999999999}\n',
  keynum: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keys}\ndata: {1: a, true: b, null: c, 1.5: d, y: e}\n',
};
const names = Object.keys(texts);
const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${name}.yaml`, text]));

export function manifestSequences(): Sequence[] {
  const each = (id: string, ...commands: string[]) =>
    sequence(
      `manifests/${id}`,
      `Good and broken manifests: ${id}`,
      names.flatMap((name) => commands.map((c) => c.replaceAll('%', `${name}.yaml`))),
      { files },
    );
  return [
    each('create', 'kubectl create -f %', 'kubectl get -f % -o name'),
    each('apply', 'kubectl apply -f %', 'kubectl apply -f % --dry-run=client -o yaml'),
    each(
      'validate',
      'kubectl apply -f % --validate=false',
      'kubectl create -f % --dry-run=server -o json --validate=warn',
    ),
    each('server', 'kubectl apply --server-side -f %', 'cat % | kubectl apply -f -'),
    each('other', 'kubectl create -f % --dry-run=client -o yaml', 'kubectl delete -f %', 'kubectl replace -f %'),
    each(
      'diff',
      'kubectl diff -f %',
      'kubectl label -f % a=b --local -o yaml',
      'kubectl delete -f % --ignore-not-found',
    ),
  ];
}
