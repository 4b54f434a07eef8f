// SPDX-License-Identifier: Apache-2.0
// CustomResourceDefinitions and their objects, in kubectl's words.
#include "kubectl/story.h"
#include "support/tree.h"

#include <fstream>
#include <iterator>

namespace keelson::e2e {
namespace {

/// MYGROUP and KIND stand for what is the story's own.
constexpr std::string_view definition = R"story(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.MYGROUP}
spec:
  group: MYGROUP
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec, description: When it runs.}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        description: A table of jobs.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [cronSpec]
            properties:
              cronSpec: {type: string, description: When it runs., pattern: '^(\S+\s){4}\S+$'}
              image: {type: string}
              replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
          status: {type: object, properties: {replicas: {type: integer}}}
)story";

constexpr std::string_view object = R"story(
apiVersion: MYGROUP/v1
kind: CronTab
metadata: {name: nightly}
spec: {cronSpec: "0 3 * * *", image: "job:1"}
)story";

std::string of(std::string_view group, std::string_view text)
{
    std::string made(text);
    constexpr std::string_view word = "MYGROUP";
    for (auto at = made.find(word); at != made.npos; at = made.find(word, at))
        made.replace(at, word.size(), group);
    return made;
}

TEST_P(KubectlStory, hasKindsOfItsOwn)
{
    const auto group = "own" + GetParam().minor + ".example.com";
    file("definition.yaml", of(group, definition));
    file("object.yaml", of(group, object));
    play(of(group, R"story(
$ kubectl apply -f definition.yaml
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP created
$ kubectl wait --for=condition=Established crd/crontabs.MYGROUP --timeout=10s
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP condition met
$ kubectl get crd crontabs.MYGROUP
NAME CREATED AT
crontabs.MYGROUP *
$ kubectl apply -f definition.yaml
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP unchanged
$ kubectl api-resources --api-group=MYGROUP --no-headers
crontabs ct MYGROUP/v1 true CronTab
$ k apply -f object.yaml
crontab.MYGROUP/nightly created
$ k apply -f object.yaml
crontab.MYGROUP/nightly unchanged
$ sed 's/job:1/job:2/' object.yaml | k apply -f -
crontab.MYGROUP/nightly configured
$ k get ct nightly -o jsonpath='{.spec.image}'; k apply -f object.yaml
job:2crontab.MYGROUP/nightly configured
$ k get ct
NAME SPEC REPLICAS
nightly 0 3 * * * 1
$ k get crontabs -o wide
NAME SPEC REPLICAS IMAGE
nightly 0 3 * * * 1 job:1
$ k get ct nightly -o jsonpath='{.spec}'
{"cronSpec":"0 3 * * *","image":"job:1","replicas":1}
$ k patch ct nightly --type=merge -p '{"spec":{"replicas":20}}'
! The CronTab "nightly" is invalid: spec.replicas: Invalid value: 20: spec.replicas in body should be less than or equal to 10
[1]
$ k patch ct nightly --type=merge -p '{"spec":{"replicas":2}}'
crontab.MYGROUP/nightly patched
$ k scale crontab/nightly --replicas=4
crontab.MYGROUP/nightly scaled
$ k get ct nightly -o jsonpath='{.spec.replicas} {.metadata.generation}'
4 5
$ k label ct nightly tier=night
crontab.MYGROUP/nightly labeled
$ k get ct -l tier=night -o name
crontab.MYGROUP/nightly
$ k apply --server-side --force-conflicts -f object.yaml
crontab.MYGROUP/nightly serverside-applied
$ k delete ct nightly
crontab.MYGROUP "nightly" deleted
$ k apply -f object.yaml > /dev/null; kubectl delete crd crontabs.MYGROUP
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
$ k get crontabs.MYGROUP
! error: the server doesn't have a resource type "crontabs"
[1]
)story"));
}

TEST_P(KubectlStory, explainsKindsOfItsOwn)
{
    const auto group = "told" + GetParam().minor + ".example.com";
    file("definition.yaml", of(group, definition));
    constexpr std::string_view head = "apiVersion: MYGROUP/v1\nkind: CronTab\nmetadata: {name: a}\n";
    file("wrong.yaml", of(group, std::string(head) + "spec: {cronSpec: never}\n"));
    file("unknown.yaml", of(group, std::string(head) + "spec: {cronSpec: '* * * * *', x: 1}\n"));
    play(of(group, R"story(
$ kubectl apply -f definition.yaml > /dev/null; kubectl wait --for=condition=Established crd/crontabs.MYGROUP > /dev/null
$32 kubectl explain crontabs.spec.cronSpec --api-version=MYGROUP/v1
GROUP: MYGROUP
KIND: CronTab
VERSION: v1
FIELD: cronSpec <string>
DESCRIPTION:
When it runs.
$32 kubectl explain crontabs.spec --recursive --api-version=MYGROUP/v1 | grep -A4 ^FIELDS
FIELDS:
cronSpec <string> -required-
image <string>
replicas <integer>
$20 kubectl explain crontabs.spec --recursive --api-version=MYGROUP/v1 | grep -A4 ^FIELDS
FIELDS:
cronSpec <string>
image <string>
replicas <integer>
$20 kubectl explain crontabs.spec.cronSpec --api-version=MYGROUP/v1
KIND: CronTab
VERSION: MYGROUP/v1
FIELD: cronSpec <string>
DESCRIPTION:
When it runs.
$ k apply -f wrong.yaml
! The CronTab "a" is invalid: spec.cronSpec: Invalid value: "never": spec.cronSpec in body should match '^(\S+\s){4}\S+$'
[1]
$32 k apply -f unknown.yaml
! Error from server (BadRequest): error when creating "unknown.yaml": CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.x"
[1]
$20 k apply -f unknown.yaml
! error: error validating "unknown.yaml": error validating data: ValidationError(CronTab.spec): unknown field "x" in com.example.told20.v1.CronTab.spec; if you choose to ignore these errors, turn validation off with --validate=false
[1]
$ kubectl delete crd crontabs.MYGROUP
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
)story"));
}

TEST_P(KubectlStory, showsKindsOfItsOwnInSeveralVersions)
{
    const auto group = "versions" + GetParam().minor + ".example.com";
    file("definition.yaml", of(group, R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.MYGROUP}
spec:
  group: MYGROUP
  scope: Namespaced
  names: {plural: boxes, singular: box, kind: Box, listKind: BoxCollection}
  versions:
  - name: v1
    served: true
    storage: true
    deprecated: true
    schema: &schema {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
  - name: v2
    served: true
    storage: false
    schema: *schema
)"));
    file("object.yaml", of(group, "apiVersion: MYGROUP/v2\nkind: Box\nmetadata: {name: a}\nspec: {size: 1}\n"));
    play(of(group, R"story(
$ kubectl apply -f definition.yaml > /dev/null; kubectl wait --for=condition=Established crd/boxes.MYGROUP > /dev/null
$ k apply -f object.yaml
box.MYGROUP/a created
$ k get boxes -o jsonpath='{.items[0].apiVersion}'
MYGROUP/v2
$ k get boxes.v1.MYGROUP -o jsonpath='{.items[0].apiVersion}'
MYGROUP/v1
! Warning: MYGROUP/v1 Box is deprecated; use MYGROUP/v2 Box
$ kubectl get --raw /apis/MYGROUP/v2/boxes | grep -o '"kind":"BoxCollection"'
"kind":"BoxCollection"
$ sed -i 's/size: 1/size: 2/' object.yaml; k apply -f object.yaml; k apply -f object.yaml
box.MYGROUP/a configured
box.MYGROUP/a unchanged
$ kubectl get crd boxes.MYGROUP -o jsonpath='{.status.storedVersions}'
["v1"]
$ kubectl delete crd boxes.MYGROUP
customresourcedefinition.apiextensions.k8s.io "boxes.MYGROUP" deleted
)story"));
}

TEST_P(KubectlStory, endsKindsOfItsOwnWithTheirObjects)
{
    const auto group = "ends" + GetParam().minor + ".example.com";
    file("definition.yaml", of(group, definition));
    file("object.yaml", of(group, object));
    play(of(group, R"story(
$ kubectl apply -f definition.yaml > /dev/null; kubectl wait --for=condition=Established crd/crontabs.MYGROUP > /dev/null
$ k apply -f object.yaml
crontab.MYGROUP/nightly created
$ kubectl patch crd crontabs.MYGROUP --type=json -p '[{"op":"replace","path":"/spec/versions/0/served","value":false}]'
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP patched
$ k get crontabs.MYGROUP
! error: the server doesn't have a resource type "crontabs"
[1]
$ kubectl delete crd crontabs.MYGROUP
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
$ kubectl apply -f definition.yaml > /dev/null; kubectl wait --for=condition=Established crd/crontabs.MYGROUP > /dev/null
$~ k get crontabs.MYGROUP -o name; k get crontabs.MYGROUP -o jsonpath='{.kind}'
List
$ k apply -f object.yaml; k patch ct nightly --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'
crontab.MYGROUP/nightly created
crontab.MYGROUP/nightly patched
$ kubectl delete crd crontabs.MYGROUP --wait=false
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
$~ kubectl get crd crontabs.MYGROUP -o jsonpath='{.status.conditions[?(@.type=="Terminating")].reason}'
InstanceDeletionInProgress
$ kubectl patch crd crontabs.MYGROUP --type=merge -p '{"metadata":{"finalizers":null}}'
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP patched
$ kubectl apply -f definition.yaml > /dev/null; kubectl wait --for=condition=Established crd/crontabs.MYGROUP > /dev/null
$ k get ct -o name
crontab.MYGROUP/nightly
$ k patch ct nightly --type=merge -p '{"metadata":{"finalizers":null}}'; k get ct -o name
crontab.MYGROUP/nightly patched
$ kubectl delete crd crontabs.MYGROUP
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
)story"));
}

TEST_P(KubectlStory, refusesRulesThatMayCostTooMuch)
{
    const auto group = "dear" + GetParam().minor + ".example.com";
    std::string rules(definition);
    constexpr std::string_view place = "image: {type: string}";
    rules.replace(rules.find(place), place.size(),
                  "parts: {type: array, items: {type: string}, x-kubernetes-validations: [{rule: \"self.all(a, "
                  "self.exists(b, a == b))\"}]}");
    file("definition.yaml", of(group, rules));
    file("bounded.yaml", of(group, rules.replace(rules.find("items:"), 6, "maxItems: 20, items:")));
    play(of(group, R"story(
$ kubectl apply -f definition.yaml 2>&1 | grep -o 'rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x'
rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x
$ kubectl apply -f bounded.yaml 2>&1 | grep -o 'rule: Forbidden: estimated rule cost exceeds budget by factor of [0-9.]*x'
rule: Forbidden: estimated rule cost exceeds budget by factor of 12.6x
$ sed 's/items: {type: string}/items: {type: string, maxLength: 100}/' bounded.yaml | kubectl apply -f -
customresourcedefinition.apiextensions.k8s.io/crontabs.MYGROUP created
$ kubectl delete crd crontabs.MYGROUP
customresourcedefinition.apiextensions.k8s.io "crontabs.MYGROUP" deleted
)story"));
}

std::string shape(const std::string& name)
{
    std::ifstream from(support::sourceFolder() + "/tests/e2e/kubectl/shapes/" + name + ".yaml");
    return {std::istreambuf_iterator<char>(from), {}};
}

/// Definitions as large as those of well-known projects, and objects of them: both apply, and again without a change.
TEST_P(KubectlStory, appliesDefinitionsOfWellKnownShapes)
{
    for (const std::string name : {"applications", "certificates", "monitoring"}) {
        file("definitions.yaml", shape(name));
        file("objects.yaml", shape(name + "-use"));
        play(R"story(
$ kubectl apply -f definitions.yaml | grep -vc created
0
[1]
$ kubectl wait --for=condition=Established -f definitions.yaml > /dev/null
$ kubectl apply -f definitions.yaml | grep -vc unchanged
0
[1]
$ k apply -f objects.yaml | grep -vc created
0
[1]
$ k apply -f objects.yaml | grep -vc unchanged
0
[1]
$ k apply --server-side --field-manager=kubectl-client-side-apply --force-conflicts -f objects.yaml | grep -vc serverside-applied
0
[1]
$ k get -f objects.yaml -o yaml > first; k apply --server-side --field-manager=kubectl-client-side-apply -f objects.yaml > /dev/null; k get -f objects.yaml -o yaml | diff first -
$ kubectl delete -f definitions.yaml | grep -vc deleted
0
[1]
)story");
    }
}

/// What runs such projects: namespaces, accounts, roles, workloads, services, webhooks. The same holds, and no apply
/// writes what is there.
TEST_P(KubectlStory, appliesInstallationsOfWellKnownShapes)
{
    for (const std::string name : {"applications", "certificates", "ingress", "metrics", "monitoring"}) {
        file("install.yaml", shape(name + "-install"));
        // kubectl says on the way which APIs do not answer: that of the metrics, which nothing runs. It sends a
        // selector that is to be replaced whole each time, and calls that configured.
        play(R"story(
$ kubectl apply -f install.yaml 2>/dev/null | grep -vc created
0
[1]
$ exec 2>/dev/null; kubectl get pdb -A -o jsonpath='{.items[*].metadata.resourceVersion}' > before; kubectl apply -f install.yaml | grep -v -e unchanged -e '^poddisruptionbudget.* configured'; kubectl get pdb -A -o jsonpath='{.items[*].metadata.resourceVersion}' | diff before -
$ kubectl diff -f install.yaml 2>/dev/null
$ kubectl apply --server-side --field-manager=kubectl-client-side-apply --force-conflicts -f install.yaml 2>/dev/null | grep -v serverside-applied
[1]
$~ exec 2>/dev/null; kubectl get -f install.yaml -o yaml > first; kubectl apply --server-side --field-manager=kubectl-client-side-apply -f install.yaml > /dev/null; kubectl get -f install.yaml -o yaml | diff first - && test -s first
$ kubectl delete --ignore-not-found -f install.yaml 2>/dev/null | grep -v deleted
[1]
)story");
    }
}

} // namespace
} // namespace keelson::e2e
