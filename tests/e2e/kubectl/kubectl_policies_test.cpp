// SPDX-License-Identifier: Apache-2.0
// What kubectl says of policies of admission.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view policy = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: SPACE}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE]}]
  matchConditions: [{name: sized, expression: has(object.data) && has(object.data.size)}]
  variables: [{name: size, expression: int(object.data.size)}]
  validations:
  - expression: variables.size <= 5
    messageExpression: string(variables.size) + ' is more than 5'
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: SPACE}
spec:
  policyName: SPACE
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: SPACE}}}
)";

constexpr std::string_view doubtful = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: SPACE-doubtful}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations: [{expression: object.size == 1}]
)";

constexpr std::string_view broken = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: broken}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations: [{expression: objekt.size == 1}]
)";

constexpr std::string_view closed = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: SPACE}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], resources: [pods/exec], operations: [CONNECT]}
    - {apiGroups: [""], apiVersions: [v1], resources: [pods/eviction], operations: [CREATE]}
  validations: [{expression: "false", messageExpression: "'no ' + object.kind"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: SPACE}
spec:
  policyName: SPACE
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: SPACE}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: SPACE}
spec: {containers: [{name: c, image: busybox}]}
)";

TEST_P(KubectlStory, connectionsThatPoliciesRefuse)
{
    file("closed.yaml", closed);
    play(R"story(
$ sed -i "s/SPACE/$NS/" closed.yaml; kubectl create -f closed.yaml > /dev/null
$ k exec web -- ls
! The pods "web" is invalid: : ValidatingAdmissionPolicy 'connectionsthat*' with binding 'connectionsthat*' denied request: no PodExecOptions
[1]
$ echo '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web"}}' > eviction.json; kubectl create --raw /api/v1/namespaces/$NS/pods/web/eviction -f eviction.json
! The pods "web" is invalid: : ValidatingAdmissionPolicy 'connectionsthat*' with binding 'connectionsthat*' denied request: no Eviction
[1]
$ kubectl delete -f closed.yaml > /dev/null
)story");
}

TEST_P(KubectlStory, policies)
{
    file("policy.yaml", policy);
    file("doubtful.yaml", doubtful);
    file("broken.yaml", broken);
    for (const auto* const size : {"3", "9"})
        file(std::string("size") + size + ".yaml",
             std::string("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: size") + size + "}\ndata: {size: '" + size +
                 "'}\n");
    play(R"story(
$ sed -i "s/SPACE/$NS/" *.yaml; kubectl create -f policy.yaml -f doubtful.yaml
validatingadmissionpolicy.admissionregistration.k8s.io/policies-* created
validatingadmissionpolicybinding.admissionregistration.k8s.io/policies-* created
validatingadmissionpolicy.admissionregistration.k8s.io/policies-*-doubtful created
$ kubectl create -f broken.yaml
! The ValidatingAdmissionPolicy "broken" is invalid: spec.validations[0].expression: Invalid value: "objekt.size == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' (in container '')
!  | objekt.size == 1
!  | ^
[1]
$ k create -f size3.yaml
configmap/size3 created
$ k create -f size9.yaml
! The configmaps "size9" is invalid: : ValidatingAdmissionPolicy 'policies-*' with binding 'policies-*' denied request: 9 is more than 5
[1]
$ kubectl patch validatingadmissionpolicybinding $NS --type=merge -p '{"spec":{"validationActions":["Warn"]}}'
validatingadmissionpolicybinding.admissionregistration.k8s.io/policies-* patched
$ k create -f size9.yaml
configmap/size9 created
! Warning: Validation failed for ValidatingAdmissionPolicy 'policies-*' with binding 'policies-*': 9 is more than 5
$~ kubectl get validatingadmissionpolicy $NS-doubtful -o jsonpath={.status.typeChecking.expressionWarnings[0].warning}
v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'size'
 | object.size == 1
 | ......^
$ kubectl get validatingadmissionpolicy $NS -o jsonpath={.status.observedGeneration}
1
$ kubectl delete -f policy.yaml -f doubtful.yaml
validatingadmissionpolicy.admissionregistration.k8s.io "policies-*" deleted
validatingadmissionpolicybinding.admissionregistration.k8s.io "policies-*" deleted
validatingadmissionpolicy.admissionregistration.k8s.io "policies-*-doubtful" deleted
)story");
}

} // namespace
} // namespace keelson::e2e
