# step: where
pwd
ls
ls -l /

# step: move
mkdir box
cd box
echo hello > hello.txt
cat hello.txt
cd ..

# step: copy
cp box/hello.txt box/copy.txt
mv box/hello.txt box/greeting.txt
ls box

# step: pipes
cat pets.txt
grep cat pets.txt | wc -l
cut -d' ' -f2 pets.txt | sort | uniq -c | sort -rn

# step: redirect
grep cat pets.txt > cats.txt
date > log.txt
date >> log.txt
cat log.txt

# step: exit-status
cat no-such-file; echo $?
true; echo $?

# step: first-yaml
printf 'name: Ann\nage: 30\npets:\n  - name: Minka\n    kind: cat\n  - name: Rex\n    kind: dog\n' > me.yaml
cat me.yaml

# step: tabs
sed -i 's/\t/  /' tabs.yaml

# step: lists
sed -i 's/^ - dog/- dog/' list.yaml

# step: types
printf 'country: "NO"\nversion: "1.10"\nport: 80\ndebug: true\n' > types.yaml

# step: documents
printf 'a: 1\n---\nb: 2\n' > both.yaml
