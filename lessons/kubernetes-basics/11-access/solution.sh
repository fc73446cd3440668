# step: who-am-i
kubectl auth whoami
kubectl auth can-i create deployments
kubectl auth can-i '*' '*'

# step: an-account
kubectl create serviceaccount robot
kubectl get pods --as=system:serviceaccount:default:robot

# step: a-role
kubectl apply -f role.yaml
kubectl describe role pod-reader
kubectl get pods --as=system:serviceaccount:default:robot

# step: a-binding
kubectl create rolebinding robot-reads --role=pod-reader --serviceaccount=default:robot
kubectl auth can-i list pods --as=system:serviceaccount:default:robot
kubectl get pods --as=system:serviceaccount:default:robot

# step: not-more
kubectl run target --image=busybox:1.36 -- sleep infinity
kubectl delete pod target --as=system:serviceaccount:default:robot
kubectl get pods -n kube-system --as=system:serviceaccount:default:robot

# step: in-the-pod
kubectl run bot --image=busybox:1.36 --overrides='{"spec":{"serviceAccountName":"robot"}}' -- sh -c 'echo bot is here; sleep infinity'
kubectl wait --for=condition=Ready pod/bot --timeout=60s
kubectl exec bot -- ls /var/run/secrets/kubernetes.io/serviceaccount

# step: forbidden
kubectl logs bot --as=system:serviceaccount:default:robot
sed -i 's#resources: \[pods\]#resources: [pods, pods/log]#' role.yaml
kubectl apply -f role.yaml
kubectl logs bot --as=system:serviceaccount:default:robot

# step: everywhere
kubectl create serviceaccount auditor
kubectl create clusterrolebinding auditor-views --clusterrole=view --serviceaccount=default:auditor
kubectl get pods -A --as=system:serviceaccount:default:auditor
kubectl get secrets -A --as=system:serviceaccount:default:auditor

# step: take-away
kubectl delete rolebinding robot-reads
kubectl get pods --as=system:serviceaccount:default:robot
