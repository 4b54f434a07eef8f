// SPDX-License-Identifier: Apache-2.0
#include "node/registration.h"

#include "api/name_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::node {
namespace {

/// Source: Kubernetes, "Well-Known Labels" and kubelet's reference, --node-labels.
constexpr std::array<std::string_view, 12> labelsOfKubelet{
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/windows-build",
};
constexpr std::array<std::string_view, 2> domainsOfKubelet{"kubelet.kubernetes.io", "node.kubernetes.io"};
constexpr std::array<std::string_view, 3> effects{"NoSchedule", "PreferNoSchedule", "NoExecute"};

std::vector<std::string> partsOf(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        parts.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

bool isWithin(std::string_view name, std::string_view domain)
{
    return name == domain || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

/// Whether kubelet may give its own node the label.
bool mayLabel(std::string_view key)
{
    const auto domain = key.substr(0, std::min(key.find('/'), key.size()));
    if (domain == key || (!isWithin(domain, "kubernetes.io") && !isWithin(domain, "k8s.io")))
        return true;
    return std::ranges::find(labelsOfKubelet, key) != labelsOfKubelet.end() ||
           std::ranges::any_of(domainsOfKubelet, [&](std::string_view each) { return isWithin(domain, each); });
}

/// KEY[=VALUE], as labels and taints have it.
Result<std::pair<std::string, std::string>> parsePair(std::string_view text)
{
    const auto equals = std::min(text.find('='), text.size());
    std::pair<std::string, std::string> pair(text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
    if (const auto wrong = api::wrongQualifiedName(pair.first); !wrong.empty())
        return fail(Reason::BadRequest, fmt::format("\"{}\" is no key: {}", pair.first, wrong));
    if (const auto wrong = api::wrongLabelValue(pair.second); !wrong.empty())
        return fail(Reason::BadRequest, fmt::format("\"{}\" is no value: {}", pair.second, wrong));
    return pair;
}

} // namespace

Result<std::map<std::string, std::string, std::less<>>> parseNodeLabels(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> labels;
    for (const auto& part : partsOf(text)) {
        if (!part.contains('='))
            return fail(Reason::BadRequest, fmt::format("\"{}\" is not KEY=VALUE", part));
        TRY_ASSIGN(auto pair, parsePair(part));
        if (!mayLabel(pair.first))
            return fail(Reason::BadRequest,
                        fmt::format("\"{}\" is not a node's own to set: of the labels of kubernetes.io and k8s.io only "
                                    "those below kubelet.kubernetes.io and node.kubernetes.io, and the well-known ones "
                                    "of architecture, operating system, host name, instance type, region and zone",
                                    pair.first));
        labels.insert(std::move(pair));
    }
    return labels;
}

Result<std::vector<api::Taint>> parseTaints(std::string_view text)
{
    std::vector<api::Taint> taints;
    if (text == "none")
        return taints;
    for (const auto& part : partsOf(text)) {
        const auto colon = part.rfind(':');
        if (colon == std::string::npos)
            return fail(Reason::BadRequest, fmt::format("\"{}\" is not KEY=VALUE:EFFECT or KEY:EFFECT", part));
        const auto effect = part.substr(colon + 1);
        if (std::ranges::find(effects, effect) == effects.end())
            return fail(Reason::BadRequest,
                        fmt::format("\"{}\" is no effect: NoSchedule, PreferNoSchedule and NoExecute are", effect));
        TRY_ASSIGN(auto pair, parsePair(std::string_view(part).substr(0, colon)));
        if (std::ranges::any_of(taints,
                                [&](const auto& each) { return each.key == pair.first && each.effect == effect; }))
            return fail(Reason::BadRequest, fmt::format("\"{}\" has the key and the effect of another taint", part));
        taints.push_back({.key = std::move(pair.first), .value = std::move(pair.second), .effect = effect});
    }
    return taints;
}

api::Taint controlPlaneTaint()
{
    return {.key = std::string(controlPlaneRole), .effect = "NoSchedule"};
}

} // namespace keelson::node
