import { columns, jsonpaths, sorts, templates } from './get-expressions.ts';
import { cross, lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich as setUp, rich } from './rich/index.ts';

const kinds = [
  'pods',
  'po',
  'deploy',
  'rs',
  'svc',
  'cm',
  'secrets',
  'sa',
  'ns',
  'nodes',
  'sts',
  'ds',
  'jobs',
  'cj',
  'hpa',
  'pdb',
  'ing',
  'ingressclasses',
  'netpol',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
  'pv',
  'pvc',
  'sc',
  'quota',
  'limits',
  'pc',
  'endpoints',
  'endpointslices',
  'events',
  'csr',
  'leases',
  'crd',
  'csidrivers',
  'csinodes',
  'csistoragecapacities',
  'runtimeclasses',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'apiservices',
  'flowschemas',
  'prioritylevelconfigurations',
  'controllerrevisions',
  'podtemplates',
  'rc',
  'volumeattachments',
  'volumeattributesclasses',
  'ipaddresses',
  'servicecidrs',
  'componentstatuses',
  'deviceclasses',
  'resourceclaims',
  'resourceslices',
  'resourceclaimtemplates',
];

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function getSequences(): Sequence[] {
  const files = rich;
  return [
    sequence(
      'get/types',
      'Every type, table, wide and name',
      [...setUp, ...cross`kubectl get ${kinds} ${['', '-o wide', '-A']}`],
      { files },
    ),
    sequence(
      'get/types-forms',
      'Every type in other forms',
      [
        ...setUp,
        ...cross`kubectl get ${kinds} ${['-o name', '--no-headers', '--show-labels --show-kind', '--server-print=false -A']}`,
      ],
      { files },
    ),
    sequence(
      'get/objects',
      'Whole objects',
      [
        ...setUp,
        ...cross`kubectl get ${['deploy web', 'deploy', 'svc/web', 'po/full', 'cm', 'secrets', 'ing web', 'hpa web', 'sts,ds', 'pv,pvc', 'nodes', 'cj/nightly', 'netpol', 'crd', 'role/reader clusterrole/agg', 'deploy,svc', 'nope', 'deploy nope', 'cm -l app=web', 'cm -l x=y']} -o ${['yaml', 'json', 'yaml --show-managed-fields', 'kyaml', 'name']}`,
      ],
      { files },
    ),
    sequence(
      'get/jsonpath',
      'The jsonpath dialect',
      [
        ...setUp,
        ...jsonpaths.flatMap((p) => [
          `kubectl get deploy -o jsonpath=${quote(p)}`,
          `kubectl get deploy web -o jsonpath=${quote(p)}`,
        ]),
        ...jsonpaths
          .slice(0, 40)
          .map((p) => `kubectl get deploy --allow-missing-template-keys=false -o jsonpath=${quote(p)}`),
        ...jsonpaths.slice(0, 30).map((p) => `kubectl get deploy -o jsonpath-as-json=${quote(p)}`),
        ...lines(`
        kubectl get deploy -o jsonpath
        kubectl get deploy -o jsonpath --template={.kind}
        kubectl get deploy -o jsonpath-file
        kubectl get deploy -o jsonpath-file=nope
        kubectl get deploy -o jsonpath-as-json
        kubectl get nope -o jsonpath={.kind}
        kubectl get po,svc -o jsonpath={.items[*].kind}
        kubectl get po,svc -o jsonpath={.kind}
        kubectl get -f rich-workloads.yaml -o jsonpath={.items[*].kind}
      `),
      ],
      { files },
    ),
    sequence(
      'get/template',
      'Go templates',
      [
        ...setUp,
        ...templates.flatMap((t) => [
          `kubectl get deploy -o go-template=${quote(t)}`,
          `kubectl get cm settings --template=${quote(t)}`,
        ]),
        ...templates
          .slice(0, 12)
          .map((t) => `kubectl get deploy --allow-missing-template-keys=false -o go-template=${quote(t)}`),
        ...lines(`
        kubectl get deploy -o go-template
        kubectl get deploy -o template
        kubectl get deploy -o template={{.kind}}
        kubectl get deploy -o go-template-file
        kubectl get deploy -o go-template-file=nope
        kubectl get deploy -o templatefile=nope
        kubectl get deploy -o json --template={{.kind}}
        kubectl get deploy -o wide --template={{.kind}}
        kubectl get deploy -o go-template=
      `),
      ],
      { files },
    ),
    sequence(
      'get/columns',
      'Custom columns',
      [
        ...setUp,
        ...columns.flatMap((c) => [
          `kubectl get deploy -o custom-columns=${quote(c)}`,
          `kubectl get deploy,svc -o custom-columns=${quote(c)} --no-headers`,
        ]),
        ...lines(`
        kubectl get deploy -o custom-columns
        kubectl get deploy -o custom-columns-file
        kubectl get deploy -o custom-columns-file=nope
        kubectl get deploy -o custom-columns-file=columns.txt
        kubectl get deploy -o custom-columns-file=columns-bad.txt
        kubectl get deploy -o custom-columns-file=empty.txt
        kubectl get cm nope -o custom-columns=A:.kind
        kubectl get pods -l a=nope -o custom-columns=A:.kind
        kubectl get deploy -o custom-columns=A:.metadata.name --sort-by=.spec.replicas
        kubectl get deploy -o custom-columns=A:.metadata.name -L app
      `),
      ],
      {
        files: {
          ...files,
          'columns.txt': 'NAME   REPLICAS\n.metadata.name   .spec.replicas\n',
          'columns-bad.txt': 'NAME A B\n.metadata.name\n',
          'empty.txt': '',
        },
      },
    ),
    sequence(
      'get/sort',
      'Sorting',
      [
        ...setUp,
        ...sorts.flatMap((s) =>
          ['deploy', 'cm', 'pv', 'deploy,svc', 'pods -o name', 'deploy -o json', 'svc web'].map(
            (t) => `kubectl get ${t} --sort-by=${quote(s)}`,
          ),
        ),
      ],
      { files },
    ),
    sequence(
      'get/choices',
      'What is asked for',
      [
        ...setUp,
        ...cross`kubectl get ${['deploy,svc', 'deploy web', 'deploy/web svc/web', 'deploy/web nope/x', 'deploy web nope', 'deploy/web pods/nope cm/nope', 'all', 'all,cm', 'deploy/', '/web', 'deploy//web', 'deploy/web web', 'deploy web svc/web', 'nope', 'nope.v1.example.com', 'deployments.apps', 'deployments.v1.apps', 'deployments.v9.apps', 'deploy.apps/web', 'pods.v1', 'Deployment', 'DEPLOY', 'deployments.extensions', 'a,b', 'deploy,nope', 'deploy,', ',deploy', 'ns default', 'ns/default nodes/127.0.0.1', 'deploy web web', 'svc -l app=web', 'deploy,svc -l app=web', 'deploy --all']} ${['', '-o name', '-A', '-n other', '--ignore-not-found', '--show-kind', '-o wide --no-headers']}`,
        ...lines(`
        kubectl get
        kubectl get -o yaml
        kubectl get pods -n nope
        kubectl get pods -n nope --ignore-not-found
        kubectl get ns nope --ignore-not-found -o yaml
        kubectl get deploy -l 'app in (web,x)'
        kubectl get deploy -l 'app notin (web)'
        kubectl get deploy -l '!app'
        kubectl get deploy -l app
        kubectl get deploy -l 'app=web,tier=front'
        kubectl get deploy -l 'app==web'
        kubectl get deploy -l 'app!=web'
        kubectl get deploy -l 'n>1'
        kubectl get deploy -l 'n>x'
        kubectl get deploy -l 'app in ()'
        kubectl get deploy -l 'app in (a'
        kubectl get deploy -l 'app='
        kubectl get deploy -l '='
        kubectl get deploy -l 'a b'
        kubectl get deploy -l ','
        kubectl get deploy -l 'app=web,'
        kubectl get deploy -l '-a=b'
        kubectl get deploy -l 'a=-b'
        kubectl get deploy -l 'a/b/c=d'
        kubectl get deploy web -l app=web
        kubectl get deploy/web -l app=web
        kubectl get deploy --field-selector metadata.name=web
        kubectl get deploy --field-selector metadata.name!=web
        kubectl get deploy --field-selector metadata.namespace=default
        kubectl get deploy --field-selector spec.replicas=1
        kubectl get deploy --field-selector x
        kubectl get deploy --field-selector 'a=b=c'
        kubectl get deploy --field-selector ''
        kubectl get deploy web --field-selector metadata.name=web
        kubectl get pods --field-selector status.phase=Pending -o name
        kubectl get pods --field-selector status.phase!=Pending,metadata.name=full
        kubectl get pods --field-selector spec.nodeName=
        kubectl get pods --field-selector spec.restartPolicy=Never -o name
        kubectl get pods --field-selector spec.nope=x
        kubectl get secrets --field-selector type=Opaque -o name
        kubectl get events --field-selector involvedObject.kind=Pod
        kubectl get ns --field-selector status.phase=Active -o name
        kubectl get nodes --field-selector spec.unschedulable=true
        kubectl get deploy --chunk-size=1
        kubectl get deploy --chunk-size=1 -o name
        kubectl get pods --chunk-size=2 -A -o name
        kubectl get deploy --show-labels
        kubectl get deploy -L app
        kubectl get deploy -L app,tier -L nope
        kubectl get deploy -L app --show-labels
        kubectl get deploy -L app.kubernetes.io/name
        kubectl get deploy,svc -L app
        kubectl get deploy --show-kind --no-headers
        kubectl get deploy web --show-kind -o wide
        kubectl get deploy -o wide --show-labels
        kubectl get deploy --label-columns=app
        kubectl get deploy --no-headers -L app
        kubectl get deploy -o yaml --no-headers | head -1
        kubectl get deploy -o name --show-labels
        kubectl get deploy -o nope
        kubectl get deploy -o jsonnpath
        kubectl get deploy -o ''
        kubectl get deploy -o Wide
        kubectl get deploy -o json=x
        kubectl get deploy -o wide=x
        kubectl get deploy -o name=x
        kubectl get deploy -o yaml=x
        kubectl get deploy --output-watch-events
        kubectl get deploy --output-watch-events -o json
        kubectl get deploy web svc -o name
        kubectl get --raw /version
        kubectl get --raw /healthz
        kubectl get --raw /readyz?verbose
        kubectl get --raw /livez/ping
        kubectl get --raw /api
        kubectl get --raw /apis/apps
        kubectl get --raw /nope
        kubectl get --raw /api/v1/namespaces/default/configmaps/nope
        kubectl get --raw /api/v1/namespaces/default/configmaps/settings
        kubectl get --raw api/v1
        kubectl get --raw /api/v1 pods
        kubectl get --raw /api/v1 -o json
        kubectl get --raw /api/v1 -f x
        kubectl get --raw /api/v1 -w
        kubectl get --raw ''
        kubectl get --raw '/api/v1/nodes?limit=1&fieldSelector=x'
        kubectl get -f rich-workloads.yaml -o name
        kubectl get -f rich-workloads.yaml
        kubectl get -f nope.yaml
        kubectl get -f nope
        kubectl get -f . -o name
        kubectl get -f rich-workloads.yaml deploy
        kubectl get -f rich-workloads.yaml -l app=web
        kubectl get -f rich-workloads.yaml --ignore-not-found
        kubectl get -f https://127.0.0.1:1/x.yaml
        kubectl get -f http://127.0.0.1:1/x.yaml
        kubectl get -k .
        kubectl get -k nope
        kubectl get -f x -k y
        kubectl get -R
        kubectl get -f . -R -o name
        kubectl get deploy --subresource=scale
        kubectl get deploy web --subresource=scale
        kubectl get deploy web --subresource=status -o name
        kubectl get deploy web --subresource=nope
        kubectl get deploy web --subresource=scale -o yaml
        kubectl get pods/full --subresource=resize -o name
        kubectl get widgets
        kubectl get widgets -o wide
        kubectl get wd
        kubectl get widgets.shop.example.com/one -o yaml
        kubectl get shopthings
        kubectl get shopthings,deploy
        kubectl get events --sort-by=.lastTimestamp -o name
      `),
      ],
      { files },
    ),
  ];
}
