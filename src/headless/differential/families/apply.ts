import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const cm = (name: string, data: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: x${more}}}\ndata: {${data}}\n`;
const deploy = (image: string, replicas = 0) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {set: x}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "${image}", ports: [{containerPort: 80}]}]}}\n`;
const files = {
  'a.yaml': cm('a', 'k: "1"'),
  'a2.yaml': cm('a', 'k: "2", l: "3"'),
  'b.yaml': cm('b', 'k: "1"'),
  'ab.yaml': `${cm('a', 'k: "1"')}---\n${cm('b', 'k: "1"')}`,
  'd.yaml': deploy('nginx:1'),
  'd2.yaml': deploy('nginx:2', 0),
  'bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: 1}\nnope: x\n',
  'selector.yaml': deploy('nginx:1').replaceAll('app: web', 'app: other'),
  'gen.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-}\n',
  'ns.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: team}\n',
  'secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n',
  'secret2.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: c, d: e}\n',
  'null.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: null}\ndata: null\n',
  'rv.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, resourceVersion: "1"}\ndata: {k: "9"}\n',
  'k/kustomization.yaml': 'namePrefix: p-\nresources: [a.yaml]\nconfigMapGenerator: [{name: g, literals: [x=y]}]\n',
  'k/a.yaml': cm('a', 'k: "1"'),
  'sub/deep/c.yaml': cm('c', 'k: "1"'),
  'sub/d.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"}}',
  'sub/readme.txt': 'not a manifest',
  'empty.yaml': '',
  'comment.yaml': '# nothing\n',
  'p.json': '{"data":{"q":"1"}}',
  'edit.sh': '#!/bin/sh\nsed -i "s/k: .*/k: edited/" "$1"\n',
  'noedit.sh': '#!/bin/sh\ntrue\n',
};
const show = 'kubectl get cm a -o yaml --show-managed-fields --ignore-not-found';

export function applySequences(): Sequence[] {
  return [
    sequence(
      'apply/client',
      'kubectl apply as the client merges',
      lines(`
        kubectl apply
        kubectl apply x
        kubectl apply -f
        kubectl apply -f nope.yaml
        kubectl apply -f a.yaml
        kubectl apply -f a.yaml
        ${show}
        kubectl apply -f a2.yaml -o yaml
        kubectl apply -f a.yaml -o name
        kubectl apply -f a.yaml -o json
        kubectl apply -f ab.yaml
        kubectl apply -f ab.yaml -o yaml
        kubectl apply -f ab.yaml -o json
        kubectl apply -f a.yaml -f b.yaml -o wide
        kubectl apply -f d.yaml
        kubectl apply -f d2.yaml
        kubectl apply -f d2.yaml --dry-run=client
        kubectl apply -f d.yaml --dry-run=client
        kubectl apply -f d.yaml --dry-run=server
        kubectl apply -f d.yaml --dry-run=client -o yaml
        kubectl apply -f d.yaml --dry-run=server -o yaml
        kubectl apply -f d.yaml --dry-run=nope
        kubectl apply -f selector.yaml
        kubectl apply -f selector.yaml --force
        kubectl apply -f bad.yaml
        kubectl apply -f bad.yaml --validate=false
        kubectl apply -f bad.yaml --validate=warn
        kubectl apply -f bad.yaml --validate=ignore
        kubectl apply -f gen.yaml
        kubectl apply -f ns.yaml
        kubectl apply -f ns.yaml -n default
        kubectl apply -f null.yaml
        kubectl apply -f rv.yaml
        kubectl apply -f secret.yaml
        kubectl apply -f secret2.yaml
        kubectl get secret s -o yaml
        kubectl apply -f empty.yaml
        kubectl apply -f comment.yaml
        kubectl apply -f sub
        kubectl apply -R -f sub
        kubectl apply -k k
        kubectl apply -k k
        kubectl apply -k k -f a.yaml
        kubectl apply -k nope
        kubectl apply -k k -R
        kubectl apply -f a.yaml --overwrite=false
        kubectl create cm plain --from-literal=a=b
        kubectl get cm plain -o yaml | sed 's/a: b/a: c/' | kubectl apply -f -
        kubectl get cm plain -o yaml | kubectl apply -f -
        kubectl apply -f a.yaml --force --grace-period=0
        kubectl apply -f a.yaml --grace-period=1
        kubectl apply -f a.yaml --timeout=1s
        kubectl apply -f a.yaml --cascade=orphan
        kubectl apply -f a.yaml --cascade=nope
        kubectl apply -f a.yaml --wait
        kubectl apply -f a.yaml -l set=x
        kubectl apply -f a.yaml -l set=y
        kubectl apply -f a.yaml -l '='
        kubectl apply -f a.yaml --all
        kubectl apply -f a.yaml --field-manager=me
        kubectl apply -f a.yaml --openapi-patch=false
        kubectl apply -f a.yaml --subresource=status
        kubectl apply -f a.yaml --server-side --force
        kubectl apply -f a.yaml --force-conflicts
        kubectl apply -f a.yaml --prune
        kubectl apply -f a.yaml --prune -l set=x
        kubectl apply -f ab.yaml
        kubectl apply -f a.yaml --prune -l set=x --dry-run=client
        kubectl apply -f a.yaml --prune -l set=x --dry-run=server
        kubectl apply -f a.yaml --prune -l set=x --prune-allowlist=core/v1/ConfigMap
        kubectl apply -f a.yaml --prune --all --prune-allowlist=nope
        kubectl apply -f a.yaml --prune --all --prune-allowlist=core/v1/Nope
        kubectl apply -f a.yaml --prune --all --prune-whitelist=core/v1/ConfigMap
        kubectl apply -f a.yaml --prune --all -l set=x
        kubectl apply -f a.yaml --applyset=x
        kubectl apply -f a.yaml --prune --applyset=x
      `),
      { files },
    ),
    sequence(
      'apply/server',
      'kubectl apply as the server merges',
      lines(`
        kubectl apply --server-side -f a.yaml
        kubectl apply --server-side -f a.yaml
        ${show}
        kubectl apply --server-side -f a2.yaml -o yaml
        kubectl apply --server-side -f a.yaml --field-manager=other
        kubectl apply --server-side -f a.yaml --field-manager=other --force-conflicts
        kubectl apply --server-side -f a2.yaml
        kubectl apply --server-side -f a2.yaml --field-manager=''
        kubectl apply --server-side -f ab.yaml -o name
        kubectl apply --server-side -f ab.yaml --dry-run=server
        kubectl apply --server-side -f ab.yaml --dry-run=client
        kubectl apply --server-side -f d.yaml
        kubectl scale deploy web --replicas=2
        kubectl apply --server-side -f d2.yaml
        kubectl apply --server-side -f d2.yaml --force-conflicts
        kubectl apply --server-side -f bad.yaml
        kubectl apply --server-side -f bad.yaml --validate=warn
        kubectl apply --server-side -f gen.yaml
        kubectl apply --server-side -f ns.yaml
        kubectl apply --server-side -f null.yaml
        kubectl apply --server-side -f rv.yaml
        kubectl apply -f a.yaml
        kubectl apply --server-side -f a2.yaml
        ${show}
        kubectl apply --server-side -f a.yaml --subresource=status
        kubectl apply --server-side -k k
        kubectl apply --server-side -f a.yaml --prune -l set=x
        kubectl apply --server-side -f selector.yaml
        kubectl apply --server-side=false -f a.yaml
        kubectl apply --server-side=x -f a.yaml
      `),
      { files },
    ),
    sequence(
      'apply/last-applied',
      'What was applied last',
      lines(`
        kubectl apply -f ab.yaml
        kubectl create cm plain
        kubectl apply view-last-applied cm a
        kubectl apply view-last-applied cm/a -o json
        kubectl apply view-last-applied cm a -o nope
        kubectl apply view-last-applied cm a b
        kubectl apply view-last-applied cm --all
        kubectl apply view-last-applied cm -l set=x
        kubectl apply view-last-applied cm plain
        kubectl apply view-last-applied cm nope
        kubectl apply view-last-applied -f ab.yaml
        kubectl apply view-last-applied -f nope.yaml
        kubectl apply view-last-applied
        kubectl apply view-last-applied cm
        kubectl apply set-last-applied -f a2.yaml
        kubectl apply set-last-applied -f a2.yaml
        kubectl apply set-last-applied -f a2.yaml -o yaml
        kubectl apply set-last-applied -f a2.yaml --dry-run=client
        kubectl apply set-last-applied -f a.yaml --dry-run=server
        kubectl apply set-last-applied -f d.yaml
        kubectl apply set-last-applied -f d.yaml --create-annotation
        kubectl apply set-last-applied
        kubectl apply set-last-applied cm a
        kubectl apply view-last-applied cm a
        KUBE_EDITOR='sh edit.sh' kubectl apply edit-last-applied cm a
        KUBE_EDITOR='sh noedit.sh' kubectl apply edit-last-applied cm a
        KUBE_EDITOR='sh edit.sh' kubectl apply edit-last-applied cm plain
        KUBE_EDITOR='sh edit.sh' kubectl apply edit-last-applied cm nope
        kubectl apply edit-last-applied
        kubectl apply view-last-applied cm a
        KUBE_EDITOR='sh edit.sh' kubectl edit cm a
        KUBE_EDITOR='sh noedit.sh' kubectl edit cm a
        KUBE_EDITOR='sh edit.sh' kubectl edit cm a -o json
        KUBE_EDITOR=false kubectl edit cm a
        KUBE_EDITOR=nosucheditor kubectl edit cm a
        KUBE_EDITOR='sh edit.sh' kubectl edit cm nope
        KUBE_EDITOR='sh edit.sh' kubectl edit nope
        KUBE_EDITOR='sh edit.sh' kubectl edit
        KUBE_EDITOR='sh edit.sh' kubectl edit -f b.yaml
        KUBE_EDITOR='sh edit.sh' kubectl edit cm b --save-config
        KUBE_EDITOR='sh edit.sh' kubectl edit cm a --subresource=nope
        KUBE_EDITOR='sh edit.sh' kubectl edit cm a --output-patch
        KUBE_EDITOR='sh noedit.sh' kubectl edit cm a -o yaml
        KUBE_EDITOR='sh noedit.sh' kubectl edit cm a -o nope
        KUBE_EDITOR='sh edit.sh' kubectl edit cm -l set=none
        KUBE_EDITOR='sh edit.sh' kubectl create -f b.yaml --edit
      `),
      { files },
    ),
    sequence(
      'apply/diff',
      'kubectl diff',
      [
        ...lines(`
          kubectl diff -f a.yaml
          kubectl apply -f ab.yaml -f d.yaml
          kubectl diff
          kubectl diff x
          kubectl diff -f nope.yaml
        `),
        ...cross`${['', 'KUBECTL_EXTERNAL_DIFF="diff -N" ', 'KUBECTL_EXTERNAL_DIFF=false ', 'KUBECTL_EXTERNAL_DIFF=nosuchdiff ', 'KUBECTL_EXTERNAL_DIFF="diff -u -N" ']}kubectl diff ${['-f a.yaml', '-f a2.yaml', '-f a2.yaml -f d2.yaml', '--server-side -f a2.yaml', '-k k', '-f secret.yaml', '-f bad.yaml', '-R -f sub', '-f a.yaml --prune -l set=x', '-f a2.yaml --prune', '-f d.yaml -l set=none', '--show-managed-fields -f a2.yaml', '--field-manager=me -f a2.yaml', '--server-side --force-conflicts -f a2.yaml', '--force-conflicts -f a2.yaml', '--concurrency=4 -f ab.yaml']}`,
      ],
      { files },
    ),
    sequence(
      'apply/patch',
      'kubectl patch',
      [
        'kubectl apply -f ab.yaml -f d.yaml',
        ...cross`kubectl patch ${['cm a', 'deploy web']} ${['', '--type=merge', '--type=strategic', '--type=json', '--type=nope']} -p ${[`'{"metadata":{"labels":{"x":"y"}}}'`, `'{"data":{"k":null}}'`, `'metadata: {annotations: {y: z}}'`, `'[{"op":"add","path":"/metadata/labels/j","value":"k"}]'`, `'[{"op":"remove","path":"/nope"}]'`, `'[{"op":"test","path":"/kind","value":"x"}]'`, `'[{"op":"nope","path":"/x"}]'`, `'{'`, `''`, `'x'`, `'{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"p"}]}}}}'`, `'{"nope":1}'`, `'{"spec":{"replicas":"x"}}'`, `'{"metadata":{"name":"other"}}'`, `'{"spec":{"template":{"spec":{"containers":[{"name":"c","$patch":"delete"},{"name":"n","image":"q"}]}}}}'`, `'{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"]}}'`]}`,
        ...lines(`
          kubectl patch
          kubectl patch cm
          kubectl patch cm a
          kubectl patch cm a -p '{}' --patch-file=p.json
          kubectl patch cm a --patch-file=p.json
          kubectl patch cm a --patch-file=nope
          kubectl patch cm a --patch-file=p.json -o yaml
          kubectl patch cm a -p '{}' -o name
          kubectl patch cm a -p '{"data":{"z":"1"}}' -o jsonpath={.data}
          kubectl patch cm a -p '{"data":{"z":"2"}}' --dry-run=client
          kubectl patch cm a -p '{"data":{"z":"2"}}' --dry-run=server
          kubectl patch cm a -p '{"data":{"z":"2"}}' --dry-run=client -o yaml
          kubectl patch -f a.yaml -p '{"data":{"f":"1"}}'
          kubectl patch -f ab.yaml -p '{"data":{"f":"2"}}'
          kubectl patch -f a.yaml --local -p '{"data":{"f":"3"}}' -o yaml
          kubectl patch -f a.yaml --local -p '{"data":{"f":"3"}}'
          kubectl patch -f a.yaml --local --type=json -p '[{"op":"replace","path":"/data/k","value":"5"}]' -o json
          kubectl patch -f a.yaml --local --type=json -p '[{"op":"replace","path":"/nope/k","value":"5"}]' -o json
          kubectl patch cm a --local -p '{}'
          kubectl patch cm/a cm/b -p '{"data":{"m":"1"}}'
          kubectl patch cm a b -p '{"data":{"m":"2"}}'
          kubectl patch cm nope -p '{}'
          kubectl patch nope a -p '{}'
          kubectl patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'
          kubectl patch deploy web --subresource=status --type=merge -p '{"status":{"replicas":1}}'
          kubectl patch deploy web --subresource=nope --type=merge -p '{}'
          kubectl patch cm a -p '{"data":{"k":"v"}}' --field-manager=m -o yaml --show-managed-fields
          kubectl patch node 127.0.0.1 -p '{"spec":{"unschedulable":true}}'
          kubectl patch node/127.0.0.1 -p '{"spec":{"unschedulable":null}}'
        `),
      ],
      { files },
    ),
    sequence(
      'apply/replace',
      'kubectl replace',
      lines(`
        kubectl replace
        kubectl replace x
        kubectl replace -f a.yaml
        kubectl apply -f ab.yaml
        kubectl replace -f a2.yaml
        kubectl replace -f a2.yaml -o yaml
        kubectl replace -f a.yaml -o name
        kubectl replace -f ab.yaml --dry-run=client
        kubectl replace -f ab.yaml --dry-run=server
        kubectl replace -f a.yaml --save-config -o yaml
        kubectl replace -f rv.yaml
        kubectl replace -f nope
        kubectl replace -f bad.yaml
        kubectl replace -f gen.yaml
        kubectl replace -f ns.yaml
        kubectl replace -f empty.yaml
        kubectl replace --force -f a.yaml
        kubectl replace --force -f ab.yaml --grace-period=0
        kubectl replace --force -f sub/d.json
        kubectl replace --force -f a.yaml --timeout=5s
        kubectl replace --force -f a.yaml --dry-run=client
        kubectl replace -f a.yaml --grace-period=0
        kubectl replace -f a.yaml --timeout=1s
        kubectl replace -f a.yaml --cascade=orphan
        kubectl replace -f a.yaml --force --cascade=nope
        kubectl replace -f a.yaml --subresource=status
        kubectl replace -f a.yaml --subresource=nope
        kubectl replace -k k
        kubectl replace --raw /api/v1/namespaces/default/configmaps/a -f sub/d.json
        kubectl replace --raw /api/v1/namespaces/default/configmaps/d -f sub/d.json
        kubectl replace --raw nope -f sub/d.json
        kubectl replace --raw /x
        kubectl replace --raw /x -f a.yaml -f b.yaml
        kubectl replace --raw /x -f a.yaml --force
        kubectl get cm a -o yaml | kubectl replace -f -
        cat a.yaml | kubectl replace --force -f -
      `),
      { files },
    ),
  ];
}
