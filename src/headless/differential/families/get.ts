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

const jsonpaths = [
  '{.items[*].metadata.name}',
  '{.items[0].metadata.name}',
  '{.items[-1].metadata.name}',
  '{.items[0:2].metadata.name}',
  '{.items[::2].metadata.name}',
  '{.items[1:].metadata.name}',
  '{.items[5:1].metadata.name}',
  '{.items[99].metadata.name}',
  '{.items[0,1].metadata.name}',
  '{.items[*]["metadata.name"]}',
  "{.items[*]['metadata.name', 'kind']}",
  '{..name}',
  '{..image}',
  '{.items[*]..image}',
  '{range .items[*]}{.metadata.name}{"\\t"}{.spec.replicas}{"\\n"}{end}',
  '{range .items[*]}{.metadata.name}{end',
  '{range .items[*]}{.metadata.name}',
  '{end}',
  '{.items[?(@.spec.replicas>1)].metadata.name}',
  '{.items[?(@.spec.replicas==2)].metadata.name}',
  '{.items[?(@.metadata.name=="web")].spec.replicas}',
  '{.items[?(@.metadata.name!="web")].metadata.name}',
  "{.items[?(@.metadata.name=='web')].kind}",
  '{.items[?(@.metadata.labels.app)].metadata.name}',
  '{.items[?(@.spec.nope==1)].metadata.name}',
  '{.items[?(@.spec.replicas=="2")].metadata.name}',
  '{.items[?(@.spec.replicas>"x")].metadata.name}',
  '{.items[?(@.metadata.name=~"w.*")].metadata.name}',
  '{.items[?(@.spec.paused==true)].metadata.name}',
  '{.metadata}',
  '{.kind}',
  '{.nope}',
  '{.items[*].nope}',
  '{.items[*].spec.nope.deep}',
  '{.items.metadata}',
  '{.items[*].metadata.labels}',
  '{.items[*].metadata.annotations.a\\.b/c}',
  "{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}",
  'metadata.name',
  '.kind',
  '{}',
  '',
  '{',
  '{.items[}',
  '{.items[a]}',
  '{.items[*}',
  "{'text'}",
  '{"text"}',
  '{"\\n"}x',
  'a{.kind}b{.apiVersion}c',
  '{@}',
  '{$.kind}',
  '{$}',
  '{.items[*].spec.template.spec.containers[*].name}',
  '{.items[*].spec.template.spec.containers[0].resources}',
  '{.items[*].spec.replicas}',
  '{.items[0].spec.template.spec.containers[0].ports}',
  '{.items[*].metadata.name} {.items[*].kind}',
  '{*}',
  '{.*}',
  '{.items[0].metadata.*}',
  '{range}',
  '{range .nope[*]}x{end}',
  '{range .items}{.kind}{end}',
  '{range .items[*]}{range .spec.template.spec.containers[*]}{.name},{end};{end}',
  '{.items[0].spec["replicas"]}',
  '{.items[0]}',
  '{.items[?(@)].kind}',
  '{.items[?(@.spec)].kind}',
  '{.items[?()].kind}',
  '{.items[?(@.spec.replicas)].kind}',
  '{.items[?(@.spec.replicas>=2)].kind}',
  '{.items[?(@.spec.replicas<2)].kind}',
  '{.items[?(@.spec.replicas<=2 )].kind}',
  '{.items[?( 2==@.spec.replicas)].kind}',
  '{.items[?(@.kind)]}',
  '{.items[(@.length-1)].kind}',
  '{.a.}',
  '{..}',
  '{...}',
  '{.items..}',
  '{.items[0].metadata.creationTimestamp}',
  '{1}',
  '{1.5}',
  '{-1}',
  '{true}',
  '{.items[0].spec.template.spec.containers[0].args}',
  '{.items[0].status}',
  '{.items[0].metadata.uid.x}',
  '{.items[::0]}',
  '{.items[::-1].kind}',
  '{.items[-2:].kind}',
  '{.items[:-1].kind}',
  '{"unterminated}',
  "{'a\\'b'}",
  '{.items[0].kind}{"\\x41"}',
  '{.items[0].kind}{"\\u00e9"}',
  '{ .kind }',
  '{.kind }{ .apiVersion}',
  '{.items[*].spec.template.metadata.labels.app}',
];

const templates = [
  '{{.kind}}',
  '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}',
  '{{len .items}}',
  '{{.nope}}',
  '{{.nope.deep}}',
  '{{.items.kind}}',
  '{{index .items 0}}',
  '{{(index .items 0).metadata.name}}',
  '{{index .items 99}}',
  '{{range $i, $e := .items}}{{$i}}={{$e.metadata.name}} {{end}}',
  '{{range .items}}{{if gt .spec.replicas 1.0}}{{.metadata.name}}{{end}}{{end}}',
  '{{range .items}}{{if eq .metadata.name "web"}}yes{{else}}no{{end}}{{end}}',
  '{{range .items}}{{.spec.replicas}} {{end}}',
  '{{range .items}}{{printf "%v|%s|%d|%q" .spec.replicas .metadata.name 3 "x"}}{{end}}',
  '{{',
  '{{.kind',
  '{{end}}',
  '{{range .items}}',
  '{{nope}}',
  '{{.kind | nope}}',
  '{{base64decode "aGk="}}',
  '{{base64decode "%%%"}}',
  '{{exists .items 0 "metadata" "name"}}',
  '{{exists . "a"}}',
  '{{with .items}}{{len .}}{{end}}',
  '{{.items}}',
  '{{.metadata}}',
  '{{range .items}}{{.metadata.labels}}{{end}}',
  '{{- .kind -}} x',
  '{{/* c */}}{{.kind}}',
  '{{"a" | printf "%5s"}}',
  '{{.kind | len}}',
  '{{and .kind .nope}}',
  '{{or .nope .kind}}',
  '{{not .nope}}',
  '{{html "<a>"}}',
  '{{js "a\'b"}}',
  '{{urlquery "a b"}}',
  '{{print 1 2 "x" 3}}',
  '{{println .kind}}',
  '{{slice .kind 0 2}}',
  '{{eq 1 1.0}}',
  '{{lt "a" 1}}',
  '{{call .kind}}',
  '{{define "t"}}x{{.}}{{end}}{{template "t" .kind}}',
  '{{template "nope"}}',
  '{{range .items}}{{break}}{{end}}',
  '{{range .items}}{{continue}}{{end}}',
  '{{range 3}}x{{end}}',
  '{{$x := 1}}{{$x = 2}}{{$x}}',
  '{{$x}}',
  '{{1 | 2}}',
  '{{range .kind}}{{.}}{{end}}',
  '{{range .items}}{{range $k, $v := .metadata.labels}}{{$k}}={{$v}};{{end}}{{end}}',
  '{{range .items}}{{with .spec.paused}}{{.}}{{else}}-{{end}}{{end}}',
  '{{range .items}}{{.metadata.creationTimestamp | len}}{{end}}',
  '{{index .items 0 "metadata" "name"}}',
  '{{index . "items"}}',
  '{{.items | index 0}}',
];

const columns = [
  'NAME:.metadata.name',
  'NAME:.metadata.name,R:.spec.replicas',
  'A:{.metadata.name}',
  'A:metadata.name',
  'A:.nope',
  'A:.spec.nope.deep',
  'A:.spec.template.spec.containers[*].name',
  'A:.spec.template.spec.containers[0].image',
  'A:.metadata.labels',
  'A:.spec',
  'NAME',
  '',
  'NAME:',
  ':.metadata.name',
  'NAME:.metadata.name,',
  'A:.metadata.name,A:.kind',
  'a b:.kind',
  'A:.metadata.labels.app,B:.metadata.annotations.a\\.b/c',
  "A:.metadata.labels['app']",
  'A:{..name}',
  'A:.items',
  'A:[0]',
  'A:{',
  'A:.spec.template.spec.containers[?(@.name=="c")].image',
  'lower:.kind',
  'A:.kind:x',
  'A:.spec.replicas,B:.status',
  'ÄÖ:.kind',
  'A:.spec.template.spec.containers[*].ports[*].containerPort',
  'A:{range .x}',
  'A:.apiVersion,B:.metadata.namespace,C:.metadata.creationTimestamp',
];

const sorts = [
  '.metadata.name',
  '{.metadata.name}',
  'metadata.name',
  '.spec.replicas',
  '.nope',
  '.metadata.labels',
  '.metadata.labels.app',
  '.status.phase',
  '.metadata.creationTimestamp',
  '',
  '{',
  '.spec',
  '.spec.template.spec.containers[0].image',
  '.spec.template.spec.containers[*].name',
  '.data.a',
  '.metadata.generation',
  '.kind',
  '[0]',
  '.spec.paused',
  '.spec.capacity.storage',
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
