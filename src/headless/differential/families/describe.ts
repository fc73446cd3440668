import { lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich as setUp, rich as files } from './rich/index.ts';

const objects = lines(`
  po/full
  po/plain
  deploy/web
  deploy/api
  deploy/zero
  sts/db
  ds/agent
  rs/bare
  rc/old
  job/once
  job/indexed
  cj/nightly
  podtemplate/tpl
  hpa/web
  hpa/simple
  hpa.v1.autoscaling/web
  pdb/web
  pdb/db
  svc/web
  svc/node
  svc/lb
  svc/headless
  svc/ext
  svc/kubernetes
  endpoints/manual
  endpointslice/slice
  ingress/web
  ingress/bare
  ingressclass/nginx
  ingressclass/other
  netpol/rich
  netpol/deny
  netpol/out
  servicecidr/more
  servicecidr/kubernetes
  ipaddress/10.96.0.1
  cm/settings
  cm/frozen
  secret/creds
  secret/login
  sa/robot
  sa/default
  ns/team
  ns/default
  quota/limits -n team
  quota/scoped -n team
  limits/range -n team
  role/reader
  clusterrole/agg
  clusterrole/urls
  clusterrole/view
  clusterrole/admin
  clusterrole/system:node
  rolebinding/readers
  clusterrolebinding/everything
  clusterrolebinding/cluster-admin
  pc/high
  pc/system-node-critical
  runtimeclass/fast
  sc/gold
  pv/disk
  pv/net
  pv/csi
  pvc/data
  pvc/raw
  csidriver/d.example.com
  vac/silver
  csr/ann
  lease/lease
  validatingwebhookconfiguration/check
  crd/widgets.shop.example.com
  crd/plains.shop.example.com
  widget/one
  plain/p
  apiservice/v1.apps
  flowschema/exempt
  prioritylevelconfiguration/exempt
  controllerrevision
`);

export function describeSequences(): Sequence[] {
  return [
    sequence('describe/objects', 'Every kind in full', [...setUp, ...objects.map((o) => `kubectl describe ${o}`)], {
      files,
    }),
    sequence(
      'describe/ways',
      'Ways to name what to describe',
      [
        ...setUp,
        ...lines(`
          kubectl describe
          kubectl describe nope
          kubectl describe deploy
          kubectl describe deploy we
          kubectl describe deploy nope
          kubectl describe deploy/nope
          kubectl describe deploy web api
          kubectl describe deploy web nope
          kubectl describe deploy nope1 nope2
          kubectl describe deploy/web svc/web
          kubectl describe deploy,svc web
          kubectl describe deploy,nope web
          kubectl describe cm -l app=web
          kubectl describe cm -l app=x
          kubectl describe cm settings -l app=web
          kubectl describe cm -n nope
          kubectl describe cm -A -l app=web
          kubectl describe cm x -A
          kubectl describe cm --all-namespaces --show-events=false -l app=web
          kubectl describe deploy/web --show-events=false
          kubectl describe deploy zero --show-events=false
          kubectl describe cm --chunk-size=1 -l app=web
          kubectl describe -f rich-custom.yaml
          kubectl describe -f nope.yaml
          kubectl describe -f rich-custom.yaml deploy
          kubectl describe widgets
          kubectl describe widget o
          kubectl describe wd two
          kubectl describe all -l app=zero
          kubectl describe secrets
          kubectl describe roles,rolebindings
          kubectl describe ns,nodes
          kubectl describe node
          kubectl describe node 127
          kubectl describe limits -A
          kubectl describe quota -A
          kubectl describe events
          kubectl describe cm -o yaml
          kubectl describe cm settings --output=json
          kubectl describe crd
          kubectl describe deploy.v1.apps web
          kubectl describe deployments.apps/web
          kubectl describe deploy.v1beta1.apps web
          kubectl describe componentstatuses
          kubectl describe cm settings -n default -n team
        `),
      ],
      { files },
    ),
  ];
}
