// SPDX-License-Identifier: Apache-2.0
// What kubectl makes objects from: files, generators, templates; and what it says when it cannot.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, makesSettingsFromFiles)
{
    file("motd", "hello\n");
    file("settings", "COLOR=red\nSIZE=3\n");
    play(R"story(
$ mkdir conf; cp motd conf/a; cp motd conf/b; printf '\200\201' > conf/bytes
$ k create cm files --from-file=motd --from-file=other=motd --from-file=conf
configmap/files created
$ k get cm files -o jsonpath='{.data} {.binaryData}'
{"a":"hello\n","b":"hello\n","motd":"hello\n","other":"hello\n"} {"bytes":"gIE="}
$ k create cm lines --from-env-file=settings
configmap/lines created
$ k get cm lines -o jsonpath='{.data}'
{"COLOR":"red","SIZE":"3"}
$ k create cm one --from-literal=a=1 --append-hash
configmap/one-484f7dfdh6 created
$ k create secret generic keys --from-file=key=motd --type=example.com/key
secret/keys created
$ k get secret keys -o jsonpath='{.type} {.data.key}' | sed 's/ .*/ &/'
example.com/key aGVsbG8K
$ k create cm both --from-file=motd --from-env-file=settings
! error: from-env-file cannot be combined with from-file or from-literal
[1]
$ k create cm wrong --from-literal='a b=1'
! error: *"a b"*
...
[1]
$ k create secret tls pair --cert=none --key=none
! error: *none: no such file or directory
[1]
)story");
}

TEST_P(KubectlStory, makesObjectsWithoutSendingThem)
{
    file("named.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: named}\n");
    file("generated.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n");
    play(R"story(
$ k create deployment web --image=web:1 --dry-run=client -o yaml | grep -E 'kind|name:|image|replicas'
kind: Deployment
name: web
replicas: 1
- image: web:1
name: web
$ k create deployment web --image=web:1 --dry-run=server -o jsonpath='{.spec.strategy.type} {.metadata.uid}' | grep -cE '^RollingUpdate .{36}$'
1
$ k create deployment web --image=web:1 --dry-run=server
deployment.apps/web created (server dry run)
$ k create cm x --dry-run=client
configmap/x created (dry run)
$ k run one --image=web:1 --restart=Never --dry-run=client -o jsonpath='{.spec.restartPolicy}'
Never
$ k get deploy,pod,cm -o name
configmap/kube-root-ca.crt
$ k create -f generated.yaml; k create -f generated.yaml
configmap/gen-* created
configmap/gen-* created
$ k get cm -o name | grep -cE 'gen-[a-z0-9]{5}$'
2
$ k apply -f generated.yaml
! error: from gen-: cannot use generate name with apply
[1]
$ cat named.yaml | k create -f -
configmap/named created
$ printf '{"metadata":{"name":"raw"}}' | k create --raw /api/v1/namespaces/$NS/configmaps -f -
{"kind":"ConfigMap","apiVersion":"v1","metadata":{*"name":"raw"*}}
$ KUBE_EDITOR=true k create --edit -f named.yaml
! Edit cancelled, no changes made.
$ KUBE_EDITOR="sed -i s/named/edited/" k create --edit -f named.yaml
configmap/edited created
$ k create cm saved --save-config; k apply view-last-applied cm saved -o json | grep -c '"name": "saved"'
configmap/saved created
1
)story");
}

TEST_P(KubectlStory, refusesWhatMakesNoObject)
{
    file("broken.yaml", "a: [");
    file("versionless.yaml", "kind: ConfigMap\nmetadata: {name: x}\n");
    file("unknown.yaml", "apiVersion: example.com/v9\nkind: Thing\nmetadata: {name: x}\n");
    file("typed.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: [a]\n");
    play(R"story(
$ k create -f none.yaml
! error: the path "none.yaml" does not exist
[1]
$ k create -f broken.yaml
! error: error parsing broken.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content
[1]
$ k create -f versionless.yaml
! error: *apiVersion not set*
[1]
$32 k create -f unknown.yaml
! error: resource mapping not found for name: "x" namespace: "" from "unknown.yaml": no matches for kind "Thing" in version "example.com/v9"
! ensure CRDs are installed first
[1]
$20 k create -f unknown.yaml
! error: unable to recognize "unknown.yaml": no matches for kind "Thing" in version "example.com/v9"
[1]
$32 k create -f typed.yaml
! Error from server (BadRequest): error when creating "typed.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: *
[1]
$20 k create -f typed.yaml
! error: error validating "typed.yaml": error validating data: ValidationError(ConfigMap.data): invalid type for io.k8s.api.core.v1.ConfigMap.data: got "array", expected "map"; *
[1]
$ k create job now --from=cronjob/none
! Error from server (NotFound): cronjobs.batch "none" not found
[1]
$ k create role r --verb=get --resource=widgets
! *the server doesn't have a resource type "widgets"
[1]
$ k create rolebinding b --role=r --clusterrole=c
! error: exactly one of clusterrole or role must be specified
[1]
$ k run BAD --image=web:1
! The Pod "BAD" is invalid:
! * spec.containers[0].name: Invalid value: "BAD": *
! * metadata.name: Invalid value: "BAD": *
[1]
$ k run one --image=' '
! error: Invalid image name " ": invalid reference format
[1]
$ k expose sa default --port=1
! error: cannot expose a ServiceAccount
[1]
$ k create deployment web --image=web:1; k expose deployment web
deployment.apps/web created
! error: couldn't find port via --port flag or introspection
...
[1]
)story");
}

TEST_P(KubectlStory, runsAndExposesInOtherWays)
{
    file("rc.yaml", R"(
apiVersion: v1
kind: ReplicationController
metadata: {name: rc}
spec: {replicas: 0, selector: {app: rc}, template: {metadata: {labels: {app: rc}}, spec: {containers: [{name: c, image: "i:1", ports: [{containerPort: 53, protocol: UDP}]}]}}}
)");
    play(R"story(
$ k run once --image=web:1 --restart=Never --command -- sleep 1
pod/once created
$ k run other --image=web:1 --restart=OnFailure --overrides='{"apiVersion":"v1","spec":{"hostname":"h"}}' -- arg
pod/other created
$ k get pods -o jsonpath='{range .items[*]}{.spec.restartPolicy} {.spec.containers[0].command} {.spec.containers[0].args} {.spec.hostname}{"\n"}{end}'
Never ["sleep","1"]
OnFailure ["arg"] h
$ k run web --image=web:1 --port=80 --expose
service/web created
pod/web created
$ k create -f rc.yaml; k expose rc rc --name=dns --session-affinity=ClientIP
replicationcontroller/rc created
service/dns exposed
$ k expose service dns --name=again --port=5353 --target-port=53 --type=LoadBalancer
service/again exposed
$ k expose pod once --port=80 --dry-run=server -o jsonpath='{.spec.selector}'
{"run":"once"}
$ k get svc --no-headers
again LoadBalancer 10.96.* <pending> 5353:3*/* *s
dns ClusterIP 10.96.* <none> 53/UDP *s
web ClusterIP 10.96.* <none> 80/TCP *s
$ k get svc dns -o jsonpath='{.spec.sessionAffinity} {.spec.sessionAffinityConfig.clientIP.timeoutSeconds} {.spec.selector}'
ClientIP 10800 {"app":"rc"}
$ k create service clusterip headless --clusterip=None; k get svc headless --no-headers
service/headless created
headless ClusterIP None <none> <none> *s
$ k create service nodeport fixed --tcp=80:8080 --node-port=30777; k create service nodeport same --tcp=80 --node-port=30777
service/fixed created
! error: failed to create NodePort service: Service "same" is invalid: spec.ports[0].nodePort: Invalid value: 30777: provided port is already allocated
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
