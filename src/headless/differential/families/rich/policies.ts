/** Configuration, access, quotas, storage, admission and a custom type. */
export const policies = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {a: "1", multi: "one\\ntwo\\n", empty: "", json: '{"a":1}'}
binaryData: {bin: AAEC}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: frozen}
immutable: true
data: {z: "9", y: "true"}
---
apiVersion: v1
kind: Secret
metadata: {name: creds, labels: {app: web}}
type: Opaque
stringData: {user: admin, password: "s3cret"}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
type: kubernetes.io/basic-auth
stringData: {username: u, password: p}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, labels: {app: web}, annotations: {a: b}}
secrets: [{name: s1}, {name: s2}]
imagePullSecrets: [{name: pull}]
automountServiceAccountToken: false
---
apiVersion: v1
kind: Namespace
metadata: {name: team, labels: {a: b}, annotations: {c: d}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: limits, namespace: team}
spec: {hard: {cpu: "4", memory: 4Gi, pods: "10", requests.storage: 10Gi, count/deployments.apps: "3"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: scoped, namespace: team}
spec: {hard: {pods: "2"}, scopes: [BestEffort]}
---
apiVersion: v1
kind: LimitRange
metadata: {name: range, namespace: team}
spec:
  limits:
  - {type: Container, default: {cpu: 500m, memory: 1Gi}, defaultRequest: {cpu: 100m}, max: {cpu: "2"}, min: {memory: 10Mi}, maxLimitRequestRatio: {cpu: "10"}}
  - {type: Pod, max: {cpu: "4"}}
  - {type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 5Gi}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, labels: {app: web}, annotations: {x: y}}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list, watch]}
- {apiGroups: [apps, extensions], resources: [deployments], resourceNames: [web], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: agg}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {agg: "true"}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: urls}
rules: [{nonResourceURLs: [/healthz, /logs/*], verbs: [get]}, {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}, {kind: Group, name: g, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: robot, namespace: default}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: everything}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: urls}
subjects: [{kind: ServiceAccount, name: robot, namespace: team}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
description: very important
preemptionPolicy: Never
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: fast}
handler: runc
overhead: {podFixed: {cpu: 10m}}
scheduling: {nodeSelector: {disk: ssd, zone: a}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gold, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: example.com/p
parameters: {type: ssd, fs: ext4}
reclaimPolicy: Retain
allowVolumeExpansion: true
mountOptions: [ro, sync]
volumeBindingMode: WaitForFirstConsumer
allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk, labels: {t: u}}
spec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany], persistentVolumeReclaimPolicy: Retain, storageClassName: manual, mountOptions: [hard], hostPath: {path: /d}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: host, operator: In, values: [n1]}]}]}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: net}
spec: {capacity: {storage: 1Ti}, accessModes: [ReadWriteMany], volumeMode: Block, nfs: {server: s, path: /p}, claimRef: {name: x, namespace: y}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: csi}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOncePod], csi: {driver: d.example.com, volumeHandle: h, fsType: ext4, volumeAttributes: {a: b}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, annotations: {q: r}}
spec: {accessModes: [ReadWriteOnce], storageClassName: gold, resources: {requests: {storage: 2Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: raw}
spec: {accessModes: [ReadWriteMany], storageClassName: "", volumeMode: Block, resources: {requests: {storage: 1Gi}}, dataSource: {kind: PersistentVolumeClaim, name: data}}
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: d.example.com}
spec: {attachRequired: false, podInfoOnMount: true}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: silver}
driverName: d.example.com
parameters: {iops: "100"}
---
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ann}
spec: {signerName: example.com/s, usages: [client auth], expirationSeconds: 3600, request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIZE1JR0ZBZ0VBTUNNeEVEQU9CZ05WQkFvTUIyUmxkbVZzYjNCek1ROHdEUVlEVlFRRERBWmhibTVwTUZrdwpFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRXhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFg9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: lease}
spec: {holderIdentity: me, leaseDurationSeconds: 15}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: check}
webhooks: [{name: a.example.com, clientConfig: {url: "https://127.0.0.1:1/x"}, rules: [{apiGroups: [none.example.com], apiVersions: [v1], operations: [CREATE], resources: [nones]}], sideEffects: None, admissionReviewVersions: [v1], failurePolicy: Ignore}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wd], categories: [all, shopthings]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.count, statusReplicasPath: .status.count}}
    additionalPrinterColumns:
    - {name: Size, type: string, jsonPath: .spec.size}
    - {name: Count, type: integer, jsonPath: .spec.count, description: how many}
    - {name: Deep, type: string, jsonPath: ".spec.parts[*].name", priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A thing of a shop.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [size]
            properties:
              size: {type: string, enum: [small, large], description: How large.}
              count: {type: integer, minimum: 0, default: 1}
              parts: {type: array, items: {type: object, properties: {name: {type: string}}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: plains.shop.example.com}
spec:
  group: shop.example.com
  scope: Cluster
  names: {kind: Plain, plural: plains}
  versions: [{name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`;

/** Objects of the custom types. */
export const custom = `apiVersion: shop.example.com/v1
kind: Widget
metadata: {name: one, labels: {app: web}}
spec: {size: small, count: 2, parts: [{name: a}, {name: b}]}
---
apiVersion: shop.example.com/v1
kind: Widget
metadata: {name: two}
spec: {size: large}
---
apiVersion: shop.example.com/v1beta1
kind: Plain
metadata: {name: p}
someField: {nestedField: [1, two, {threeURL: x}], emptyMap: {}, emptyList: []}
hTTPPort: 80
`;
