// SPDX-License-Identifier: Apache-2.0
#include "auth/default_roles.h"

namespace keelson::auth {

// A line at the margin names a ClusterRole, or a Role as NAMESPACE/NAME; each indented line is a rule: verbs, API
// groups ("core": the empty one; "url": paths follow instead), resources, and resource names where the rule is held to
// some. "read" stands for get, list and watch, "write" for create, delete, deletecollection, patch and update.
const std::string_view defaultRoleTable = R"(
cluster-admin
    * * *
    * url *
system:aggregate-to-admin
    create authorization.k8s.io localsubjectaccessreviews
    read,write rbac.authorization.k8s.io rolebindings,roles
system:aggregate-to-edit
    read core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy
    impersonate core serviceaccounts
    write core pods,pods/attach,pods/exec,pods/portforward,pods/proxy
    write core configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale
    write core secrets,serviceaccounts,services,services/proxy
    write apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale
    write apps statefulsets,statefulsets/scale
    write autoscaling horizontalpodautoscalers
    write batch cronjobs,jobs
    write policy poddisruptionbudgets
    write networking.k8s.io ingresses,networkpolicies
    create core pods/eviction,serviceaccounts/token
    write core events
    read,write coordination.k8s.io leases
system:aggregate-to-view
    read core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods
    read core replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status
    read core bindings,events,limitranges,namespaces/status,pods/log,pods/status
    read core replicationcontrollers/status,resourcequotas,resourcequotas/status
    read core namespaces
    read apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale
    read apps deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets
    read apps statefulsets/scale,statefulsets/status
    read autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status
    read batch cronjobs,cronjobs/status,jobs,jobs/status
    read policy poddisruptionbudgets,poddisruptionbudgets/status
    read networking.k8s.io ingresses,ingresses/status,networkpolicies
    read discovery.k8s.io endpointslices
    read events.k8s.io events
system:auth-delegator
    create authentication.k8s.io tokenreviews
    create authorization.k8s.io subjectaccessreviews
system:basic-user
    create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews
    create authentication.k8s.io selfsubjectreviews
system:certificates.k8s.io:certificatesigningrequests:nodeclient
    create certificates.k8s.io certificatesigningrequests/nodeclient
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
    create certificates.k8s.io certificatesigningrequests/selfnodeclient
system:certificates.k8s.io:kube-apiserver-client-approver
    approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
    approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet
system:certificates.k8s.io:kubelet-serving-approver
    approve certificates.k8s.io signers kubernetes.io/kubelet-serving
system:certificates.k8s.io:legacy-unknown-approver
    approve certificates.k8s.io signers kubernetes.io/legacy-unknown
system:controller:attachdetach-controller
    list,watch core persistentvolumeclaims,persistentvolumes
    read core nodes
    patch,update core nodes/status
    list,watch core pods
    create,patch,update core,events.k8s.io events
    read,create,delete storage.k8s.io volumeattachments
    read storage.k8s.io csidrivers
    read storage.k8s.io csinodes
system:controller:certificate-controller
    read,delete certificates.k8s.io certificatesigningrequests
    patch,update certificates.k8s.io certificatesigningrequests/approval,certificatesigningrequests/status
    approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet
    sign certificates.k8s.io signers kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet
    sign certificates.k8s.io signers kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown
    create authorization.k8s.io subjectaccessreviews
    create,patch,update core,events.k8s.io events
system:controller:clusterrole-aggregation-controller
    read,escalate,patch,update rbac.authorization.k8s.io clusterroles
system:controller:cronjob-controller
    read,update batch cronjobs
    read,create,delete,patch,update batch jobs
    patch,update batch cronjobs/status
    update batch cronjobs/finalizers
    delete,list core pods
    create,patch,update core,events.k8s.io events
system:controller:daemon-set-controller
    read apps daemonsets
    patch,update apps daemonsets/status
    update apps daemonsets/finalizers
    list,watch core nodes
    create,delete,list,patch,watch core pods
    create core pods/binding
    read,create,delete,patch,update apps controllerrevisions
    create,patch,update core,events.k8s.io events
system:controller:deployment-controller
    read,update apps deployments
    patch,update apps deployments/status
    update apps deployments/finalizers
    read,create,delete,patch,update apps replicasets
    read,update core pods
    create,patch,update core,events.k8s.io events
    patch apps deployments
system:controller:disruption-controller
    read apps deployments
    read apps replicasets
    read core replicationcontrollers
    read policy poddisruptionbudgets
    read apps statefulsets
    patch,update policy poddisruptionbudgets/status
    get * */scale
    create,patch,update core,events.k8s.io events
system:controller:endpoint-controller
    read core pods,services
    create,delete,get,list,update core endpoints
    create core endpoints/restricted
    create,patch,update core,events.k8s.io events
    patch,watch core endpoints
system:controller:endpointslice-controller
    read core nodes,pods,services
    update core services/finalizers
    create,delete,get,list,update discovery.k8s.io endpointslices
    create,patch,update core,events.k8s.io events
    patch,watch discovery.k8s.io endpointslices
system:controller:endpointslicemirroring-controller
    read core endpoints,services
    update core services/finalizers
    update core endpoints/finalizers
    create,delete,get,list,update discovery.k8s.io endpointslices
    create,patch,update core,events.k8s.io events
system:controller:expand-controller
    read,patch,update core persistentvolumes
    patch,update core persistentvolumeclaims/status
    read core persistentvolumeclaims
    read storage.k8s.io storageclasses
    get core endpoints,services
    get core secrets
    create,patch,update core,events.k8s.io events
system:controller:generic-garbage-collector
    read,delete,patch,update * *
    create,patch,update core,events.k8s.io events
system:controller:horizontal-pod-autoscaler
    read autoscaling horizontalpodautoscalers
    patch,update autoscaling horizontalpodautoscalers/status
    get,update * */scale
    list core pods
    list metrics.k8s.io pods
    get,list custom.metrics.k8s.io *
    create,patch,update core,events.k8s.io events
system:controller:job-controller
    read,update batch jobs
    patch,update batch jobs/status
    update batch jobs/finalizers
    create,delete,list,patch,watch core pods
    create,patch,update core,events.k8s.io events
system:controller:namespace-controller
    read,delete core namespaces
    patch,update core namespaces/finalize,namespaces/status
    delete,deletecollection,get,list * *
    patch,update core namespaces
system:controller:node-controller
    delete,get,list,patch,update core nodes
    patch,update core nodes/status
    patch,update core pods/status
    delete,list core pods
    create,patch,update core,events.k8s.io events
    read core pods
    watch core nodes
    read coordination.k8s.io leases
system:controller:persistent-volume-binder
    read,create,delete,update core persistentvolumes
    patch,update core persistentvolumes/status
    read,update core persistentvolumeclaims
    patch,update core persistentvolumeclaims/status
    read,create,delete core pods
    read storage.k8s.io storageclasses
    create,delete,get,update core endpoints
    create,delete,get core services
    get core secrets
    get,list core nodes
    watch core events
    create,patch,update core,events.k8s.io events
system:controller:pod-garbage-collector
    delete,list,watch core pods
    get,list core nodes
    get core pods
    watch core nodes
system:controller:pv-protection-controller
    read,update core persistentvolumes
    create,patch,update core,events.k8s.io events
system:controller:pvc-protection-controller
    read,update core persistentvolumeclaims
    read core pods
    create,patch,update core,events.k8s.io events
system:controller:replicaset-controller
    read,update apps replicasets
    patch,update apps replicasets/status
    update apps replicasets/finalizers
    create,delete,list,patch,watch core pods
    create,patch,update core,events.k8s.io events
    get,update core pods
system:controller:replication-controller
    read,update core replicationcontrollers
    patch,update core replicationcontrollers/status
    update core replicationcontrollers/finalizers
    create,delete,list,patch,watch core pods
    create,patch,update core,events.k8s.io events
system:controller:resourcequota-controller
    list,watch * *
    patch,update core resourcequotas/status
    create,patch,update core,events.k8s.io events
system:controller:root-ca-cert-publisher
    create,update core configmaps
    create,patch,update core,events.k8s.io events
    read,patch core configmaps,namespaces
system:controller:route-controller
    list,watch core nodes
    patch core nodes/status
    create,patch,update core,events.k8s.io events
system:controller:service-account-controller
    create core serviceaccounts
    create,patch,update core,events.k8s.io events
    read core namespaces,serviceaccounts
system:controller:service-controller
    read core services
    patch,update core services/status
    list,watch core nodes
    create,patch,update core,events.k8s.io events
system:controller:statefulset-controller
    list,watch core pods
    read apps statefulsets
    patch,update apps statefulsets/status
    update apps statefulsets/finalizers
    create,delete,get,patch,update core pods
    read,create,delete,patch,update apps controllerrevisions
    create,get core persistentvolumeclaims
    create,patch,update core,events.k8s.io events
system:controller:ttl-controller
    list,patch,update,watch core nodes
    create,patch,update core,events.k8s.io events
system:controller:validatingadmissionpolicy-status-controller
    read admissionregistration.k8s.io validatingadmissionpolicies
    get,patch,update admissionregistration.k8s.io validatingadmissionpolicies/status
    create,patch,update core,events.k8s.io events
system:discovery
    get url /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
system:keelson:dispatcher
    read core configmaps,namespaces,nodes,persistentvolumeclaims,persistentvolumes,pods,secrets
    read core serviceaccounts,services
    read discovery.k8s.io endpointslices
    create,patch,update core nodes
    patch,update core nodes/status,pods/status
    delete core pods
    create,patch,update core,events.k8s.io events
    read,create,delete,patch,update coordination.k8s.io leases
    create core serviceaccounts/token
system:kube-aggregator
    read core endpoints,services
system:kube-controller-manager
    create,patch,update core,events.k8s.io events
    create coordination.k8s.io leases
    get,update coordination.k8s.io leases kube-controller-manager
    create core endpoints
    get,update core endpoints kube-controller-manager
    create core secrets,serviceaccounts
    delete core secrets
    get core configmaps,namespaces,secrets,serviceaccounts
    update core secrets,serviceaccounts
    create authentication.k8s.io tokenreviews
    create authorization.k8s.io subjectaccessreviews
    list,watch * *
    create core serviceaccounts/token
system:kube-dns
    list,watch core endpoints,services
system:kube-scheduler
    create,patch,update core,events.k8s.io events
    create coordination.k8s.io leases
    get,update coordination.k8s.io leases kube-scheduler
    create core endpoints
    get,update core endpoints kube-scheduler
    read core nodes
    read,delete core pods
    create core bindings,pods/binding
    patch,update core pods/status
    read core replicationcontrollers,services
    read apps replicasets
    read apps statefulsets
    read policy poddisruptionbudgets
    read core persistentvolumeclaims,persistentvolumes
    create authentication.k8s.io tokenreviews
    create authorization.k8s.io subjectaccessreviews
    read storage.k8s.io csinodes
    read core namespaces
    read storage.k8s.io csidrivers,csistoragecapacities,storageclasses
system:kubelet-api-admin
    read,proxy core nodes
    * core nodes/log,nodes/metrics,nodes/proxy,nodes/spec,nodes/stats
system:monitoring
    get url /healthz,/healthz/*,/livez,/livez/*,/metrics,/readyz,/readyz/*
system:node
    create authentication.k8s.io tokenreviews
    create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews
    read core services
    read,create core nodes
    patch,update core nodes/status
    patch,update core nodes
    create,patch,update core events
    read core pods
    create,delete core pods
    patch,update core pods/status
    create core pods/eviction
    read core configmaps,secrets
    get core persistentvolumeclaims,persistentvolumes
    get core endpoints
    read,create certificates.k8s.io certificatesigningrequests
    create,delete,get,patch,update coordination.k8s.io leases
    get storage.k8s.io volumeattachments
    create core serviceaccounts/token
    get,patch,update core persistentvolumeclaims/status
    read storage.k8s.io csidrivers
    create,delete,get,patch,update storage.k8s.io csinodes
    read node.k8s.io runtimeclasses
system:node-bootstrapper
    read,create certificates.k8s.io certificatesigningrequests
system:node-problem-detector
    get core nodes
    patch core nodes/status
    create,patch,update core,events.k8s.io events
system:node-proxier
    list,watch core endpoints,services
    read core nodes
    create,patch,update core,events.k8s.io events
    list,watch discovery.k8s.io endpointslices
system:persistent-volume-provisioner
    read,create,delete core persistentvolumes
    read,update core persistentvolumeclaims
    read storage.k8s.io storageclasses
    watch core events
    create,patch,update core,events.k8s.io events
system:public-info-viewer
    get url /healthz,/livez,/readyz,/version,/version/
system:service-account-issuer-discovery
    get url /.well-known/openid-configuration,/openid/v1/jwks
system:volume-scheduler
    read,patch,update core persistentvolumes
    read storage.k8s.io storageclasses
    read,patch,update core persistentvolumeclaims
kube-public/system:controller:bootstrap-signer
    read core configmaps
    update core configmaps cluster-info
    create,patch,update core,events.k8s.io events
kube-system/extension-apiserver-authentication-reader
    read core configmaps extension-apiserver-authentication
kube-system/system::leader-locking-kube-controller-manager
    watch core configmaps
    get,update core configmaps kube-controller-manager
kube-system/system::leader-locking-kube-scheduler
    watch core configmaps
    get,update core configmaps kube-scheduler
kube-system/system:controller:bootstrap-signer
    read core secrets
kube-system/system:controller:cloud-provider
    read,create core configmaps
kube-system/system:controller:token-cleaner
    read,delete core secrets
    create,patch,update core,events.k8s.io events
)";

} // namespace keelson::auth
