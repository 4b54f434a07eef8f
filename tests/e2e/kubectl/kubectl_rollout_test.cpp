// SPDX-License-Identifier: Apache-2.0
// What the controllers do, seen from outside.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, scales)
{
    play(R"story(
$ k create deployment web --image=web:1
deployment.apps/web created
$ k scale deploy web --replicas=4
deployment.apps/web scaled
$ k scale deploy web --replicas=3 --current-replicas=2
! error: Expected replicas to be 2, was 4
[1]
$ k scale deploy web --replicas=3 --current-replicas=4
deployment.apps/web scaled
$~ k get rs --no-headers
web-* 3 3 0 *s
$ k scale deploy nope --replicas=1
! *deployments.apps "nope" not found
[1]
$ k create service clusterip web --tcp=80 >/dev/null; k scale svc web --replicas=1
! Error from server (NotFound): the server could not find the requested resource
[1]
$ k scale deploy web --replicas=0
deployment.apps/web scaled
$~ k get pods -o name
$ k delete rs --all
replicaset.apps "web-*" deleted
$~ k get rs --no-headers
web-* 0 0 0 *s
)story");
}

TEST_P(KubectlStory, rollsOut)
{
    play(R"story(
$ k create deployment web --image=web:1 --replicas=3
deployment.apps/web created
$~ ready app=web; k get rs --no-headers
web-* 3 3 3 *s
$ k rollout status deploy web --timeout=20s
...
deployment "web" successfully rolled out
$ k set image deploy web web=web:2
deployment.apps/web image updated
$~ k get rs -o custom-columns=I:.spec.template.spec.containers[0].image,D:.spec.replicas,R:.status.readyReplicas --sort-by=.metadata.annotations.deployment\\.kubernetes\\.io/revision --no-headers
web:1 3 3
web:2 1 <none>
$ k rollout status deploy web --watch=false
Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...
$~ ready app=web; k get rs -o custom-columns=I:.spec.template.spec.containers[0].image,D:.spec.replicas,R:.status.readyReplicas --sort-by=.metadata.annotations.deployment\\.kubernetes\\.io/revision --no-headers
web:1 0 <none>
web:2 3 3
$ k rollout status deploy web --timeout=20s
...
deployment "web" successfully rolled out
$ k rollout history deploy web
deployment.apps/web
REVISION  CHANGE-CAUSE
1         <none>
2         <none>
$ k rollout history deploy web --revision=1 | grep Image
Image: web:1
$ k rollout undo deploy web
deployment.apps/web rolled back
$~ ready app=web; k get rs -o custom-columns=I:.spec.template.spec.containers[0].image,D:.spec.replicas,R:.status.readyReplicas --sort-by=.metadata.annotations.deployment\\.kubernetes\\.io/revision --no-headers
web:2 0 <none>
web:1 3 3
$ k rollout history deploy web
deployment.apps/web
REVISION  CHANGE-CAUSE
2         <none>
3         <none>
$ k rollout undo deploy web --to-revision=99
! error: unable to find specified revision 99 in history
[1]
)story");
}

TEST_P(KubectlStory, pausesAndRestarts)
{
    play(R"story(
$ k create deployment web --image=web:1 --replicas=2
deployment.apps/web created
$~ ready app=web; k get rs --no-headers
web-* 2 2 2 *s
$ k rollout pause deploy web
deployment.apps/web paused
$ k rollout pause deploy web
! error: deployments.apps "web" is already paused
[1]
$ k set image deploy web web=web:2
deployment.apps/web image updated
$ k rollout restart deploy web
! error: deployments.apps "web" can't restart paused deployment (run rollout resume first)
[1]
$~ k get deploy web -o jsonpath='{.metadata.generation} {.status.observedGeneration} {.status.updatedReplicas}'
3 3
$ k get rs -o name | wc -l
1
$ k rollout resume deploy web
deployment.apps/web resumed
$ k rollout resume deploy web
! error: deployments.apps "web" is not paused
[1]
$~ ready app=web; k get rs --no-headers --sort-by=.spec.replicas
web-* 0 0 0 *s
web-* 2 2 2 *s
$ k rollout pause deploy web && k rollout undo deploy web; k rollout resume deploy web
deployment.apps/web paused
deployment.apps/web resumed
! error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume*' and try again
$ k rollout restart deploy web
deployment.apps/web restarted
$~ ready app=web; k get deploy web -o jsonpath='{.status.updatedReplicas} {.status.availableReplicas} {.status.replicas}'
2 2 2
$ k get pods -o jsonpath='{.items[*].metadata.annotations}' | grep -o restartedAt
restartedAt
restartedAt
)story");
}

/// Pods beyond and below the wanted number while a rollout waits for its first pods: rounded up, rounded down.
TEST_P(KubectlStory, surgesWithinLimits)
{
    constexpr std::string_view columns = "-o custom-columns=D:.spec.replicas --no-headers --sort-by=.spec.replicas";
    const struct {
        std::string surge, unavailable, replicas;
    } table[] = {{"0", "1", "1 3"}, {"2", "0", "2 4"}, {"50%", "25%", "3 3"}, {"4", "100%", "0 4"}};
    play("$ k create deployment web --image=web:0 --replicas=4\ndeployment.apps/web created\n");
    for (const auto& row : table) {
        const auto image = "web:" + row.surge.substr(0, 1);
        play("$~ ready app=web; k get deploy web -o jsonpath='{.status.updatedReplicas} {.status.availableReplicas} "
             "{.status.replicas}'\n4 4 4\n"
             "$ k patch deploy web -p "
             "'{\"spec\":{\"revisionHistoryLimit\":0,\"strategy\":{\"rollingUpdate\":{\"maxSurge\":" +
             (row.surge.ends_with('%') ? "\"" + row.surge + "\"" : row.surge) + ",\"maxUnavailable\":" +
             (row.unavailable.ends_with('%') ? "\"" + row.unavailable + "\"" : row.unavailable) +
             "}}}}'\ndeployment.apps/web patched\n"
             "$~ k get rs -o name | wc -l\n1\n"
             "$ k set image deploy web web=" +
             image + "-" + row.surge.substr(0, 1) +
             "\ndeployment.apps/web image updated\n"
             "$~ k get rs " +
             std::string(columns) + " | xargs\n" + row.replicas);
    }
}

TEST_P(KubectlStory, ownersAndTheirObjects)
{
    file("web.yaml", R"story(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}
)story");
    play(R"story(
$ k create -f web.yaml
deployment.apps/web created
$~ k get rs,pods -o jsonpath='{range .items[*]}{.metadata.ownerReferences[*].kind} {.metadata.ownerReferences[*].controller}{"\n"}{end}'
Deployment true
ReplicaSet true
ReplicaSet true
$ k delete deploy web --cascade=orphan
deployment.apps "web" deleted
$~ k get rs,pods -o jsonpath='{range .items[*]}{.metadata.ownerReferences[*].kind}.{"\n"}{end}'
.
ReplicaSet.
ReplicaSet.
$ k create -f web.yaml
deployment.apps/web created
$~ k get rs,pods -o jsonpath='{range .items[*]}{.metadata.ownerReferences[*].kind}{"\n"}{end}'
Deployment
ReplicaSet
ReplicaSet
$ k delete deploy web --cascade=foreground
deployment.apps "web" deleted
$ k get deploy,rs,pods -o name
$ k create -f web.yaml
deployment.apps/web created
$~ k get pods -o name | wc -l
2
$ k delete deploy web
deployment.apps "web" deleted
$~ k get deploy,rs,pods -o name
$ k create -f web.yaml
deployment.apps/web created
$~ k get rs,pods -o name | wc -l
3
$ k patch $(k get pods -o name | head -1) -p '{"metadata":{"finalizers":["example.com/keep"]}}'
pod/web-* patched
$ k delete deploy web --cascade=foreground --wait=false
deployment.apps "web" deleted
$~ k get deploy,rs,pods -o jsonpath='{range .items[*]}{.kind} {.metadata.finalizers}{"\n"}{end}'
Deployment ["foregroundDeletion"]
ReplicaSet ["foregroundDeletion"]
Pod ["example.com/keep"]
$ k patch $(k get pods -o name) --type=merge -p '{"metadata":{"finalizers":null}}'
pod/web-* patched
$~ k get deploy,rs,pods -o name
)story");
}

TEST_P(KubectlStory, endpointsFollowReadiness)
{
    play(R"story(
$ k create deployment web --image=web:1 --replicas=2; k expose deployment web --port=80
deployment.apps/web created
service/web exposed
$~ k get endpoints,endpointslices --no-headers
endpoints/web <none> *s
endpointslice.discovery.k8s.io/web-* IPv4 <unset> <unset> *s
$~ ready app=web; k get endpoints,endpointslices --no-headers
endpoints/web 10.244.9.1:80,10.244.9.2:80 *s
endpointslice.discovery.k8s.io/web-* IPv4 80 10.244.9.*,10.244.9.* *s
$ status $(k get pods -o jsonpath='{.items[?(@.status.podIP=="10.244.9.1")].metadata.name}') 10.244.9.1 False
$~ k get endpoints web -o jsonpath='{.subsets[0].addresses[*].ip} not {.subsets[0].notReadyAddresses[*].ip}'
10.244.9.2 not 10.244.9.1
$~ k get endpointslices -o jsonpath='{range .items[0].endpoints[*]}{.addresses[0]} {.conditions.ready}{"\n"}{end}' | sort
10.244.9.1 false
10.244.9.2 true
$ k scale deploy web --replicas=0
deployment.apps/web scaled
$~ k get endpoints --no-headers
web <none> *s
$ k delete svc web
service "web" deleted
$~ k get endpoints,endpointslices -o name
)story");
}

TEST_P(KubectlStory, namespacesBeginAndEnd)
{
    play(R"story(
$ kubectl create ns $NS-two
namespace/namespacesbeginandend-*-two created
$~ kubectl -n $NS-two get sa,cm -o name
serviceaccount/default
configmap/kube-root-ca.crt
$ kubectl -n $NS-two delete cm/kube-root-ca.crt sa/default
configmap "kube-root-ca.crt" deleted
serviceaccount "default" deleted
$~ kubectl -n $NS-two get sa,cm -o name
serviceaccount/default
configmap/kube-root-ca.crt
$ kubectl -n $NS-two create deployment web --image=web:1 >/dev/null; kubectl -n $NS-two create secret generic s >/dev/null
$ kubectl delete ns $NS-two
namespace "namespacesbeginandend-*-two" deleted
$ kubectl get ns $NS-two
! Error from server (NotFound): namespaces "namespacesbeginandend-*-two" not found
[1]
$ kubectl -n $NS-two get all,cm,secret,sa -o name
$ kubectl -n $NS-two create cm late
! *namespaces "namespacesbeginandend-*-two" not found
[1]
$ kubectl delete ns default
! Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
