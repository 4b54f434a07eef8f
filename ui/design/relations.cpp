// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/relations.h"

#include "manifests/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <ranges>
#include <set>
#include <tuple>

namespace keelson::design {

namespace {

using document::operator/;
using document::Path;

bool contains(const Path& path, std::string_view name)
{
    return std::ranges::any_of(path, [name](const document::Step& step) {
        const auto* word = std::get_if<std::string>(&step);
        return word && *word == name;
    });
}

const api::Value* at(const api::Value& value, const Path& path)
{
    const auto* found = &value;
    for (const auto& step : path) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            found = api::find(*found, {*name});
        } else {
            const auto index = std::get<std::size_t>(step);
            found = found->is_array() && index < found->get_array().size() ? &found->get_array()[index] : nullptr;
        }
        if (!found)
            return nullptr;
    }
    return found;
}

RelationKind kindOf(const Card& from, const manifests::Reference& reference)
{
    if (reference.target.kind == "Namespace")
        return RelationKind::Within;
    if (from.object.kind == "Ingress" && reference.target.kind == "Service")
        return RelationKind::Routes;
    if (from.object.kind == "HorizontalPodAutoscaler")
        return RelationKind::Scales;
    if (from.object.kind == "RoleBinding" || from.object.kind == "ClusterRoleBinding")
        return RelationKind::Binds;
    return RelationKind::Uses;
}

/// The path where a volume is mounted first; "volume" when it is not.
std::string mountOf(const Card& card, const Path& place)
{
    const Path volume(place.begin(), std::ranges::find(place, document::Step(std::string("volumes"))) + 2);
    const auto* value = at(card.value, volume);
    const auto name = value ? api::stringAt(*value, {"name"}) : std::string_view();
    for (const auto& container : containersOf(card))
        if (const auto* mounts = api::find(*container.value, {"volumeMounts"}); mounts && mounts->is_array())
            for (const auto& mount : mounts->get_array())
                if (api::stringAt(mount, {"name"}) == name)
                    return std::string(api::stringAt(mount, {"mountPath"}));
    return "volume";
}

std::string labelOf(const Card& from, const manifests::Reference& reference)
{
    const auto& path = reference.path;
    if (contains(path, "volumes"))
        return mountOf(from, path);
    if (contains(path, "envFrom") || contains(path, "env"))
        return "env";
    if (contains(path, "imagePullSecrets"))
        return "pulls images";
    if (contains(path, "tls"))
        return "TLS";
    if (contains(path, "subjects"))
        return "to";
    if (contains(path, "serviceName"))
        return "names pods";
    if (contains(path, "paths")) {
        const Path entry(path.begin(), path.end() - 3); // paths[0].backend.service.name
        const auto* value = at(from.value, entry);
        return value ? std::string(api::stringAt(*value, {"path"})) : std::string();
    }
    return {};
}

/// "80 → http": each port with where it leads.
std::string portsLabel(const Card& service)
{
    const auto words = summaryOf(service);
    return words == "no ports" ? std::string() : words;
}

/// A selector of a card: whom it means, where it stands, and what it is for.
struct Selector {
    api::LabelSelector means;
    Path place;
    std::string label;
};

void addSelector(std::vector<Selector>& all, const Card& card, const Path& place, std::string label)
{
    const auto* value = at(card.value, place);
    if (!value || !value->is_object())
        return;
    if (auto means = api::LabelSelector::fromObject(*value))
        all.push_back({*std::move(means), place, std::move(label)});
}

void addPeers(std::vector<Selector>& all, const Card& card, const char* direction, const char* peers)
{
    const auto list = Path{"spec"} / direction;
    const auto* rules = at(card.value, list);
    for (std::size_t i = 0; rules && rules->is_array() && i < rules->get_array().size(); ++i) {
        const auto* from = api::find(rules->get_array()[i], {peers});
        for (std::size_t j = 0; from && from->is_array() && j < from->get_array().size(); ++j)
            if (!api::find(from->get_array()[j], {"namespaceSelector"}))
                addSelector(all, card, list / i / peers / j / "podSelector", peers);
    }
}

std::vector<Selector> selectorsOf(const Card& card)
{
    std::vector<Selector> all;
    const auto& kind = card.object.kind;
    if (kind == "Service") {
        if (const auto labels = manifests::labelsAt(card.value, {"spec", "selector"}); !labels.empty())
            all.push_back({api::LabelSelector::fromLabels(labels), Path{"spec", "selector"}, portsLabel(card)});
    } else if (kind == "PodDisruptionBudget") {
        addSelector(all, card, Path{"spec", "selector"}, "keeps running");
    } else if (kind == "NetworkPolicy") {
        addSelector(all, card, Path{"spec", "podSelector"}, "guards");
        addPeers(all, card, "ingress", "from");
        addPeers(all, card, "egress", "to");
    }
    return all;
}

class Collector {
public:
    explicit Collector(const std::vector<Card>& cards) : m_cards(cards)
    {
        for (std::size_t i = 0; i < cards.size(); ++i)
            m_byName.emplace(cards[i].object, i);
    }

    void references(std::size_t from)
    {
        const auto& card = m_cards[from];
        for (const auto& reference : manifests::referencesOf(card.object.kind, card.value, card.object.nameSpace))
            if (const auto to = m_byName.find(reference.target); to != m_byName.end() && to->second != from)
                add({from, to->second, kindOf(card, reference), labelOf(card, reference), {reference.path}});
    }

    void selectors(std::size_t from)
    {
        for (const auto& selector : selectorsOf(m_cards[from]))
            for (std::size_t to = 0; to < m_cards.size(); ++to)
                if (isWorkload(m_cards[to]) && m_cards[to].object.nameSpace == m_cards[from].object.nameSpace &&
                    selector.means.matches(podLabels(to)))
                    add({from, to, RelationKind::Selects, selector.label, {selector.place}});
    }

    std::vector<Relation> take() { return std::move(m_relations); }

private:
    void add(Relation relation)
    {
        const std::tuple key(relation.from, relation.to, relation.kind);
        const auto [known, isNew] = m_known.emplace(key, m_relations.size());
        if (isNew) {
            m_relations.push_back(std::move(relation));
            return;
        }
        auto& there = m_relations[known->second];
        there.places.push_back(relation.places.front());
        if (!relation.label.empty() && !there.label.contains(relation.label))
            there.label += (there.label.empty() ? "" : ", ") + relation.label;
    }

    const api::Labels& podLabels(std::size_t card)
    {
        if (m_podLabels.empty())
            for (const auto& each : m_cards)
                m_podLabels.push_back(manifests::podLabelsOf(each.object.kind, each.value));
        return m_podLabels[card];
    }

    const std::vector<Card>& m_cards;
    std::map<manifests::ObjectName, std::size_t> m_byName;
    std::map<std::tuple<std::size_t, std::size_t, RelationKind>, std::size_t> m_known;
    std::vector<api::Labels> m_podLabels;
    std::vector<Relation> m_relations;
};

/// Takes the items out, and the lists that have none left; a rule goes with the last path of an Ingress, and with the
/// last peer of a network policy: without one it would let everybody in.
void removeItems(const Card& card, std::vector<Path> items, std::vector<document::Edit>& edits)
{
    std::map<Path, std::set<std::size_t>, std::greater<>> byList;
    for (const auto& item : items)
        byList[Path(item.begin(), item.end() - 1)].insert(std::get<std::size_t>(item.back()));
    std::vector<Path> rules;
    for (const auto& [list, indexes] : byList) {
        const auto* value = at(card.value, list);
        const bool isEmptied = value && value->is_array() && value->get_array().size() <= indexes.size();
        const auto* name = std::get_if<std::string>(&list.back());
        if (isEmptied && name && *name == "paths")
            rules.emplace_back(list.begin(), list.end() - 2); // rules[0].http.paths
        else if (isEmptied && name && (*name == "from" || *name == "to"))
            rules.emplace_back(list.begin(), list.end() - 1); // ingress[0].from
        else if (isEmptied)
            edits.emplace_back(document::RemoveKey{list});
        else
            for (const auto index : indexes | std::views::reverse) // what is behind does not move
                edits.emplace_back(document::RemoveItem{list / index});
    }
    if (!rules.empty())
        removeItems(card, std::move(rules), edits);
}

/// A policy without types guards what leaves its pods as long as there are rules for it: the last one that goes must
/// not open the way to everywhere.
void keepGuarding(const Card& policy, std::vector<document::Edit>& edits)
{
    const auto* types = api::find(policy.value, {"spec", "policyTypes"});
    const Path egress{"spec", "egress"};
    const bool isOpened = std::ranges::any_of(edits, [&](const document::Edit& edit) {
        const auto* removed = std::get_if<document::RemoveKey>(&edit);
        return removed && removed->path == egress;
    });
    if (isOpened && !(types && types->is_array() && !types->get_array().empty()))
        edits.emplace_back(document::SetValue{Path{"spec", "policyTypes"}, api::Array{"Ingress", "Egress"}});
}

/// The volume and where it is mounted.
void addVolume(const Card& card, const Path& volume, std::vector<Path>& items)
{
    const auto* value = at(card.value, volume);
    const auto name = value ? api::stringAt(*value, {"name"}) : std::string_view();
    for (const auto& container : containersOf(card))
        if (const auto* mounts = api::find(*container.value, {"volumeMounts"}); mounts && mounts->is_array())
            for (std::size_t i = 0; i < mounts->get_array().size(); ++i)
                if (api::stringAt(mounts->get_array()[i], {"name"}) == name)
                    items.push_back(container.path / "volumeMounts" / i);
    items.push_back(volume);
}

/// The first `steps` behind the step of that name.
Path upTo(const Path& path, std::string_view name, std::size_t steps)
{
    const auto found = std::ranges::find(path, document::Step(std::string(name)));
    return {path.begin(), found + 1 + static_cast<std::ptrdiff_t>(steps)};
}

std::string refusal(const Card& from, const Path& place)
{
    if (contains(place, "scaleTargetRef"))
        return "an autoscaler needs a workload: connect it to another, or delete it";
    if (contains(place, "roleRef"))
        return "a binding needs a role: connect it to another, or delete it";
    if (contains(place, "podSelector") && place.size() == 2)
        return "a network policy without a selector would guard every pod of the namespace: connect it to another "
               "workload, or delete it";
    if (from.object.kind == "PodDisruptionBudget")
        return "a disruption budget without a selector would mean every pod of the namespace: connect it to another "
               "workload, or delete it";
    if (from.object.kind == "StatefulSet" && contains(place, "serviceName"))
        return "a StatefulSet names its Service for good: change serviceName in the text";
    return {};
}

} // namespace

std::vector<Relation> relationsOf(const std::vector<Card>& cards)
{
    Collector collector(cards);
    for (std::size_t i = 0; i < cards.size(); ++i) {
        collector.references(i);
        collector.selectors(i);
    }
    return collector.take();
}

Result<std::vector<document::Edit>> withoutRelation(const Card& from, const Relation& relation)
{
    std::vector<document::Edit> edits;
    std::vector<Path> items;
    for (const auto& place : relation.places) {
        if (const auto why = refusal(from, place); !why.empty())
            return fail(Reason::Invalid, why);
        constexpr std::array lists{"sources", "env", "envFrom", "imagePullSecrets", "subjects", "tls", "paths"};
        const auto list = std::ranges::find_if(lists, [&](const char* name) { return contains(place, name); });
        if (list != lists.end())
            items.push_back(upTo(place, *list, 1));
        else if (contains(place, "volumes"))
            addVolume(from, upTo(place, "volumes", 1), items);
        else if (place.size() > 2 && contains(place, "podSelector"))
            items.emplace_back(place.begin(), place.end() - 1);
        else
            edits.emplace_back(
                document::RemoveKey{contains(place, "defaultBackend") ? upTo(place, "defaultBackend", 0) : place});
    }
    removeItems(from, std::move(items), edits);
    if (from.object.kind == "NetworkPolicy")
        keepGuarding(from, edits);
    return edits;
}

} // namespace keelson::design
