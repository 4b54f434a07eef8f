// SPDX-License-Identifier: Apache-2.0
#include "registry/access_admission.h"

#include "api/base64.h"
#include "api/rules.h"
#include "auth/certificate_requests.h"
#include "auth/node_authorizer.h"
#include "auth/pod_references.h"
#include "registry/write_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::registry {
namespace {

class GrantLimit : public AdmissionStep {
public:
    explicit GrantLimit(const auth::RbacAuthorizer& roles) : m_roles(roles) {}
    std::string_view name() const override { return "GrantLimit"; }

    Result<Done> admit(Admission& admission) const override
    {
        const auto& kind = admission.kind;
        if (admission.verb == Verb::Delete || kind.groupVersion.group != "rbac.authorization.k8s.io")
            return Done{};
        if (kind.kind == "Role" || kind.kind == "ClusterRole")
            return m_roles.checkRole(admission.context.user, *admission.object, admission.before);
        return m_roles.checkBinding(admission.context.user, *admission.object, admission.before);
    }

private:
    const auth::RbacAuthorizer& m_roles;
};

const Value& memberOf(const Value* value, std::initializer_list<std::string_view> path)
{
    static const Value nothing;
    const auto* const found = value ? api::find(*value, path) : nullptr;
    return found ? *found : nothing;
}

/// Labels that a node may give itself among those of Kubernetes' own domains.
bool isNodesOwnLabel(std::string_view label)
{
    constexpr std::array own{"kubernetes.io/hostname",
                             "kubernetes.io/arch",
                             "kubernetes.io/os",
                             "beta.kubernetes.io/arch",
                             "beta.kubernetes.io/os",
                             "beta.kubernetes.io/instance-type",
                             "node.kubernetes.io/instance-type",
                             "failure-domain.beta.kubernetes.io/region",
                             "failure-domain.beta.kubernetes.io/zone",
                             "topology.kubernetes.io/region",
                             "topology.kubernetes.io/zone"};
    const auto domain = label.substr(0, label.find('/'));
    const auto within = [&](std::string_view parent) {
        return domain == parent || (domain.ends_with(parent) && domain[domain.size() - parent.size() - 1] == '.');
    };
    if (!label.contains('/') || (!within("kubernetes.io") && !within("k8s.io")))
        return true;
    return std::ranges::find(own, label) != own.end() || within("kubelet.kubernetes.io") ||
           within("node.kubernetes.io");
}

/// The labels that differ and that a node may not set.
std::set<std::string> foreignLabels(const Value& labels, const Value& before)
{
    std::set<std::string> foreign;
    const auto collect = [&](const Value& from, const Value& other) {
        if (!from.is_object())
            return;
        for (const auto& [label, value] : from.get_object()) {
            const auto* const same = other.is_object() ? other.get_object().if_contains(label) : nullptr;
            if (!isNodesOwnLabel(label) && (!same || *same != value))
                foreign.insert(label);
        }
    };
    collect(labels, before);
    collect(before, labels);
    return foreign;
}

class NodeRestriction : public AdmissionStep {
public:
    NodeRestriction(const WatchCache& cache, const Kind& nodes) : m_cache(cache), m_nodes(nodes) {}
    std::string_view name() const override { return "NodeRestriction"; }

    Result<Done> admit(Admission& admission) const override
    {
        const auto node = auth::nodeOf(admission.context.user);
        if (!node)
            return Done{};
        const auto why = isCoreKind(admission.kind, "Pod")    ? ofPod(admission, *node)
                         : isCoreKind(admission.kind, "Node") ? ofNode(admission, *node)
                                                              : ofOthers(admission, *node);
        if (why.empty())
            return Done{};
        return fail(forbiddenObject(admission.kind, admission.key.name, why));
    }

private:
    std::string ofPod(const Admission& admission, const std::string& node) const
    {
        const bool own =
            api::stringAt(admission.before ? *admission.before : *admission.object, {"spec", "nodeName"}) == node;
        if (admission.verb == Verb::Create)
            return ofMirrorPod(*admission.object, node, own);
        if (admission.verb == Verb::Delete)
            return own ? "" : fmt::format("node \"{}\" can only delete pods with spec.nodeName set to itself", node);
        if (admission.subresource != "status")
            return fmt::format("unexpected operation UPDATE, node \"{}\" can only create and delete mirror pods", node);
        if (!own)
            return fmt::format("node \"{}\" can only update pod status for pods with spec.nodeName set to itself",
                               node);
        if (memberOf(admission.object, {"metadata", "labels"}) != memberOf(admission.before, {"metadata", "labels"}))
            return fmt::format("node \"{}\" cannot update labels through pod status", node);
        if (memberOf(admission.object, {"status", "resourceClaimStatuses"}) !=
            memberOf(admission.before, {"status", "resourceClaimStatuses"}))
            return fmt::format("node \"{}\" cannot update resource claim statuses", node);
        return {};
    }

    /// A mirror pod shows what a node runs by itself: it must need nothing of the cluster.
    std::string ofMirrorPod(const Value& pod, const std::string& node, bool own) const
    {
        constexpr std::string_view mirror = "kubernetes.io/config.mirror";
        if (!api::find(pod, {"metadata", "annotations", mirror}))
            return fmt::format("pod does not have \"{}\" annotation, node \"{}\" can only create mirror pods", mirror,
                               node);
        if (!own)
            return fmt::format("node \"{}\" can only create pods with spec.nodeName set to itself", node);
        const auto& owners = memberOf(&pod, {"metadata", "ownerReferences"});
        const auto present = m_cache.find(m_nodes, {{}, node});
        if (!present || !owners.is_array() || owners.get_array().size() != 1 ||
            api::stringAt(owners.get_array().front(), {"kind"}) != "Node" ||
            api::stringAt(owners.get_array().front(), {"uid"}) != present->uid)
            return fmt::format("node \"{}\" can only create pods with an owner reference set to itself", node);
        const auto& owner = owners.get_array().front();
        if (!api::boolAt(owner, {"controller"}))
            return fmt::format("node \"{}\" can only create pods with a controller owner reference set to itself",
                               node);
        if (api::boolAt(owner, {"blockOwnerDeletion"}))
            return fmt::format("node \"{}\" must not set blockOwnerDeletion on an owner reference", node);
        if (!api::itemsAt(pod, {"spec", "resourceClaims"}).empty())
            return fmt::format("node \"{}\" can not create pods that reference a resource claim", node);
        const auto typed = api::fromJson<api::Pod>(pod);
        for (const auto& reference : typed ? auth::referencesOf(*typed) : std::set<auth::PodReference>{})
            return fmt::format("node \"{}\" can not create pods that reference a {}", node,
                               auth::wordsFor(reference.kind));
        return {};
    }

    std::string ofNode(const Admission& admission, const std::string& node) const
    {
        if (admission.key.name != node)
            return fmt::format("node \"{}\" is not allowed to modify node \"{}\"", node, admission.key.name);
        if (admission.verb == Verb::Delete)
            return {};
        const auto labels = foreignLabels(memberOf(admission.object, {"metadata", "labels"}),
                                          memberOf(admission.before, {"metadata", "labels"}));
        if (!labels.empty())
            return fmt::format("is not allowed to {}: {}",
                               admission.before ? "modify labels" : "set the following labels", fmt::join(labels, ","));
        if (!admission.before)
            return {};
        if (memberOf(admission.object, {"metadata", "ownerReferences"}) !=
            memberOf(admission.before, {"metadata", "ownerReferences"}))
            return fmt::format("node \"{}\" is not allowed to modify ownerReferences", node);
        if (memberOf(admission.object, {"spec", "taints"}) != memberOf(admission.before, {"spec", "taints"}))
            return fmt::format("node \"{}\" is not allowed to modify taints", node);
        return {};
    }

    /// Of a claim a node tells how far the growth of its volume has come, and no more.
    static std::string ofClaimStatus(const Admission& admission, const std::string& node)
    {
        const auto rest = [](const Value& claim) {
            api::Object status;
            if (const auto* const given = api::find(claim, {"status"}); given && given->is_object())
                status = given->get_object();
            for (const auto* const own : {"capacity", "conditions", "allocatedResources", "allocatedResourceStatuses"})
                status.erase(own);
            return status;
        };
        if (admission.verb != Verb::Update || admission.subresource != "status")
            return "may only update PVC status";
        if (rest(*admission.object) != rest(*admission.before))
            return fmt::format("node \"{}\" is not allowed to update fields other than status.capacity and "
                               "status.conditions",
                               node);
        return {};
    }

    static std::string ofOthers(const Admission& admission, const std::string& node)
    {
        if (isCoreKind(admission.kind, "PersistentVolumeClaim"))
            return ofClaimStatus(admission, node);
        if (admission.kind.kind == "Lease" && admission.key.name != node)
            return "can only access node lease with the same name as the requesting node";
        if (admission.kind.kind == "CSINode" && admission.key.name != node)
            return "can only access CSINode with the same name as the requesting node";
        if (admission.kind.kind != "CertificateSigningRequest" || admission.verb != Verb::Create)
            return {};
        const auto signer = api::stringAt(*admission.object, {"spec", "signerName"});
        if (signer != auth::nodeClientSigner && signer != auth::nodeServingSigner)
            return {};
        const auto request = api::decodeBase64(api::stringAt(*admission.object, {"spec", "request"}));
        const auto facts = auth::certificateRequestFacts(request.value_or(""));
        if (facts && facts->commonName == "system:node:" + node)
            return {};
        return fmt::format("can only create a node CSR with CN=system:node:{}", node);
    }

    const WatchCache& m_cache;
    const Kind& m_nodes;
};

} // namespace

std::unique_ptr<AdmissionStep> grantLimit(const auth::RbacAuthorizer& roles)
{
    return std::make_unique<GrantLimit>(roles);
}

std::unique_ptr<AdmissionStep> nodeRestriction(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<NodeRestriction>(cache, *catalog.find({"", "v1"}, "Node"));
}

} // namespace keelson::registry
