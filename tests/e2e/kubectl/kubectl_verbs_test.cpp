// SPDX-License-Identifier: Apache-2.0
// What kubectl can do besides, each in a story of its own.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, kustomizes)
{
    file("kustomization.yaml", R"(
resources: [app.yaml]
namePrefix: dev-
configMapGenerator:
  - name: conf
    literals: [a=1]
)");
    file("app.yaml", R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:1", envFrom: [{configMapRef: {name: conf}}]}]
)");
    play(R"story(
$ kubectl kustomize . | grep -oE '^kind: .*|name: dev-[a-z]*' | sort
kind: ConfigMap
kind: Deployment
name: dev-conf
name: dev-conf
name: dev-web
$ k apply -k . | sort
configmap/dev-conf-* created
deployment.apps/dev-web created
$ k apply -k . | sort
configmap/dev-conf-* unchanged
deployment.apps/dev-web unchanged
$ k diff -k .
$ sed -i 's/a=1/a=2/' kustomization.yaml; k apply -k . | sort
configmap/dev-conf-* created
deployment.apps/dev-web configured
$ k get cm -o name | grep -c dev-conf
2
$ k delete -k . | sort
configmap "dev-conf-*" deleted
deployment.apps "dev-web" deleted
)story");
}

TEST_P(KubectlStory, drainsNodes)
{
    file("node.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: NAME}");
    file("pods.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: alone}
spec: {nodeName: NAME, containers: [{name: c, image: "web:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch}
spec: {nodeName: NAME, containers: [{name: c, image: "web:1"}], volumes: [{name: v, emptyDir: {}}]}
)");
    play(R"story(
$ sed -i "s/NAME/$NS/" node.yaml pods.yaml; kubectl create -f node.yaml; k create -f pods.yaml
node/drainsnodes-* created
pod/alone created
pod/scratch created
$ kubectl drain $NS --timeout=5s 2>&1 | grep -oE 'use --force to override|--delete-emptydir-data|cordoned' | LC_ALL=C sort -u
--delete-emptydir-data
cordoned
use --force to override
$ kubectl drain $NS --force --delete-emptydir-data --dry-run=server >/dev/null 2>&1; k get pods -o name
pod/alone
pod/scratch
$ kubectl drain $NS --force --delete-emptydir-data --grace-period=0 --timeout=20s 2>&1 | grep -E '^(pod/|node/)' | LC_ALL=C sort
node/drainsnodes-* already cordoned
node/drainsnodes-* *ed
pod/alone evicted
pod/scratch evicted
$ k get pods
! No resources found in drainsnodes-* namespace.
$ kubectl drain $NS-none
! Error from server (NotFound): nodes "drainsnodes-*-none" not found
[1]
$ kubectl delete node $NS
node "drainsnodes-*" deleted
)story");
}

TEST_P(KubectlStory, waitsForTheEnd)
{
    play(R"story(
$ k create cm one
configmap/one created
$ (sleep 1; k delete cm one >/dev/null) & k wait --for=delete cm/one --timeout=20s
configmap/one condition met
$ k create deployment web --image=web:1 --replicas=1
deployment.apps/web created
$ k wait --for=delete deploy/web --timeout=1s 2>errors; echo $?; grep -o 'timed out waiting.*' errors
1
timed out waiting for the condition on deployments/web
$ "$KUBECTL" -n $NS get deploy web -w --output-watch-events > watched 2>&1 < /dev/null & echo $! > pid; timeout 20 sh -c 'until grep -qs ADDED watched; do sleep 0.1; done'; k delete deploy web; timeout 20 sh -c 'until grep -q DELETED watched; do sleep 0.1; done'; kill $(cat pid); grep -oE '^(ADDED|DELETED)' watched
deployment.apps "web" deleted
ADDED
DELETED
)story");
}

TEST_P(KubectlStory, setsFromOtherObjects)
{
    play(R"story(
$ k create deployment web --image=web:1 --replicas=0
deployment.apps/web created
$ k create cm conf --from-literal=COLOR=red; k create secret generic keys --from-literal=TOKEN=x
configmap/conf created
secret/keys created
$ k set env deploy/web --from=cm/conf
deployment.apps/web env updated
$ k set env deploy/web --from=secret/keys --prefix=KEY_
deployment.apps/web env updated
$ k get deploy web -o jsonpath='{range .spec.template.spec.containers[0].env[*]}{.name} {end}'
COLOR KEY_TOKEN
$ k set image deploy/web web=web:2 --dry-run=server
deployment.apps/web image updated (server dry run)
$ k set resources deploy web --limits=cpu=much
! error: quantities must match the regular expression *
[1]
$ k set serviceaccount deploy/web none
deployment.apps/web serviceaccount updated
$ k create rolebinding readers --clusterrole=view --user=a; k set subject rolebinding readers --serviceaccount=$NS:web --group=g
rolebinding.rbac.authorization.k8s.io/readers created
rolebinding.rbac.authorization.k8s.io/readers subjects updated
$ k get rolebinding readers -o jsonpath='{range .subjects[*]}{.kind}:{.name} {end}'
User:a Group:g ServiceAccount:web
)story");
}

TEST_P(KubectlStory, copiesConfigurationsAround)
{
    play(R"story(
$ k create cm one --from-literal=a=1
configmap/one created
$ k annotate cm one note=x --dry-run=server
configmap/one annotated (server dry run)
$ k label cm one a=b c=d; k label cm one --list | sort
configmap/one labeled
a=b
c=d
$ cp $KUBECONFIG own; export KUBECONFIG=own; kubectl config set-context other --cluster=keelson --user=keelson-admin --namespace=$NS; kubectl config use-context other; kubectl get cm one -o name; kubectl config rename-context other third; kubectl config delete-context third 2>/dev/null; kubectl config get-contexts -o name
Context "other" created.
Switched to context "other".
configmap/one
Context "other" renamed to "third".
deleted context third from *
keelson-admin@keelson
$ kubectl cluster-info dump --namespaces=$NS --output-directory=dump; ls dump/$NS | grep -c deployments.json
Cluster info dumped to dump
1
$ kubectl top node
! error: Metrics API not available
[1]
)story");
}

TEST_P(KubectlStory, waitsForOtherThings)
{
    play(R"story(
$32 (sleep 1; k create cm late > /dev/null) & k wait --for=create cm/late --timeout=10s
configmap/late condition met
$32 k wait --for=create cm/never --timeout=1s
! error: timed out waiting for the condition*
[1]
$ k create cm one --from-literal=a=1
configmap/one created
$32 k wait --for=jsonpath='{.data.a}'=1 cm/one --timeout=5s; k wait --for=jsonpath='{.data.a}' cm/one --timeout=5s
configmap/one condition met
configmap/one condition met
$32 (sleep 1; k patch cm one -p '{"data":{"a":"2"}}' > /dev/null) & k wait --for=jsonpath='{.data.a}'=2 cm/one --timeout=10s
configmap/one condition met
$ k wait --for=condition=Ready cm/one --timeout=1s
! error: timed out waiting for the condition on configmaps/one
[1]
$ k wait --for=condition=Ready cm/none --timeout=1s
! Error from server (NotFound): configmaps "none" not found
[1]
$32 k wait --for=delete cm/none --timeout=1s
$ k create deployment web --image=web:1 --replicas=2 >/dev/null; (sleep 1; k scale deploy web --replicas=0 > /dev/null) & k wait --for=condition=Progressing deploy --all --timeout=10s
deployment.apps/web condition met
)story");
}

TEST_P(KubectlStory, deletesInOtherWays)
{
    file("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n");
    play(R"story(
$ for name in one two three four; do k create cm $name; done | grep -c created
4
$ k delete cm one -o name
configmap/one
$ k delete cm --field-selector=metadata.name=two
configmap "two" deleted
$ k delete --raw /api/v1/namespaces/$NS/configmaps/three | grep -oE '"(status|name|kind)":"[A-Za-z]*"'
"kind":"Status"
"status":"Success"
"name":"three"
"kind":"configmaps"
$ k delete cm --all --dry-run=client
configmap "four" deleted (dry run)
configmap "kube-root-ca.crt" deleted (dry run)
$ k delete -f one.yaml
! Error from server (NotFound): error when deleting "one.yaml": configmaps "one" not found
[1]
$ k delete -f one.yaml --ignore-not-found
$ k delete cm,secret -l set=none
No resources found
$ cat one.yaml | k create -f - && cat one.yaml | k delete -f - --now
configmap/one created
configmap "one" deleted
$ k create deployment web --image=web:1 --replicas=0 >/dev/null; k delete deploy web --cascade=bogus
! error: invalid cascade value (bogus). Must be "background", "foreground", or "orphan"
[1]
$~ k get rs -o name | wc -l
1
$ k delete deploy web --cascade=orphan --timeout=10s; k get rs -o name | wc -l; k delete rs -l app=web --wait=false
deployment.apps "web" deleted
1
replicaset.apps "web-*" deleted
$ k create service clusterip web --tcp=80 >/dev/null; k delete all --all
service "web" deleted
$ k delete nothing x
! error: the server doesn't have a resource type "nothing"
[1]
$ k delete
! error: You must provide one or more resources by argument or filename.
...
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
