// SPDX-License-Identifier: Apache-2.0
// kubectl's own ways to make objects of the kinds that no controller of ours looks after.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, jobs)
{
    play(R"story(
$ k create job hello --image=busybox:1 -- date
job.batch/hello created
$32 k get jobs
NAME    STATUS    COMPLETIONS   DURATION   AGE
hello   Running   0/1                      *s
$32 k create cronjob tick --image=busybox:1 --schedule='@daily' -- date
cronjob.batch/tick created
$32 k get cj -o wide
NAME   SCHEDULE   TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE   CONTAINERS   IMAGES      SELECTOR
tick   @daily     <none>     False     0        <none>          *s    tick         busybox:1   <none>
$32 k create job now --from=cronjob/tick
job.batch/now created
$32 k get job now -o jsonpath='{.metadata.annotations} {.spec.template.spec.containers[0].command}'
{"cronjob.kubernetes.io/instantiate":"manual"} ["date"]
$32 k create cronjob bad --image=busybox:1 --schedule=often -- date
! error: failed to create cronjob: CronJob.batch "bad" is invalid: spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]
[1]
$32 k delete job,cj --all
job.batch "hello" deleted
job.batch "now" deleted
cronjob.batch "tick" deleted
)story");
}

TEST_P(KubectlStory, objectsWithACommandOfTheirOwn)
{
    play(R"story(
$32 k create ingress web --class=fast --rule='example.org/=web:80'
ingress.networking.k8s.io/web created
$32 k get ing
NAME   CLASS   HOSTS         ADDRESS   PORTS   AGE
web    fast    example.org             80      *s
$ k create quota all --hard=pods=10,limits.cpu=4
resourcequota/all created
$32~ k get quota
NAME   REQUEST      LIMIT             AGE
all    pods: 0/10   limits.cpu: 0/4   *s
$ kubectl create priorityclass $NS --value=1000 --description=fast
priorityclass.scheduling.k8s.io/* created
$32 kubectl get pc $NS
NAME    VALUE   GLOBAL-DEFAULT   AGE   PREEMPTIONPOLICY
*       1000    false            *s    PreemptLowerPriority
$ kubectl delete pc $NS
priorityclass.scheduling.k8s.io "*" deleted
$32 k create pdb web --selector=app=web --min-available=1
poddisruptionbudget.policy/web created
$32 k get pdb
NAME   MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE
web    1               N/A               0                     *s
$ kubectl get crd
! No resources found
)story");
}

/// A budget's selector is replaced as a whole, also by kubectls that do not know the kind: OpenAPI tells them.
TEST_P(KubectlStory, selectorsOfBudgets)
{
    file("budget.yaml", R"(
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
)");
    play(R"story(
$ k apply -f budget.yaml
poddisruptionbudget.policy/web created
$ sed 's/app: web/tier: front/' budget.yaml | k apply -f -
poddisruptionbudget.policy/web configured
$ k get pdb web -o jsonpath='{.spec.selector}'
{"matchLabels":{"tier":"front"}}
)story");
}

TEST_P(KubectlStory, autoscalersInTwoVersions)
{
    file("hpa.yaml", R"(
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 5
  targetCPUUtilizationPercentage: 60
)");
    play(R"story(
$ k create deployment web --image=web:1
deployment.apps/web created
$ k autoscale deployment web --max=3 --cpu-percent=50
horizontalpodautoscaler.autoscaling/web autoscaled
$ k get hpa
NAME   REFERENCE        TARGETS              MINPODS   MAXPODS   REPLICAS   AGE
web    Deployment/web   cpu: <unknown>/50%   1         3         0          *s
$ k get horizontalpodautoscalers.v1.autoscaling web -o jsonpath='{.apiVersion} {.spec.targetCPUUtilizationPercentage}'
autoscaling/v1 50
$ k get horizontalpodautoscalers.v2.autoscaling web -o jsonpath='{.apiVersion} {.spec.metrics[*].resource.target.averageUtilization}'
autoscaling/v2 50
$ k apply -f hpa.yaml
horizontalpodautoscaler.autoscaling/api created
$ sed -i 's/maxReplicas: 5/maxReplicas: 7/' hpa.yaml; k apply -f hpa.yaml; k apply -f hpa.yaml
horizontalpodautoscaler.autoscaling/api configured
horizontalpodautoscaler.autoscaling/api unchanged
$ k apply --server-side --field-manager=ci --force-conflicts -f hpa.yaml
horizontalpodautoscaler.autoscaling/api serverside-applied
$ k patch horizontalpodautoscalers.v1.autoscaling api -p '{"spec":{"targetCPUUtilizationPercentage":70}}'
horizontalpodautoscaler.autoscaling/api patched
$ k autoscale deployment web --max=0
! error: --max=MAXPODS is required and must be at least 1, max: 0
[1]
$ k delete hpa --all
horizontalpodautoscaler.autoscaling "api" deleted
horizontalpodautoscaler.autoscaling "web" deleted
)story");
}

TEST_P(KubectlStory, eventsInTwoGroups)
{
    file("event.yaml", R"(
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: fell}
eventTime: "2026-01-31T12:00:00.000000Z"
regarding: {apiVersion: v1, kind: Pod, name: web, namespace: NAMESPACE}
reason: Fell
note: it fell over
type: Warning
reportingController: example.org/watch
reportingInstance: w1
action: Watch
)");
    play(R"story(
$ sed -i "s/NAMESPACE/$NS/" event.yaml; k create -f event.yaml
event.events.k8s.io/fell created
$ k get events
LAST SEEN   TYPE      REASON   OBJECT    MESSAGE
*d          Warning   Fell     pod/web   it fell over
$ k get events.events.k8s.io
LAST SEEN   TYPE      REASON   OBJECT    MESSAGE
*d          Warning   Fell     pod/web   it fell over
$32 k events --for=pod/web --types=Warning
LAST SEEN   TYPE      REASON   OBJECT    MESSAGE
*d          Warning   Fell     Pod/web   it fell over
$ k get events.events.k8s.io --field-selector=regarding.name=web,reason=Fell -o name
event.events.k8s.io/fell
$ k get events.events.k8s.io --field-selector=involvedObject.name=web
! Error from server (BadRequest): *
[1]
$ k get events --field-selector=involvedObject.name=other
! No resources found in eventsintwogroups-* namespace.
$ k get event fell -o jsonpath='{.message} {.involvedObject.name} {.reportingComponent}'
it fell over web example.org/watch
$ sed 's/Warning/Odd/; s/name: fell/name: odd/' event.yaml | k create -f -
! The Event "odd" is invalid: type: Invalid value: "": has invalid value: Odd
[1]
$ k delete events.events.k8s.io --all
event.events.k8s.io "fell" deleted
)story");
}

} // namespace
} // namespace keelson::e2e
