// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/connect_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace keelson::design {

namespace {

using document::operator/;
using document::Path;
using document::SetValue;

constexpr std::size_t keysMax = 8; ///< Keys that are offered one by one.
constexpr std::size_t labelBytesMax = 63;

std::size_t sizeOf(const api::Value& value, std::string_view list)
{
    const auto* found = api::find(value, {list});
    return found && found->is_array() ? found->get_array().size() : 0;
}

/// An edit that adds to a list, which may be missing.
document::Edit appended(const Path& list, std::size_t size, api::Value item)
{
    if (size == 0)
        return SetValue{list, api::Array{std::move(item)}};
    return SetValue{list / size, std::move(item)};
}

std::vector<std::string> keysOf(const Card& card)
{
    std::vector<std::string> keys;
    for (const auto* part : {"data", "stringData", "binaryData"})
        if (const auto* members = api::find(card.value, {part}); members && members->is_object())
            for (const auto& member : members->get_object())
                keys.emplace_back(member.key());
    return keys;
}

/// "LOG_LEVEL" from "log.level".
std::string variableOf(std::string_view key)
{
    std::string name;
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        name += std::isalnum(byte) ? static_cast<char>(std::toupper(byte)) : '_';
    }
    return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) ? "_" + name : name;
}

/// A name of that kind that is not among those taken: "data", "data-2".
std::string fresh(std::string wanted, const std::set<std::string>& taken)
{
    std::ranges::replace(wanted, '.', '-'); // names of volumes are labels of DNS
    wanted = wanted.substr(0, labelBytesMax - 4);
    auto name = wanted;
    for (int i = 2; taken.contains(name); ++i)
        name = fmt::format("{}-{}", wanted, i);
    return name;
}

class PodRules {
public:
    PodRules(const Card& workload, const Card& used)
        : m_workload(workload),
          m_used(used),
          m_spec(manifests::podSpecOf(workload.object.kind, workload.value)),
          m_containers(containersOf(workload))
    {
    }

    std::vector<PodOffer> offers()
    {
        const auto& kind = m_used.object.kind;
        if (!m_spec || m_containers.empty())
            return {};
        if (kind == "ConfigMap" || kind == "Secret") {
            const auto type = api::stringAt(m_used.value, {"type"});
            if (type == "kubernetes.io/dockerconfigjson")
                pullSecret();
            for (const auto& container : m_containers) {
                environment(container);
                mount(container, "/etc/" + m_used.object.name, "Files in");
            }
            for (const auto& container : m_containers)
                variables(container);
        }
        if (kind == "PersistentVolumeClaim")
            for (const auto& container : m_containers)
                mount(container, "/data", "Mount at");
        return std::move(m_offers);
    }

private:
    bool isConfig() const { return m_used.object.kind == "ConfigMap"; }
    std::string of(const ContainerPlace& container) const
    {
        return m_containers.size() > 1 ? " of " + container.name : std::string();
    }

    void environment(const ContainerPlace& container)
    {
        const auto* member = isConfig() ? "configMapRef" : "secretRef";
        const auto* list = api::find(*container.value, {"envFrom"});
        for (std::size_t i = 0; i < sizeOf(*container.value, "envFrom"); ++i)
            if (api::stringAt(list->get_array()[i], {member, "name"}) == m_used.object.name)
                return;
        const api::Value item = api::Object{{member, api::Object{{"name", m_used.object.name}}}};
        m_offers.push_back({"All keys as environment" + of(container),
                            {appended(container.path / "envFrom", sizeOf(*container.value, "envFrom"), item)}});
    }

    void variables(const ContainerPlace& container)
    {
        const auto keys = keysOf(m_used);
        std::set<std::string> taken;
        if (const auto* list = api::find(*container.value, {"env"}); list && list->is_array())
            for (const auto& variable : list->get_array())
                taken.emplace(api::stringAt(variable, {"name"}));
        for (const auto& key :
             std::vector(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(std::min(keysMax, keys.size())))) {
            const auto name = variableOf(key);
            if (taken.contains(name))
                continue;
            const api::Value item =
                api::Object{{"name", name},
                            {"valueFrom", api::Object{{isConfig() ? "configMapKeyRef" : "secretKeyRef",
                                                       api::Object{{"name", m_used.object.name}, {"key", key}}}}}};
            m_offers.push_back({fmt::format("Variable {} from {}{}", name, key, of(container)),
                                {appended(container.path / "env", sizeOf(*container.value, "env"), item)}});
        }
    }

    /// The name of the volume that is made from the used object already.
    std::string volume(std::set<std::string>& taken) const
    {
        std::string own;
        const auto* list = api::find(*m_spec, {"volumes"});
        for (std::size_t i = 0; i < sizeOf(*m_spec, "volumes"); ++i) {
            const auto& each = list->get_array()[i];
            const std::string name(api::stringAt(each, {"name"}));
            taken.insert(name);
            const auto source = isConfig() ? api::stringAt(each, {"configMap", "name"})
                                : m_used.object.kind == "Secret"
                                    ? api::stringAt(each, {"secret", "secretName"})
                                    : api::stringAt(each, {"persistentVolumeClaim", "claimName"});
            if (source == m_used.object.name)
                own = name;
        }
        return own;
    }

    api::Value source(const std::string& name) const
    {
        api::Object volume{{"name", name}};
        if (isConfig())
            volume["configMap"] = api::Object{{"name", m_used.object.name}};
        else if (m_used.object.kind == "Secret")
            volume["secret"] = api::Object{{"secretName", m_used.object.name}};
        else
            volume["persistentVolumeClaim"] = api::Object{{"claimName", m_used.object.name}};
        return volume;
    }

    void mount(const ContainerPlace& container, const std::string& wanted, std::string_view words)
    {
        std::set<std::string> names, paths;
        auto name = volume(names);
        const auto* mounts = api::find(*container.value, {"volumeMounts"});
        const auto count = sizeOf(*container.value, "volumeMounts");
        for (std::size_t i = 0; i < count; ++i) {
            const auto& each = mounts->get_array()[i];
            paths.emplace(api::stringAt(each, {"mountPath"}));
            if (!name.empty() && api::stringAt(each, {"name"}) == name)
                return; // it is mounted here already
        }
        auto path = wanted;
        for (int i = 2; paths.contains(path); ++i)
            path = fmt::format("{}-{}", wanted, i);
        PodOffer made{fmt::format("{} {}{}", words, path, of(container)), {}};
        if (name.empty()) {
            name = fresh(m_used.object.name, names);
            made.edits.push_back(
                appended(podSpecPathOf(m_workload) / "volumes", sizeOf(*m_spec, "volumes"), source(name)));
        }
        api::Object item{{"name", name}, {"mountPath", path}};
        if (m_used.object.kind != "PersistentVolumeClaim")
            item["readOnly"] = true;
        made.edits.push_back(appended(container.path / "volumeMounts", count, std::move(item)));
        m_offers.push_back(std::move(made));
    }

    void pullSecret()
    {
        const auto* list = api::find(*m_spec, {"imagePullSecrets"});
        for (std::size_t i = 0; i < sizeOf(*m_spec, "imagePullSecrets"); ++i)
            if (api::stringAt(list->get_array()[i], {"name"}) == m_used.object.name)
                return;
        m_offers.push_back(
            {"Pull images with it",
             {appended(podSpecPathOf(m_workload) / "imagePullSecrets", sizeOf(*m_spec, "imagePullSecrets"),
                       api::Object{{"name", m_used.object.name}})}});
    }

    const Card& m_workload;
    const Card& m_used;
    const api::Value* m_spec;
    std::vector<ContainerPlace> m_containers;
    std::vector<PodOffer> m_offers;
};

} // namespace

std::vector<PodOffer> podOffers(const Card& workload, const Card& used)
{
    return PodRules(workload, used).offers();
}

} // namespace keelson::design
