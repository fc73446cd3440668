# step: create
kubectl create configmap greeting --from-literal=WHO=world --from-file=page.html
kubectl get configmap greeting -o yaml

# step: wrong-name
kubectl apply -f reader.yaml
kubectl get pods
kubectl describe pods -l app=reader | tail -n 5

# step: repair
sed -i 's/greetings/greeting/' reader.yaml
kubectl apply -f reader.yaml
kubectl rollout status deployment reader

# step: two-ways
kubectl logs deployment/reader --tail=2
kubectl exec deployment/reader -- ls /settings
kubectl exec deployment/reader -- printenv WHO

# step: change
kubectl patch configmap greeting --type=merge -p '{"data":{"WHO":"moon"}}'
sleep 65
kubectl logs deployment/reader --tail=2

# step: restart
kubectl rollout restart deployment reader
kubectl rollout status deployment reader
sleep 8
kubectl logs deployment/reader --tail=2

# step: immutable
kubectl patch configmap greeting -p '{"immutable":true}'
kubectl patch configmap greeting --type=merge -p '{"data":{"WHO":"sun"}}'

# step: secret
kubectl create secret generic db --from-literal=password='open sesame'
kubectl describe secret db
kubectl get secret db -o yaml

# step: decode
kubectl get secret db -o jsonpath='{.data.password}' | base64 -d; echo

# step: wrong-key
kubectl apply -f db.yaml
kubectl get pod db
sleep 5
kubectl describe pod db | tail -n 5
sed -i 's/key: pass$/key: password/' db.yaml
kubectl replace --force -f db.yaml
sleep 10
kubectl exec db -- printenv MYSQL_ROOT_PASSWORD

# step: types
kubectl create secret generic site --type=kubernetes.io/tls --from-literal=tls.crt=abc
kubectl create secret generic deploy-key --type=kubernetes.io/ssh-auth --from-literal=ssh-privatekey=abc
kubectl create secret docker-registry hub --docker-server=registry.example.com --docker-username=learner --docker-password=sesame
kubectl get secrets
kubectl get secret hub -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d; echo

# step: pull-secret
kubectl patch serviceaccount default -p '{"imagePullSecrets":[{"name":"hub"}]}'
kubectl run later --image=nginx:1.27
kubectl get pod later -o jsonpath='{.spec.imagePullSecrets}'; echo
kubectl create token default
