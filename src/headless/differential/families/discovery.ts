import { cross, lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich as setUp, rich as files } from './rich/index.ts';

const fields = [
  'pods',
  'pod.spec',
  'pod.spec.containers',
  'pods.spec.containers.env.valueFrom',
  'deploy',
  'deploy.spec.strategy.rollingUpdate.maxSurge',
  'svc.spec.ports',
  'cm.data',
  'hpa',
  'hpa.spec.metrics',
  'crd.spec.versions',
  'widgets',
  'widget.spec.size',
  'wd.spec.parts.name',
  'plains',
  'nope',
  'pods.nope',
  'pods.spec.nope',
  'pods..spec',
  'pods.',
  '.spec',
  'deployments.apps',
  'deploy.v1.apps.spec',
  'secrets.stringData',
  'nodes.status.capacity',
  'networkpolicies.spec.ingress.from',
  'events',
  'ingress.spec.rules.http.paths.pathType',
  'po,svc',
  'jobs.spec.template.metadata.name',
  'Pod',
  'PODS.spec.nodeName',
  'pvc.spec.resources.requests',
  'pods.metadata.managedFields.fieldsV1',
  'pods.spec.containers.ports.containerPort.x',
  'rolebindings.roleRef',
];

export function discoverySequences(): Sequence[] {
  return [
    sequence(
      'discovery/explain-structure',
      'Fields and types of documentation; the prose is not compared',
      [
        ...setUp,
        ...cross`kubectl explain ${fields} ${['--recursive', '--output plaintext-openapiv2 --recursive', '| grep -E "^(KIND|VERSION|GROUP|FIELD|RESOURCE|  [a-z]).*" | grep -v ENUM', '| grep -v "^ "']}`,
        ...lines(`
          kubectl explain
          kubectl explain pods svc
          kubectl explain pods --api-version=v1 --recursive
          kubectl explain hpa --api-version=autoscaling/v1 --recursive
          kubectl explain hpa --api-version=autoscaling/v9
          kubectl explain hpa --api-version=nope
          kubectl explain deploy --api-version=v1
          kubectl explain pods --output=nope
          kubectl explain pods --output=plaintext --recursive=false | head -3
          kubectl explain pods/x
          kubectl explain pods -o plaintext --recursive | wc -l
          kubectl explain ''
          kubectl explain widgets.shop.example.com
          kubectl explain widgets --api-version=shop.example.com/v1 --recursive
          kubectl explain no.such.thing
        `),
      ],
      { files },
    ),
    sequence(
      'discovery/lists',
      'What the server has',
      [
        ...setUp,
        ...lines(`
          kubectl api-resources
          kubectl api-resources -o wide
          kubectl api-resources -o name
          kubectl api-resources -o json
          kubectl api-resources -o yaml
          kubectl api-resources -o nope
          kubectl api-resources --no-headers
          kubectl api-resources --namespaced
          kubectl api-resources --namespaced=false
          kubectl api-resources --namespaced=x
          kubectl api-resources --api-group=apps
          kubectl api-resources --api-group=''
          kubectl api-resources --api-group=nope
          kubectl api-resources --api-group=shop.example.com -o wide
          kubectl api-resources --sort-by=name
          kubectl api-resources --sort-by=kind
          kubectl api-resources --sort-by=nope
          kubectl api-resources --verbs=list,get
          kubectl api-resources --verbs=list --verbs=nope
          kubectl api-resources --verbs=create --namespaced=false -o name
          kubectl api-resources --categories=all
          kubectl api-resources --categories=all,nope
          kubectl api-resources --categories=shopthings -o wide --no-headers
          kubectl api-resources --cached
          kubectl api-resources x
          kubectl api-versions
          kubectl api-versions x
          kubectl version
          kubectl version --client
          kubectl version --client -o json
          kubectl version -o yaml
          kubectl version -o json --client=false
          kubectl version -o nope
          kubectl version x
          kubectl version --short
          kubectl cluster-info
          kubectl cluster-info x
          kubectl cluster-info dump -o name
          kubectl cluster-info dump --namespaces nope
          kubectl cluster-info dump --namespaces nope -o yaml
          kubectl cluster-info dump --output-directory=out --namespaces team
          find out -type f | sort
          kubectl cluster-info nope
          kubectl options | grep -c .
          kubectl plugin
          kubectl plugin list
          kubectl plugin nope
          kubectl nope-plugin
          kubectl completion nope
          kubectl completion bash x
          kubectl completion
          kubectl kustomize
          kubectl kustomize nope
          kubectl kustomize a b
          kubectl events
          kubectl events nope
          kubectl events --for pod/nope
          kubectl events --for nope
          kubectl events --for nope/x
          kubectl events --for pod/
          kubectl events --types=Nope
          kubectl events --types=Normal,Warning -n team
          kubectl events --types=
          kubectl events -A --types=nope
          kubectl events -o nope
          kubectl events -n nope
          kubectl events -A -n nope --for deploy/zz
          kubectl events --no-headers -n nope
          kubectl events --watch=x
          kubectl events -o json -n nope
          kubectl events -o yaml -n nope
          kubectl events -o name -n nope
          kubectl events --for deployments.apps/web --types=Warning
          kubectl events --for deploy/web -o jsonpath={.items[*].reason}
          kubectl events --for po/x --chunk-size=1
        `),
      ],
      { files },
    ),
  ];
}
