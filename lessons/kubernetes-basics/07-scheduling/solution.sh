# step: what-nodes-have
kubectl get nodes
kubectl describe node kind-worker
kubectl describe node kind-control-plane | grep Taints

# step: too-big
kubectl apply -f calc.yaml
kubectl get pods
kubectl describe pods -l app=calc | tail -n 5

# step: smaller
sed -i 's/cpu: "10"/cpu: "3"/' calc.yaml
kubectl apply -f calc.yaml
kubectl get pods -o wide

# step: full
kubectl scale deployment calc --replicas=7
kubectl get pods -o wide
kubectl describe node kind-worker | tail -n 10

# step: node-selector
kubectl scale deployment calc --replicas=1
kubectl apply -f fast.yaml
kubectl get pods -l app=fast -o wide
kubectl describe pods -l app=fast | tail -n 5

# step: node-label
kubectl label node kind-worker2 disk=ssd
kubectl get pods -l app=fast -o wide

# step: apart
kubectl apply -f apart.yaml
kubectl get pods -l app=apart -o wide
kubectl events --types=Warning | grep anti-affinity

# step: enough
kubectl scale deployment apart --replicas=3
kubectl get pods -l app=apart -o wide

# step: taint
kubectl taint node kind-worker3 dedicated=lab:NoSchedule
kubectl get pods -o wide
kubectl scale deployment calc --replicas=5
kubectl get pods -o wide

# step: tolerate
kubectl apply -f lab.yaml
kubectl describe pod lab | tail -n 5
sed -i 's/value: labs/value: lab/' lab.yaml
kubectl replace --force -f lab.yaml
kubectl get pod lab -o wide

# step: no-execute
kubectl taint node kind-worker3 repair=now:NoExecute
kubectl get pods -o wide
kubectl taint node kind-worker3 repair=now:NoExecute-
kubectl taint node kind-worker3 dedicated=lab:NoSchedule-

# step: priority
kubectl scale deployment calc --replicas=6
kubectl apply -f urgent.yaml
sleep 10
kubectl get pods -o wide
kubectl get events --field-selector reason=Preempted
