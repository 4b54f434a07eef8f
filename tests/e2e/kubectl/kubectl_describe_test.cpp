// SPDX-License-Identifier: Apache-2.0
// What get and describe show of the kinds that other stories do not meet, and in the outputs that they do not ask for.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view workloads = R"story(
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds}
spec: {selector: {matchLabels: {app: ds}}, template: {metadata: {labels: {app: ds}}, spec: {nodeSelector: {disk: ssd}, containers: [{name: c, image: "i:1"}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sts}
spec:
  serviceName: sts
  replicas: 2
  selector: {matchLabels: {app: sts}}
  template:
    metadata: {labels: {app: sts}}
    spec: {containers: [{name: c, image: "i:1", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: v1
kind: ReplicationController
metadata: {name: rc}
spec: {replicas: 0, selector: {app: rc}, template: {metadata: {labels: {app: rc}}, spec: {containers: [{name: c, image: "i:1"}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec: {completions: 2, parallelism: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}
)story";

TEST_P(KubectlStory, describesWorkloads)
{
    file("workloads.yaml", workloads);
    play(R"story(
$ k apply -f workloads.yaml
daemonset.apps/ds created
statefulset.apps/sts created
replicationcontroller/rc created
job.batch/job created
$ k get ds,sts,rc -o wide
NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE CONTAINERS IMAGES SELECTOR
daemonset.apps/ds 0 0 0 0 0 disk=ssd *s c i:1 app=ds
NAME READY AGE CONTAINERS IMAGES
statefulset.apps/sts 0/2 *s c i:1
NAME DESIRED CURRENT READY AGE CONTAINERS IMAGES SELECTOR
replicationcontroller/rc 0 0 0 *s c i:1 app=rc
$ k describe ds ds | grep -E '^(Name:|Selector|Node-Selector|Desired|Pods Status)|Image'
Name: ds
Selector: app=ds
Node-Selector: disk=ssd
Desired Number of Nodes Scheduled: 0
Pods Status: 0 Running / 0 Waiting / 0 Succeeded / 0 Failed
Image: i:1
$ k describe sts sts | grep -E '^(Name:|Replicas|Update|  Partition)|/data|Capacity|Access Modes'
Name: sts
Replicas: 2 desired | * total
Update Strategy: RollingUpdate
Partition: 0
/data from data (rw)
Capacity: 1Gi
Access Modes: [ReadWriteOnce]
$ k describe rc rc | grep -E '^(Selector|Replicas)'
Selector: app=rc
Replicas: 0 current / 0 desired
$ k describe job job | grep -E '^(Name:|Selector|Parallelism|Completions|Pods Statuses)'
Name: job
Selector: batch.kubernetes.io/controller-uid=*
Parallelism: 1
Completions: 2
Pods Statuses: * / 0 Succeeded / 0 Failed
$ k rollout history sts sts 2>/dev/null | head -1; k rollout restart sts/sts ds/ds
statefulset.apps/sts
statefulset.apps/sts restarted
daemonset.apps/ds restarted
$ k rollout pause sts sts
! error: statefulsets.apps "sts" pausing is not supported
[1]
$ k rollout status cm kube-root-ca.crt
! error: no status viewer has been implemented for ConfigMap
[1]
$ k scale sts sts --replicas=3; k scale rc rc --replicas=1; k get sts/sts rc/rc -o jsonpath='{.items[*].spec.replicas}'
statefulset.apps/sts scaled
replicationcontroller/rc scaled
3 1
$ k scale ds ds --replicas=1
! Error from server (NotFound): the server could not find the requested resource
[1]
$ k set image sts/sts c=i:2; k set image ds --all c=i:2
statefulset.apps/sts image updated
daemonset.apps/ds image updated
$ k patch sts sts -p '{"spec":{"serviceName":"other"}}'
! The StatefulSet "sts" is invalid: spec: Forbidden: updates to statefulset spec for fields other than *
[1]
$ k patch job job -p '{"spec":{"completions":3}}'
! The Job "job" is invalid: spec.completions: Invalid value: 3: field is immutable
[1]
)story");
}

TEST_P(KubectlStory, describesNetworksAndStorage)
{
    file("kinds.yaml", R"story(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, protocol: TCP}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ing}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
  rules: [{host: a.example, http: {paths: [{path: /x, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]
  tls: [{hosts: [a.example], secretName: cert}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: slow}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec: {limits: [{type: Container, default: {cpu: "1"}, defaultRequest: {cpu: "1"}, max: {cpu: "2"}}]}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: lease}
spec: {holderIdentity: me}
)story");
    play(R"story(
$ k create -f kinds.yaml > /dev/null; k create service clusterip web --tcp=80
service/web created
$ k describe netpol np | grep -E 'PodSelector|Port|CIDR|Except|Policy Types|egress'
PodSelector: app=web
To Port: 80/TCP
PodSelector: <none>
CIDR: 10.0.0.0/8
Except: 10.1.0.0/16
Not affecting egress traffic
Policy Types: Ingress
$32 k get ing ing
NAME CLASS HOSTS ADDRESS PORTS AGE
ing <none> a.example 80, 443 *s
$32 k describe ing ing | grep -E 'Default backend|terminates|/x'
Default backend: web:80 (*)
cert terminates a.example
/x web:http (*)
$32 k get pvc claim
NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE
claim Pending slow <unset> *s
$ k describe pvc claim | grep -E '^(Name|StorageClass|Status|VolumeMode|Finalizers)'
Name: claim
Namespace: *
StorageClass: slow
Status: Pending
Finalizers: [kubernetes.io/pvc-protection]
VolumeMode: Filesystem
$ k describe limits limits | tail -1
Container cpu - 2 1 1 -
$ k get lease lease
NAME HOLDER AGE
lease me *s
$ k describe lease lease | grep -A1 ^Spec
Spec:
Holder Identity: me
$ k delete -f kinds.yaml --wait=false | grep -c deleted
5
)story");
}

TEST_P(KubectlStory, showsInOtherOutputs)
{
    file("path", "{range .items[*]}{.metadata.name} {end}");
    file("columns", "NAME          SIZE\nmetadata.name data.size\n");
    file("template", "{{range .items}}{{.metadata.name}},{{end}}");
    play(R"story(
$ k create cm a --from-literal=size=1; k create cm b --from-literal=size=2; k label cm a b set=x
configmap/a created
configmap/b created
configmap/a labeled
configmap/b labeled
$ k get cm -l set=x -o jsonpath-file=path
a b
$ k get cm -l set=x -o custom-columns-file=columns
NAME SIZE
a 1
b 2
$ k get cm -l set=x -o go-template-file=template
a,b,
$ k get cm a b -o jsonpath-as-json='{.items[*].data.size}' | xargs
[ 1, 2 ]
$ k get cm a --template='{{.data.size}}'
1
$ k get cm,sa -l set=x --show-kind --no-headers; k get cm -l set=x --show-kind --no-headers
configmap/a 1 *s
configmap/b 1 *s
configmap/a 1 *s
configmap/b 1 *s
$ k get cm a --server-print=false
NAME AGE
a *s
$ k get cm/a secret/none -o name
configmap/a
! Error from server (NotFound): secrets "none" not found
[1]
$ k get cm a -o bogus
! error: unable to match a printer suitable for the output format "bogus", *
[1]
$ k get cm a -o jsonpath='{.none'
! error: error parsing jsonpath {.none, unclosed action
[1]
$ k get cm a -o jsonpath='{.none}'
$ k get cm -o custom-columns=X
! error: unexpected custom-columns spec: X, expected <header>:<json-path-expr>
[1]
$ k get
...
! error: Required resource not specified.
...
[1]
$ k get cm a -w --request-timeout=1s
NAME DATA AGE
a 1 *s
$ k get cm -l set=x --watch-only --request-timeout=1s
$32 k get cm a --subresource=status
! Error from server (NotFound): the server could not find the requested resource
[1]
$ kubectl get cm -A -l set=x --field-selector=metadata.namespace=$NS --no-headers | grep -c $NS
2
$ k describe cm none
! Error from server (NotFound): configmaps "none" not found
[1]
$ k describe cm -l set=x | grep ^Name:
Name: a
Name: b
$ k run ab --image=web:1 > /dev/null; k describe pod a | grep ^Name:
Name: ab
$ k get --raw /api/v1/namespaces/$NS/configmaps/a | grep -o '"size":"1"'
"size":"1"
)story");
}

} // namespace
} // namespace keelson::e2e
