# step: manifest
sed -i 's/replicas: 1/replicas: 3/' web.yaml

# step: apply
kubectl apply -f web.yaml
kubectl get deployment web

# step: three-levels
kubectl get deployments,replicasets,pods

# step: self-healing
kubectl delete $(kubectl get pods -o name | head -n 1)
kubectl get pods

# step: scale
kubectl scale deployment web --replicas=5

# step: who-wins
kubectl apply -f web.yaml

# step: broken-image
sed -i 's/nginx:1.27/nginx:1.27-lates/' web.yaml
kubectl apply -f web.yaml

# step: find-the-cause
kubectl get pods
kubectl describe pods -l app=web | tail -n 12

# step: repair
sed -i 's/nginx:1.27-lates/nginx:1.28/' web.yaml
kubectl apply -f web.yaml
kubectl rollout status deployment web

# step: clean-up
kubectl delete deployment web
