// SPDX-License-Identifier: Apache-2.0
// Applying sets of files: what left them is pruned, and what was applied last can be changed by hand.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view two = R"story(
apiVersion: v1
kind: ConfigMap
metadata: {name: one, labels: {set: a}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two, labels: {set: a}}
)story";

TEST_P(KubectlStory, prunesWhatLeftTheSet)
{
    file("two.yaml", two);
    file("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {set: a}}\n");
    play(R"story(
$ k create cm manual; k label cm manual set=a
configmap/manual created
configmap/manual labeled
$ k apply -f two.yaml
configmap/one created
configmap/two created
$32 k apply --prune -l set=a -f one.yaml --dry-run=server 2>/dev/null
configmap/one unchanged (server dry run)
configmap/two pruned (server dry run)
$32 k apply --prune -l set=a --prune-allowlist=core/v1/ConfigMap -f one.yaml
configmap/one unchanged
configmap/two pruned
$20 k apply --prune -l set=a --prune-whitelist=core/v1/ConfigMap -f one.yaml
configmap/one unchanged
configmap/two pruned
$ k get cm -l set=a -o name
configmap/manual
configmap/one
$ k apply --prune -f one.yaml
! error: *all resources selected for prune without explicitly passing --all* *
[1]
$32 export KUBECTL_APPLYSET=true; k apply --prune --applyset=mine -f two.yaml; k apply --prune --applyset=mine -f one.yaml
configmap/one configured
configmap/two created
configmap/one unchanged
configmap/two pruned
$32 k get secret mine -o jsonpath='{.metadata.annotations.applyset\.kubernetes\.io/contains-group-kinds}'
ConfigMap
)story");
}

TEST_P(KubectlStory, changesWhatWasAppliedLast)
{
    file("two.yaml", two);
    play(R"story(
$ k create -f two.yaml
configmap/one created
configmap/two created
$ k apply view-last-applied cm one
$ k apply set-last-applied -f two.yaml
! error: no last-applied-configuration annotation found on resource: one, to create the annotation, run the command with --create-annotation
[1]
$ k apply set-last-applied -f two.yaml --create-annotation
configmap/one configured
configmap/two configured
$ KUBE_EDITOR="sed -i s/set:/team:/" k apply edit-last-applied cm/one
configmap/one edited
$ k apply view-last-applied cm/one | grep -A1 labels
labels:
team: a
$ k get cm one -o jsonpath='{.metadata.labels}'
{"set":"a"}
$ k apply -f two.yaml
configmap/one configured
configmap/two configured
$ k get cm one -o jsonpath='{.metadata.labels}'
{"set":"a"}
)story");
}

TEST_P(KubectlStory, appliesFoldersAndStreams)
{
    file("two.yaml", two);
    file("bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'Bad Name'}\n");
    play(R"story(
$ mkdir -p set/more; sed 's/name: /name: deep-/' two.yaml > set/more/deep.yaml; cp two.yaml set/a.yaml; k apply -f set
configmap/one created
configmap/two created
$ k apply -R -f set
configmap/one unchanged
configmap/two unchanged
configmap/deep-one created
configmap/deep-two created
$ k apply -f two.yaml -l set=b
! error: no objects passed to apply
[1]
$ cat two.yaml | k apply -f - --dry-run=client
configmap/one configured (dry run)
configmap/two configured (dry run)
$ (cat bad.yaml; echo ---; sed 's/two/three/' two.yaml) | k apply -f -
configmap/one unchanged
configmap/three created
! The ConfigMap "Bad Name" is invalid: metadata.name: Invalid value: "Bad Name": *
[1]
$ k apply -f two.yaml -o name
configmap/one
configmap/two
$ k apply -f two.yaml --server-side --field-manager=me -o jsonpath='{.items[*].metadata.name}'
one two
$ k get -f set -R -o name; k describe -f set | grep -c ^Name:; k label -f set -R x=y >/dev/null; k delete -f set -R
configmap/one
configmap/two
configmap/deep-one
configmap/deep-two
2
configmap "one" deleted
configmap "two" deleted
configmap "deep-one" deleted
configmap "deep-two" deleted
$ k diff -f two.yaml > changes; echo $?; grep -c '^+  name: \(one\|two\)' changes
1
2
$ k diff -f none.yaml
! error: the path "none.yaml" does not exist
[2]
)story");
}

TEST_P(KubectlStory, patchesInOtherWays)
{
    file("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'}\n");
    play(R"story(
$ k create -f one.yaml
configmap/one created
$ k patch -f one.yaml -p '{"data":{"b":"2"}}'
configmap/one patched
$ k patch cm one -p 'data: {c: "3"}' -o jsonpath='{.data}'
{"a":"1","b":"2","c":"3"}
$ k patch cm one --type=merge -p '{"data":{"c":null}}' --dry-run=client -o jsonpath='{.data}'
{"a":"1","b":"2"}
$ k patch cm one --type=merge -p '{"data":{"c":null}}' --dry-run=server -o jsonpath='{.data}'; k get cm one -o jsonpath=' {.data.c}'
{"a":"1","b":"2"} 3
$ printf '{"data":{"d":"4"}}' > patch.json; k patch cm one --patch-file=patch.json
configmap/one patched
$ k patch cm one --type=quick -p '{}'
! error: --type must be one of [json merge strategic], not "quick"
[1]
$ k patch cm one -p '{'
! Error from server (BadRequest): *
[1]
$ k patch cm one --type=json -p '{}'
! Error from server (BadRequest): *
[1]
$ k patch cm one -p '{"metadata":{"labels":{"bad key":"v"}}}'
! The ConfigMap "one" is invalid: metadata.labels: Invalid value: "bad key": *
[1]
$ k label cm one 'k=bad value!'
! error: invalid label value: "k=bad value!": *
[1]
$ k label -f one.yaml x=y --local -o jsonpath='{.metadata.labels}'
{"x":"y"}
$ k annotate cm one a=b a-
! error: can not both modify and remove the following annotation(s) in the same command: a
[1]
$ KUBE_EDITOR="sed -i 's/name: one/name: other/'" k edit cm one 2>&1 | grep -v copy
error: At least one of apiVersion, kind and name was changed
$ KUBE_EDITOR="sed -i s/'\"1\"/\"one\"'/" k edit cm one -o json | grep '"a"'
"a": "one",
$ k get cm one -o jsonpath='{.data.a} {.data.b}'
one 2
$ k set env cm/one A=b
! error: *
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
