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

} // namespace
} // namespace keelson::e2e
