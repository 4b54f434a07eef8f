// SPDX-License-Identifier: Apache-2.0
// Tokens of service accounts, and roles: what kubectl makes of them.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, tokens)
{
    play(R"story(
$ k create sa web
serviceaccount/web created
$ kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}' > server
$32 k create token web --duration=700s > token
$32 alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token)"; $alone auth whoami | grep -v JTI
ATTRIBUTE                                           VALUE
Username                                            system:serviceaccount:tokens-*:web
UID                                                 *
Groups                                              [system:serviceaccounts system:serviceaccounts:tokens-* system:authenticated]
$32 alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token) -n $NS"; $alone get pods
! Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:tokens-*:web" cannot list resource "pods" in API group "" in the namespace "tokens-*"
[1]
$32 k create rolebinding viewers --clusterrole=view --serviceaccount=$NS:web
rolebinding.rbac.authorization.k8s.io/viewers created
$32~ alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token) -n $NS"; $alone get pods; $alone auth can-i get secrets
no
! No resources found in tokens-* namespace.
[1]
$32 k create token none
! error: failed to create token: serviceaccounts "none" not found
[1]
$32 k create token web --duration=1s
! error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes
[1]
$32 k create token web --as=joe
! error: failed to create token: serviceaccounts "web" is forbidden: User "joe" cannot create resource "serviceaccounts/token" in API group "" in the namespace "tokens-*"
[1]
)story");
}

TEST_P(KubectlStory, tokensInSecrets)
{
    file("secret.yaml", R"(
apiVersion: v1
kind: Secret
metadata: {name: web-token, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
)");
    play(R"story(
$ k create -f secret.yaml
secret/web-token created
$~ k get secret web-token
! Error from server (NotFound): secrets "web-token" not found
[1]
$ k create sa web
serviceaccount/web created
$ k apply -f secret.yaml
secret/web-token created
$~ k get secret web-token
NAME        TYPE                                  DATA   AGE
web-token   kubernetes.io/service-account-token   3      *s
$ k describe sa web | grep Tokens
Tokens: web-token
$ k describe secret web-token | grep -E '^(ca.crt|namespace|token|Annotations):' | cut -c1-60 | sort
Annotations: kubernetes.io/service-account.name: web
ca.crt: * bytes
namespace: * bytes
token: *
$ k get secret web-token -o jsonpath='{.data.token}' | base64 -d > token; k get secret web-token -o jsonpath='{.data.ca\.crt}' | base64 -d > ca
$ kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}' > server
$ kubectl --kubeconfig=/dev/null --certificate-authority=ca --server=$(cat server) --token=$(cat token) get secrets
! Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:tokensinsecrets-*:web" cannot list resource "secrets" in API group "" in the namespace "default"
[1]
$~ [ $(k get secret web-token -o jsonpath='{.metadata.labels.kubernetes\.io/legacy-token-last-used}') = $(date -u +%F) ]; echo $?
0
$ k delete sa web
serviceaccount "web" deleted
$~ k get secret web-token
! Error from server (NotFound): secrets "web-token" not found
[1]
$ kubectl --kubeconfig=/dev/null --certificate-authority=ca --server=$(cat server) --token=$(cat token) get secrets
! error: You must be logged in to the server (*
[1]
)story");
}

TEST_P(KubectlStory, rolesThatAreReconciled)
{
    file("roles.yaml", R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAMESPACE}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: NAMESPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: joe}]
)");
    play(R"story(
$ sed -i "s/NAMESPACE/$NS/" roles.yaml; kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
...
rolebinding.rbac.authorization.k8s.io/readers reconciled
...
$ kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
rolebinding.rbac.authorization.k8s.io/readers reconciled
$ k patch role reader --type=merge -p '{"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["pods"]}]}'
role.rbac.authorization.k8s.io/reader patched
$ kubectl auth reconcile -f roles.yaml >/dev/null 2>&1; k get role reader -o jsonpath='{.rules[*].verbs[0]}'
list get
$~ k auth can-i --list --as=joe | grep pods
pods [] [] [list get]
$ k auth can-i create pods --subresource=exec --as=joe
no
[1]
$ k create role more --verb=get --resource=secrets --as=joe
! Error from server (Forbidden): roles.rbac.authorization.k8s.io is forbidden: User "joe" cannot create resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "rolesthatarereconciled-*"
[1]
)story");
}

TEST_P(KubectlStory, certificates)
{
    file("csr.yaml", R"(
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: NAME}
spec:
  request: REQUEST
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 3600
  usages: [client auth, digital signature]
)");
    play(R"story(
$ openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout bob.key -out bob.csr -subj /O=dev/CN=bob 2>/dev/null
$ kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}' > server
$ sed "s/NAME/$NS/; s/REQUEST/$(base64 -w0 bob.csr)/" csr.yaml | kubectl create -f -
certificatesigningrequest.certificates.k8s.io/certificates-* created
$ kubectl get csr $NS
NAME             AGE   SIGNERNAME                            REQUESTOR       REQUESTEDDURATION   CONDITION
certificates-*   *s    kubernetes.io/kube-apiserver-client   keelson-admin   60m                 Pending
$ kubectl certificate approve $NS
certificatesigningrequest.certificates.k8s.io/certificates-* approved
$~ kubectl get csr $NS --no-headers
certificates-*   *s    kubernetes.io/kube-apiserver-client   keelson-admin   60m                 Approved,Issued
$ kubectl get csr $NS -o jsonpath='{.status.certificate}' | base64 -d > bob.crt; openssl x509 -in bob.crt -noout -subject
subject=O = dev, CN = bob
$ openssl x509 -in bob.crt -noout -checkend 3400; openssl x509 -in bob.crt -noout -checkend 3700
Certificate will not expire
Certificate will expire
[1]
$32 kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --client-certificate=bob.crt --client-key=bob.key auth whoami
ATTRIBUTE   VALUE
Username    bob
Groups      [dev system:authenticated]
$ sed "s/NAME/$NS-2/; s/REQUEST/$(base64 -w0 bob.csr)/" csr.yaml | kubectl create -f - >/dev/null; kubectl certificate deny $NS-2
certificatesigningrequest.certificates.k8s.io/certificates-*-2 denied
$ kubectl get csr $NS-2 --no-headers
certificates-*-2   *s    kubernetes.io/kube-apiserver-client   keelson-admin   60m                 Denied
$ kubectl delete csr $NS $NS-2
certificatesigningrequest.certificates.k8s.io "certificates-*" deleted
certificatesigningrequest.certificates.k8s.io "certificates-*-2" deleted
)story");
}

} // namespace
} // namespace keelson::e2e
