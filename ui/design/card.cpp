// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace keelson::design {

namespace {

using document::operator/;

/// Which of the cards before belongs to each source: first those whose text is the same, then what stands between the
/// same neighbours, in order.
std::vector<Card*> matched(const std::vector<Card*>& before, const std::vector<Source>& now)
{
    std::vector<Card*> found(now.size(), nullptr);
    std::vector<bool> taken(before.size(), false);
    std::map<std::uint64_t, std::size_t> byRevision;
    for (std::size_t i = 0; i < before.size(); ++i)
        byRevision.emplace(before[i]->revision, i);
    for (std::size_t i = 0; i < now.size(); ++i)
        if (const auto same = byRevision.find(now[i].revision); same != byRevision.end() && !taken[same->second]) {
            found[i] = before[same->second];
            taken[same->second] = true;
        }
    std::size_t next = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (found[i]) {
            next = static_cast<std::size_t>(std::ranges::find(before, found[i]) - before.begin()) + 1;
            continue;
        }
        if (next < before.size() && !taken[next]) {
            found[i] = before[next];
            taken[next++] = true;
        }
    }
    return found;
}

std::string countOf(std::size_t count, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string portsOf(const Card& card)
{
    std::string shown;
    const auto* ports = api::find(card.value, {"spec", "ports"});
    if (!ports || !ports->is_array())
        return "no ports";
    for (const auto& port : ports->get_array()) {
        const auto own = api::integerAt(port, {"port"});
        const auto* target = api::find(port, {"targetPort"});
        const auto to = !target               ? std::string()
                        : target->is_string() ? std::string(target->get_string())
                                              : fmt::format("{}", api::integerAt(port, {"targetPort"}));
        shown += shown.empty() ? "" : ", ";
        shown += to.empty() || to == fmt::format("{}", own) ? fmt::format("{}", own) : fmt::format("{} → {}", own, to);
    }
    return shown;
}

std::string workloadSummary(const Card& card)
{
    const auto containers = containersOf(card);
    if (containers.empty())
        return "no container";
    const std::string image(api::stringAt(*containers.front().value, {"image"}));
    auto shown = image.empty() ? std::string("no image") : image.substr(image.rfind('/') + 1);
    if (containers.size() > 1)
        shown += fmt::format(" +{}", containers.size() - 1);
    const bool isScaled = card.object.kind != "DaemonSet" && card.object.kind != "Pod" &&
                          card.object.kind != "CronJob" && card.object.kind != "Job";
    if (card.object.kind == "CronJob")
        return fmt::format("{} · {}", api::stringAt(card.value, {"spec", "schedule"}), shown);
    return isScaled ? fmt::format("{} × {}", api::integerAt(card.value, {"spec", "replicas"}, 1), shown) : shown;
}

std::string ingressSummary(const Card& card)
{
    const auto* rules = api::find(card.value, {"spec", "rules"});
    if (!rules || !rules->is_array() || rules->get_array().empty())
        return "no rule";
    const auto host = api::stringAt(rules->get_array().front(), {"host"});
    const auto more = rules->get_array().size() - 1;
    return (host.empty() ? std::string("any host") : std::string(host)) + (more > 0 ? fmt::format(" +{}", more) : "");
}

std::string amountsOf(const Card& card)
{
    std::size_t keys = 0;
    for (const auto* part : {"data", "stringData", "binaryData"})
        if (const auto* members = api::find(card.value, {part}); members && members->is_object())
            keys += members->get_object().size();
    return countOf(keys, "key", "keys");
}

std::size_t lengthAt(const Card& card, std::string_view member)
{
    const auto* list = api::find(card.value, {member});
    return list && list->is_array() ? list->get_array().size() : 0;
}

} // namespace

bool CardList::update(const std::vector<Source>& sources, const document::Kinds& kinds,
                      const std::string& defaultNameSpace)
{
    std::map<std::uint64_t, std::vector<Card*>> before;
    for (auto& card : m_cards)
        before[card.manifest].push_back(&card);
    std::map<std::uint64_t, std::vector<Source>> now;
    std::vector<std::uint64_t> order;
    for (const auto& source : sources) {
        if (!now.contains(source.manifest))
            order.push_back(source.manifest);
        now[source.manifest].push_back(source);
    }
    bool isChanged = sources.size() != m_cards.size() || defaultNameSpace != m_nameSpace;
    std::vector<Card> cards;
    for (const auto manifest : order) {
        const auto known = matched(before[manifest], now[manifest]);
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto& source = now[manifest][i];
            Card card = known[i] ? std::move(*known[i]) : Card{.id = ++m_lastId, .manifest = manifest};
            isChanged |= known[i] == nullptr || card.document != source.document;
            card.document = source.document;
            if (card.revision != source.revision && source.tree) {
                card = read(std::move(card), source, kinds, defaultNameSpace);
                isChanged = true;
            }
            cards.push_back(std::move(card));
        }
    }
    m_cards = std::move(cards);
    m_nameSpace = defaultNameSpace;
    return isChanged;
}

Card CardList::read(Card card, const Source& source, const document::Kinds& kinds, const std::string& nameSpace) const
{
    card.revision = source.revision;
    if (const auto& error = source.tree->error()) {
        card.problem = fmt::format("line {}: {}", error->line + 1, error->message);
        return card;
    }
    auto value = api::parseYaml(source.text);
    if (!value) {
        card.problem = value.error().message;
        return card;
    }
    card.problem.clear();
    card.value = *std::move(value);
    card.apiVersion = api::stringAt(card.value, {"apiVersion"});
    card.object.kind = api::stringAt(card.value, {"kind"});
    card.object.name = api::stringAt(card.value, {"metadata", "name"});
    const auto* kind = kinds.find(card.apiVersion, card.object.kind);
    card.namespaced =
        kind ? kind->namespaced : card.object.kind != "Namespace" && !card.object.kind.starts_with("Cluster");
    const auto said = api::stringAt(card.value, {"metadata", "namespace"});
    card.object.nameSpace = !card.namespaced ? std::string() : said.empty() ? nameSpace : std::string(said);
    if (!source.tree->isExact())
        card.problem = "the places of its values cannot be told for certain: edit the text";
    return card;
}

void CardList::readAgain()
{
    for (auto& card : m_cards)
        card.revision = 0; // no text has it
}

const Card* CardList::find(CardId id) const
{
    const auto found = std::ranges::find(m_cards, id, &Card::id);
    return found == m_cards.end() ? nullptr : &*found;
}

document::Path podSpecPathOf(const Card& card)
{
    document::Path path;
    for (const auto& name : manifests::podSpecPath(card.object.kind))
        path.emplace_back(name);
    return path;
}

bool isWorkload(const Card& card)
{
    return !manifests::podSpecPath(card.object.kind).empty();
}

std::vector<ContainerPlace> containersOf(const Card& card)
{
    std::vector<ContainerPlace> all;
    const auto* spec = manifests::podSpecOf(card.object.kind, card.value);
    if (!spec)
        return all;
    for (const auto* part : {"containers", "initContainers"})
        if (const auto* list = api::find(*spec, {part}); list && list->is_array())
            for (std::size_t i = 0; i < list->get_array().size(); ++i) {
                const auto& value = list->get_array()[i];
                all.push_back({podSpecPathOf(card) / part / i, &value, std::string(api::stringAt(value, {"name"}))});
            }
    return all;
}

std::string summaryOf(const Card& card)
{
    const auto& kind = card.object.kind;
    if (isWorkload(card))
        return workloadSummary(card);
    if (kind == "Service")
        return portsOf(card);
    if (kind == "Ingress")
        return ingressSummary(card);
    if (kind == "ConfigMap" || kind == "Secret")
        return amountsOf(card);
    if (kind == "PersistentVolumeClaim") {
        const auto size = api::stringAt(card.value, {"spec", "resources", "requests", "storage"});
        return size.empty() ? "no size" : std::string(size);
    }
    if (kind == "HorizontalPodAutoscaler")
        return fmt::format("{} to {} pods", api::integerAt(card.value, {"spec", "minReplicas"}, 1),
                           api::integerAt(card.value, {"spec", "maxReplicas"}));
    if (kind == "Role" || kind == "ClusterRole")
        return countOf(lengthAt(card, "rules"), "rule", "rules");
    if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
        return fmt::format("{} · {}", api::stringAt(card.value, {"roleRef", "name"}),
                           countOf(lengthAt(card, "subjects"), "subject", "subjects"));
    return {};
}

} // namespace keelson::design
