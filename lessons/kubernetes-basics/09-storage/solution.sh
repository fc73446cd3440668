# step: gone
kubectl run scratch --image=busybox:1.36 -- sleep infinity
kubectl wait --for=condition=Ready pod/scratch --timeout=60s
kubectl exec scratch -- sh -c 'echo important > /tmp/note; cat /tmp/note'
kubectl delete pod scratch --now
kubectl run scratch --image=busybox:1.36 -- sleep infinity
kubectl wait --for=condition=Ready pod/scratch --timeout=60s
kubectl exec scratch -- cat /tmp/note

# step: claim
kubectl get storageclass
kubectl apply -f notes.yaml
kubectl wait --for=condition=Ready pod/writer --timeout=60s
kubectl get pvc

# step: who-made-it
kubectl get pv
kubectl describe pvc notes

# step: survives
kubectl exec writer -- sh -c 'echo important > /notes/today'
kubectl delete pod writer --now
sed -n '/^kind: Pod/,$p' notes.yaml > reader.yaml
sed -i -e '1i apiVersion: v1' -e 's/writer/reader/' reader.yaml
kubectl apply -f reader.yaml
kubectl wait --for=condition=Ready pod/reader --timeout=60s
kubectl exec reader -- cat /notes/today
kubectl get pods -o wide

# step: reclaim
kubectl delete pod reader --now
kubectl delete pvc notes
sleep 10
kubectl get pv

# step: by-hand
kubectl apply -f archive.yaml
sleep 5
kubectl get pv,pvc

# step: repair
kubectl describe pvc archive
kubectl delete pvc archive
sed -i 's/ReadWriteMany/ReadWriteOnce/' archive.yaml
kubectl apply -f archive.yaml
sleep 5
kubectl get pv,pvc

# step: retain
kubectl delete pvc archive
kubectl get pv shelf

# step: free-again
kubectl patch pv shelf -p '{"spec":{"claimRef":null}}'
kubectl get pv shelf
