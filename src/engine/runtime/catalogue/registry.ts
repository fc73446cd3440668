import { agnhost } from './agnhost.ts';
import { alpine } from './alpine.ts';
import { busybox } from './busybox.ts';
import { centos } from './centos.ts';
import { coredns } from './coredns.ts';
import { curl } from './curl.ts';
import { debian } from './debian.ts';
import { etcd } from './etcd.ts';
import { fluentd } from './fluentd.ts';
import { golang } from './golang.ts';
import { helloWorld } from './hello-world.ts';
import { httpEcho } from './http-echo.ts';
import { httpd } from './httpd.ts';
import * as ingress from './ingress.ts';
import { kubeApiserver } from './kube-apiserver.ts';
import { kubeControllerManager } from './kube-controller-manager.ts';
import { kubeProxy } from './kube-proxy.ts';
import { kubeScheduler } from './kube-scheduler.ts';
import * as load from './load.ts';
import { mariadb } from './mariadb.ts';
import { memcached } from './memcached.ts';
import { mongo } from './mongo.ts';
import { mysql } from './mysql.ts';
import { nginx } from './nginx.ts';
import { node } from './node.ts';
import { pause } from './pause.ts';
import { perl } from './perl.ts';
import { postgres } from './postgres.ts';
import { python } from './python.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import * as samples from './samples.ts';
import { ubuntu } from './ubuntu.ts';
import { whoami } from './whoami.ts';
import type { Repository } from './repository.ts';

/** All repositories that the simulated registries serve. */
export const catalogue: readonly Repository[] = [
  agnhost,
  alpine,
  busybox,
  centos,
  coredns,
  curl,
  debian,
  etcd,
  fluentd,
  golang,
  helloWorld,
  httpEcho,
  httpd,
  ingress.envoy,
  ingress.envoyGateway,
  ingress.ingressNginx,
  ingress.kubeWebhookCertgen,
  ingress.metallbController,
  ingress.metallbSpeaker,
  load.hpaExample,
  load.metricsServer,
  load.polinuxStress,
  load.polinuxStressNg,
  load.progriumStress,
  load.resourceConsumer,
  load.stressNg,
  load.vishStress,
  kubeApiserver,
  kubeControllerManager,
  kubeProxy,
  kubeScheduler,
  mariadb,
  memcached,
  mongo,
  mysql,
  nginx,
  node,
  pause,
  perl,
  postgres,
  python,
  rabbitmq,
  redis,
  samples.helloApp,
  samples.helloAppRegional,
  samples.podinfo,
  samples.podinfoGithub,
  ubuntu,
  whoami,
];
