# step: five-pods
kubectl apply -f team.yaml
kubectl get pods --show-labels

# step: select
kubectl get pods -l app=web
kubectl get pods -l app=web,env=production
kubectl get pods -l 'env in (test, production)' -L app -L env
kubectl get pods -l '!env'
kubectl get pods -l 'app=web,env!=production'

# step: relabel
kubectl label pod web-old env=test
kubectl label pod web-test env=staging
kubectl label pod web-test env=staging --overwrite
kubectl get pods -L env

# step: many-at-once
kubectl label pods -l app=web tier=front
kubectl delete pods -l 'env in (test, staging)'
kubectl get pods --show-labels

# step: guard
kubectl apply -f guard.yaml
kubectl get pods -l app=shop

# step: escape
kubectl label $(kubectl get pods -l app=shop -o name | head -n 1) app=patient --overwrite
kubectl get pods -L app

# step: namespaces
kubectl get namespaces
kubectl get pods -n kube-system
kubectl get pods -A

# step: own-namespace
kubectl create namespace team-a
kubectl apply -f team.yaml -n team-a
kubectl get pods -n team-a

# step: no-such-namespace
kubectl get pods -n team-b
kubectl run web-1 --image=nginx:1.27 -n team-b
kubectl create namespace team-b
kubectl run web-1 --image=nginx:1.27 -n team-b

# step: context
kubectl config get-contexts
kubectl config set-context --current --namespace=team-a
kubectl get pods
kubectl config set-context team-b --cluster=kind-kind --user=kind-kind --namespace=team-b
kubectl config use-context team-b
kubectl get pods
kubectl config get-contexts

# step: not-everything
kubectl api-resources --namespaced=false
kubectl get nodes -n team-a

# step: clean-up
kubectl delete namespace team-a
kubectl get pods -A -l app=web
kubectl config use-context kind-kind
kubectl config set-context --current --namespace=default
