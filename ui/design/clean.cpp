// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/clean.h"

#include "api/schema.h"
#include "api/validation.h"
#include "document/kinds.h"
#include "manifests/live_object.h"
#include "manifests/surroundings.h"

#include <algorithm>
#include <array>

namespace keelson::design {

namespace {

using api::Value;

void erase(Value& value, std::initializer_list<std::string_view> holder,
           std::initializer_list<std::string_view> members)
{
    if (auto* found = api::find(value, holder); found && found->is_object())
        for (const auto member : members)
            found->get_object().stable_erase(member);
}

/// What the server, or a controller, chose for this one object, and another cluster would choose anew.
void eraseChosen(Value& object)
{
    const auto kind = api::stringAt(object, {"kind"});
    if (kind == "Service") {
        if (api::stringAt(object, {"spec", "clusterIP"}) != "None")
            erase(object, {"spec"}, {"clusterIP", "clusterIPs"});
        erase(object, {"spec"}, {"clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"});
        if (auto* ports = api::find(object, {"spec", "ports"}); ports && ports->is_array())
            for (auto& port : ports->get_array()) {
                if (!port.is_object())
                    continue;
                port.get_object().stable_erase("nodePort");
                const auto* own = api::find(port, {"port"});
                if (const auto* target = api::find(port, {"targetPort"}); own && target && *own == *target)
                    port.get_object().stable_erase("targetPort");
            }
    }
    if (kind == "PersistentVolumeClaim")
        erase(object, {"spec"}, {"volumeName", "volumeMode"});
    if (kind == "Job") {
        erase(object, {"spec"}, {"selector"});
        erase(object, {"spec", "template", "metadata", "labels"},
              {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"});
    }
    if (kind == "Namespace") {
        erase(object, {}, {"spec"});
        erase(object, {"metadata", "labels"}, {"kubernetes.io/metadata.name"});
    }
    if (kind == "ServiceAccount")
        erase(object, {}, {"secrets"});
    erase(object, {"metadata"}, {"finalizers", "ownerReferences", "generateName", "selfLink"});
    erase(object, {"spec", "template", "metadata"}, {"creationTimestamp"});
}

std::size_t sizeOf(const Value& value)
{
    return value.is_object() ? value.get_object().size() : value.is_array() ? value.get_array().size() : 0;
}

/// Takes out what a server would fill in again: a member is left out when the object without it, with all defaults, is
/// the object with all defaults.
class DefaultsEraser {
public:
    DefaultsEraser(const api::Kind& kind, Value& object) : m_kind(kind), m_object(object), m_whole(whole(object)) {}

    void erase()
    {
        for (const auto* part : {"spec", "type", "data", "rules", "roleRef", "subjects"})
            if (auto* value = api::find(m_object, {part}))
                walk(*value);
    }

private:
    Value whole(Value object) const
    {
        api::applyDefaults(m_kind, object);
        api::normalize(m_kind, object);
        return object;
    }

    void walk(Value& value)
    {
        if (auto* list = value.if_array())
            for (auto& item : *list)
                walk(item);
        auto* object = value.if_object();
        if (!object)
            return;
        std::vector<std::string> names;
        for (const auto& member : *object)
            names.emplace_back(member.key());
        for (const auto& name : names) {
            walk((*object)[name]);
            tryWithout(*object, name);
        }
    }

    void tryWithout(api::Object& object, const std::string& name)
    {
        const auto kept = object; // with its order
        object.stable_erase(name);
        if (whole(m_object) != m_whole)
            object = kept;
    }

    const api::Kind& m_kind;
    Value& m_object;
    const Value m_whole;
};

/// Parts that hold nothing any more.
void eraseEmpty(Value& value, int depth)
{
    auto* object = value.if_object();
    if (!object || depth == 0)
        return;
    std::vector<std::string> empty;
    for (auto& member : *object) {
        eraseEmpty(member.value(), depth - 1);
        if (member.value().is_object() && sizeOf(member.value()) == 0)
            empty.emplace_back(member.key());
    }
    for (const auto& name : empty)
        if (name == "labels" || name == "annotations" || name == "metadata")
            object->stable_erase(name);
}

} // namespace

Value cleaned(const Value& live)
{
    auto object = manifests::comparable(live);
    if (!object.is_object())
        return object;
    eraseChosen(object);
    const auto* kind = document::Kinds().find(api::stringAt(object, {"apiVersion"}), api::stringAt(object, {"kind"}));
    if (kind)
        DefaultsEraser(*kind, object).erase();
    eraseEmpty(object, 6);
    return object;
}

bool isMadeByOthers(const Value& live)
{
    const auto* owners = api::find(live, {"metadata", "ownerReferences"});
    if (owners && owners->is_array() && !owners->get_array().empty())
        return true;
    const auto kind = api::stringAt(live, {"kind"});
    const auto name = api::stringAt(live, {"metadata", "name"});
    const auto type = api::stringAt(live, {"type"});
    return (kind == "ServiceAccount" && name == "default") || (kind == "ConfigMap" && name == "kube-root-ca.crt") ||
           (kind == "Service" && name == "kubernetes" && api::stringAt(live, {"metadata", "namespace"}) == "default") ||
           (kind == "Secret" && type == "kubernetes.io/service-account-token") ||
           (kind == "Namespace" && (name == "default" || name.starts_with("kube-"))) || name.starts_with("system:") ||
           api::stringAt(live, {"metadata", "labels", "kubernetes.io/bootstrapping"}) == "rbac-defaults";
}

} // namespace keelson::design
