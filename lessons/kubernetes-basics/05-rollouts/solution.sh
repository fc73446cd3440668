# step: start
kubectl apply -f shop.yaml
kubectl rollout status deployment shop

# step: new-version
kubectl set image deployment shop web=nginx:1.27
kubectl rollout status deployment shop

# step: history
kubectl get replicasets -o wide
kubectl rollout history deployment shop
kubectl annotate deployment shop kubernetes.io/change-cause="nginx 1.27"
kubectl rollout history deployment shop

# step: stuck
kubectl set image deployment shop web=nginx:1.72
kubectl rollout status deployment shop --timeout=20s
kubectl get pods

# step: deadline
kubectl rollout status deployment shop
kubectl get deployment shop

# step: undo
kubectl rollout undo deployment shop
kubectl rollout status deployment shop
kubectl get replicasets -o wide

# step: to-a-revision
kubectl rollout history deployment shop
kubectl rollout history deployment shop --revision=1
kubectl rollout undo deployment shop --to-revision=1
kubectl rollout status deployment shop

# step: pause
kubectl rollout pause deployment shop
kubectl set image deployment shop web=nginx:1.28
kubectl set env deployment shop COLOR=green
kubectl get replicasets

# step: resume
kubectl rollout resume deployment shop
kubectl rollout status deployment shop

# step: restart
kubectl rollout restart deployment shop
kubectl rollout status deployment shop

# step: recreate
sed -i -e 's/type: RollingUpdate/type: Recreate/' -e 's/nginx:1.26/nginx:1.29/' shop.yaml
kubectl apply -f shop.yaml
sed -i '/rollingUpdate:/,/maxUnavailable/d' shop.yaml
kubectl apply -f shop.yaml
kubectl get pods
kubectl rollout status deployment shop
