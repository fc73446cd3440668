/** Pods and what makes them, with as many fields as `describe` and the tables know. */
export const workloads = `apiVersion: v1
kind: Pod
metadata:
  name: full
  labels: {app: full, tier: back}
  annotations: {note: "two words", a.b/c: "x\\ny"}
  finalizers: [example.com/hold]
spec:
  nodeName: 127.0.0.1
  serviceAccountName: default
  priorityClassName: high
  runtimeClassName: fast
  hostNetwork: true
  hostname: h
  subdomain: s
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 5
  activeDeadlineSeconds: 600
  dnsPolicy: None
  dnsConfig: {nameservers: [1.1.1.1], searches: [a.b], options: [{name: ndots, value: "2"}]}
  readinessGates: [{conditionType: example.com/gate}]
  schedulerName: mine
  nodeSelector: {disk: ssd, zone: a}
  imagePullSecrets: [{name: pull}]
  securityContext: {runAsUser: 1000, runAsNonRoot: true, fsGroup: 2000, seccompProfile: {type: RuntimeDefault}}
  hostAliases: [{ip: 10.0.0.1, hostnames: [a, b]}]
  overhead: {cpu: 10m}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 5
        podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: full}}}
  topologySpreadConstraints:
  - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: full}}}
  - {maxSkew: 2, topologyKey: host, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchExpressions: [{key: app, operator: In, values: [x, y]}]}, minDomains: 1}
  tolerations:
  - {key: k, operator: Equal, value: v, effect: NoSchedule}
  - {key: gone, operator: Exists, effect: NoExecute, tolerationSeconds: 60}
  - {operator: Exists}
  initContainers:
  - {name: first, image: "busybox:1.36", command: [sh, -c, "sleep 1\\necho x"], args: [a, "b c"]}
  - {name: sidecar, image: proxy, restartPolicy: Always, ports: [{containerPort: 15000}]}
  containers:
  - name: main
    image: nginx:1.27
    imagePullPolicy: Always
    workingDir: /srv
    command: [nginx, -g, "daemon off;"]
    args: ["--x=1", ""]
    ports:
    - {containerPort: 80, name: http}
    - {containerPort: 53, protocol: UDP, hostPort: 53}
    env:
    - {name: PLAIN, value: "a b"}
    - {name: EMPTY}
    - {name: MULTI, value: "one\\ntwo"}
    - {name: FIELD, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MEM, valueFrom: {resourceFieldRef: {containerName: main, resource: requests.memory, divisor: 1Mi}}}
    - {name: FROMCM, valueFrom: {configMapKeyRef: {name: settings, key: a}}}
    - {name: FROMOPT, valueFrom: {configMapKeyRef: {name: settings, key: z, optional: true}}}
    - {name: FROMSEC, valueFrom: {secretKeyRef: {name: creds, key: user}}}
    - {name: REF, value: "$(PLAIN)/x"}
    envFrom:
    - {configMapRef: {name: settings}}
    - {prefix: P_, secretRef: {name: creds, optional: true}}
    resources: {limits: {cpu: "1", memory: 1Gi, example.com/gpu: 2}, requests: {cpu: 100m, memory: 64Mi, example.com/gpu: 2}}
    livenessProbe: {httpGet: {path: /live, port: 80, scheme: HTTPS, host: h, httpHeaders: [{name: a, value: b}]}, initialDelaySeconds: 3, timeoutSeconds: 2, periodSeconds: 7, failureThreshold: 4}
    readinessProbe: {exec: {command: [cat, /ok, "a b"]}}
    startupProbe: {tcpSocket: {port: http}, successThreshold: 1}
    lifecycle: {preStop: {exec: {command: [sleep, "1"]}}}
    volumeMounts:
    - {name: cm, mountPath: /cm, readOnly: true}
    - {name: empty, mountPath: /e, subPath: x}
    - {name: claim, mountPath: /c, subPathExpr: $(PLAIN)}
    volumeDevices: [{name: block, devicePath: /dev/b}]
    securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}
    terminationMessagePath: /t
  - name: second
    image: redis@sha256:0123456789012345678901234567890123456789012345678901234567890123
    livenessProbe: {grpc: {port: 9, service: s}}
  volumes:
  - {name: empty, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
  - {name: plain, emptyDir: {}}
  - {name: host, hostPath: {path: /x, type: Directory}}
  - {name: cm, configMap: {name: settings, optional: true, items: [{key: a, path: b}]}}
  - {name: sec, secret: {secretName: creds, defaultMode: 256}}
  - {name: claim, persistentVolumeClaim: {claimName: data, readOnly: true}}
  - {name: block, persistentVolumeClaim: {claimName: raw}}
  - {name: api, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: cpu, resourceFieldRef: {containerName: main, resource: limits.cpu}}]}}
  - {name: nfs, nfs: {server: s, path: /p}}
  - {name: iscsi, iscsi: {targetPortal: t, iqn: "iqn.2001-04.com.example:x", lun: 1, initiatorName: "iqn.2001-04.com.example:i"}}
  - {name: ceph, cephfs: {monitors: [a, b]}}
  - {name: rbd, rbd: {monitors: [a], image: i}}
  - {name: fc, fc: {targetWWNs: [w], lun: 2}}
  - {name: git, gitRepo: {repository: r, revision: v}}
  - {name: csi, csi: {driver: d.example.com, volumeAttributes: {k: v}}}
  - {name: flex, flexVolume: {driver: a/b, options: {o: p}}}
  - {name: az, azureDisk: {diskName: d, diskURI: u}}
  - {name: azf, azureFile: {secretName: s, shareName: h}}
  - {name: aws, awsElasticBlockStore: {volumeID: v, partition: 1}}
  - {name: gce, gcePersistentDisk: {pdName: p}}
  - {name: cinder, cinder: {volumeID: v}}
  - {name: quobyte, quobyte: {registry: "a:1", volume: v}}
  - {name: vsphere, vsphereVolume: {volumePath: v}}
  - {name: portworx, portworxVolume: {volumeID: v}}
  - {name: scaleio, scaleIO: {gateway: g, system: s, volumeName: v, secretRef: {name: x}}}
  - {name: storageos, storageos: {volumeName: v}}
  - {name: photon, photonPersistentDisk: {pdID: p}}
  - {name: flocker, flocker: {datasetName: d}}
  - {name: gluster, glusterfs: {endpoints: e, path: p}}
  - {name: image, image: {reference: "a/b:c", pullPolicy: IfNotPresent}}
  - name: eph
    ephemeral: {volumeClaimTemplate: {metadata: {labels: {e: f}}, spec: {accessModes: [ReadWriteOnce], storageClassName: gold, resources: {requests: {storage: 1Gi}}}}}
  - name: proj
    projected:
      sources:
      - {secret: {name: creds}}
      - {configMap: {name: settings, optional: true}}
      - {downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.name}}]}}
      - {serviceAccountToken: {path: token, expirationSeconds: 3600}}
---
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec: {containers: [{name: c, image: nginx}], restartPolicy: Never}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, tier: front, app.kubernetes.io/name: web}
  annotations: {a.b/c: note}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  minReadySeconds: 3
  revisionHistoryLimit: 4
  progressDeadlineSeconds: 6000
  template:
    metadata: {labels: {app: web}, annotations: {t: u}}
    spec:
      serviceAccountName: robot
      containers:
      - {name: c, image: "nginx:1.27", ports: [{containerPort: 80}], resources: {limits: {cpu: 1500m}, requests: {cpu: 0.5, memory: 100M}}}
      - {name: d, image: "busybox", args: [x]}
      volumes: [{name: v, emptyDir: {}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: api}}
spec:
  paused: true
  replicas: 1
  selector: {matchExpressions: [{key: app, operator: In, values: [api, rest]}, {key: tier, operator: Exists}]}
  strategy: {type: Recreate}
  template: {metadata: {labels: {app: api, tier: x}}, spec: {containers: [{name: c, image: httpd}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: zero, labels: {app: zero, n: "3"}}
spec: {replicas: 0, selector: {matchLabels: {app: zero}}, template: {metadata: {labels: {app: zero}}, spec: {containers: [{name: c, image: httpd}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app: db}}
spec:
  serviceName: db
  replicas: 1
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: db}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: mysql, volumeMounts: [{name: data, mountPath: /d}]}]}}
  volumeClaimTemplates: [{metadata: {name: data, annotations: {x: y}, labels: {p: q}}, spec: {accessModes: [ReadWriteOnce], storageClassName: gold, resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, labels: {app: agent}, annotations: {deprecated.daemonset.template.generation: "1"}}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {none: such}, containers: [{name: c, image: agent}], initContainers: [{name: i, image: j}]}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: bare, labels: {app: bare}}
spec: {replicas: 0, selector: {matchLabels: {app: bare}}, template: {metadata: {labels: {app: bare}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old, labels: {app: old}}
spec: {replicas: 0, selector: {app: old}, template: {metadata: {labels: {app: old}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, labels: {app: once}}
spec: {parallelism: 2, completions: 3, backoffLimit: 5, activeDeadlineSeconds: 6000, ttlSecondsAfterFinished: 9000, suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x, command: [a]}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: indexed}
spec: {completionMode: Indexed, parallelism: 1, completions: 4, backoffLimitPerIndex: 1, maxFailedIndexes: 2, suspend: true, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]}, successPolicy: {rules: [{succeededCount: 1}]}, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, labels: {app: nightly}}
spec: {schedule: "0 0 1 1 *", timeZone: Europe/Berlin, concurrencyPolicy: Forbid, startingDeadlineSeconds: 10, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 2, suspend: true, jobTemplate: {spec: {completions: 2, template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: x}]}}}}}
---
apiVersion: v1
kind: PodTemplate
metadata: {name: tpl}
template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: zero}
  minReplicas: 1
  maxReplicas: 9
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
  - {type: ContainerResource, containerResource: {name: cpu, container: c, target: {type: Utilization, averageUtilization: 70}}}
  - {type: Pods, pods: {metric: {name: m, selector: {matchLabels: {a: b}}}, target: {type: AverageValue, averageValue: "10"}}}
  - {type: Object, object: {metric: {name: o}, describedObject: {kind: Service, name: web, apiVersion: v1}, target: {type: Value, value: 2k}}}
  - {type: External, external: {metric: {name: e, selector: {matchLabels: {q: r}}}, target: {type: Value, value: "30"}}}
  behavior:
    scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}
    scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 10, periodSeconds: 60}]}
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: simple}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nothing}, maxReplicas: 3, targetCPUUtilizationPercentage: 80}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {maxUnavailable: 50%, selector: {matchExpressions: [{key: app, operator: NotIn, values: [x]}]}, unhealthyPodEvictionPolicy: AlwaysAllow}
`;
