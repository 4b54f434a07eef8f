// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/connect.h"

#include "design/connect_pods.h"
#include "design/relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::design {

namespace {

using document::operator/;
using document::Path;
using document::SetValue;

bool isOneOf(std::string_view kind, std::initializer_list<std::string_view> kinds)
{
    return std::ranges::find(kinds, kind) != kinds.end();
}

/// The pod labels that a selector is to use, and the edits that give the workload some when it has none.
api::Object podLabels(const Card& workload, std::vector<document::Edit>& edits)
{
    api::Object labels;
    for (const auto& [key, value] : manifests::labelsAt(workload.value, {"spec", "selector", "matchLabels"}))
        labels[key] = value;
    if (labels.empty())
        for (const auto& [key, value] : manifests::podLabelsOf(workload.object.kind, workload.value))
            labels[key] = value;
    if (labels.empty()) {
        labels["app"] = workload.object.name;
        auto path = podSpecPathOf(workload);
        path.pop_back();
        edits.emplace_back(SetValue{path / "metadata" / "labels", labels});
    }
    return labels;
}

/// All ways from the card that holds the fields to the other.
class Rules {
public:
    Rules(const std::vector<Card>& cards, std::size_t from, std::size_t to)
        : m_from(cards[from]), m_to(cards[to]), m_fromIndex(from), m_toIndex(to)
    {
    }

    std::vector<Offer> offers()
    {
        const auto& from = m_from.object.kind;
        const auto& to = m_to.object.kind;
        const bool isNear = m_from.object.nameSpace == m_to.object.nameSpace;
        if (to == "Namespace")
            within();
        if (isNear && from == "Service" && isWorkload(m_to) && !isOneOf(to, {"Job", "CronJob"}))
            service();
        if (isNear && from == "StatefulSet" && to == "Service")
            set("Its Service (serviceName): gives each pod a name", Path{"spec", "serviceName"}, m_to.object.name);
        if (isNear && from == "PodDisruptionBudget" && isOneOf(to, {"Deployment", "ReplicaSet", "StatefulSet"}))
            selector("Keep its pods running", Path{"spec", "selector"});
        if (isNear && from == "NetworkPolicy" && isWorkload(m_to))
            policy();
        if (isNear && from == "HorizontalPodAutoscaler" && isOneOf(to, {"Deployment", "ReplicaSet", "StatefulSet"}))
            scale();
        if (isNear && from == "Ingress" && to == "Service")
            ingress();
        if (isNear && from == "Ingress" && to == "Secret")
            append("TLS with this certificate", Path{"spec", "tls"}, api::Object{{"secretName", m_to.object.name}});
        if (from == "RoleBinding" || from == "ClusterRoleBinding")
            binding();
        if (isNear && isWorkload(m_from)) {
            add(podOffers(m_from, m_to));
            if (to == "ServiceAccount")
                set("Its pods run as this account", podSpecPathOf(m_from) / "serviceAccountName", m_to.object.name);
        }
        return std::move(m_offers);
    }

private:
    void offer(std::string title, std::vector<document::Edit> edits, std::vector<document::Edit> ofOther = {})
    {
        Offer made{std::move(title),
                   "Connect " + m_from.object.kind + " " + m_from.object.name + " and " + m_to.object.kind + " " +
                       m_to.object.name,
                   {}};
        if (!ofOther.empty())
            made.edits.emplace_back(m_toIndex, std::move(ofOther));
        made.edits.emplace_back(m_fromIndex, std::move(edits));
        m_offers.push_back(std::move(made));
    }

    void add(std::vector<PodOffer> offers)
    {
        for (auto& each : offers)
            offer(std::move(each.title), std::move(each.edits));
    }

    void set(std::string title, Path path, const std::string& value)
    {
        offer(std::move(title), {SetValue{std::move(path), api::Value(value)}});
    }

    std::size_t sizeAt(const Path& list) const
    {
        const auto* value = &m_from.value;
        for (const auto& step : list)
            if (value)
                value = api::find(*value, {std::get<std::string>(step)});
        return value && value->is_array() ? value->get_array().size() : 0;
    }

    void append(std::string title, const Path& list, api::Value item)
    {
        const auto size = sizeAt(list);
        offer(std::move(title),
              {size == 0 ? SetValue{list, api::Array{std::move(item)}} : SetValue{list / size, std::move(item)}});
    }

    void within()
    {
        if (m_from.namespaced && m_from.object.kind != "Namespace" && m_from.object.nameSpace != m_to.object.name)
            set("Move into this namespace", Path{"metadata", "namespace"}, m_to.object.name);
    }

    void service()
    {
        std::vector<document::Edit> ofPods;
        auto labels = podLabels(m_to, ofPods);
        std::vector<document::Edit> edits{SetValue{Path{"spec", "selector"}, std::move(labels)}};
        targetPort(edits);
        offer("Send its traffic to these pods", std::move(edits), std::move(ofPods));
    }

    /// The first port leads to a port that the pods have, when it does not yet.
    void targetPort(std::vector<document::Edit>& edits) const
    {
        std::vector<api::Value> known; // numbers and names
        for (const auto& container : containersOf(m_to))
            if (const auto* ports = api::find(*container.value, {"ports"}); ports && ports->is_array())
                for (const auto& port : ports->get_array())
                    for (const auto* member : {"name", "containerPort"})
                        if (const auto* value = api::find(port, {member}))
                            known.push_back(*value);
        const auto* ports = api::find(m_from.value, {"spec", "ports"});
        const bool hasPorts = ports && ports->is_array() && !ports->get_array().empty();
        if (known.empty())
            return;
        if (!hasPorts) {
            const auto number = std::ranges::find_if(known, [](const api::Value& value) { return value.is_int64(); });
            if (number != known.end())
                edits.emplace_back(SetValue{Path{"spec", "ports"},
                                            api::Array{api::Object{{"port", 80}, {"targetPort", known.front()}}}});
            return;
        }
        const auto& first = ports->get_array().front();
        const auto* target = api::find(first, {"targetPort"});
        const auto* own = api::find(first, {"port"});
        const bool leads = std::ranges::any_of(known, [&](const api::Value& value) {
            return (target && value == *target) || (!target && own && value == *own);
        });
        if (!leads)
            edits.emplace_back(SetValue{Path{"spec", "ports"} / 0 / "targetPort", known.front()});
    }

    void selector(const std::string& title, const Path& place)
    {
        std::vector<document::Edit> ofPods;
        api::Value wanted = api::Object{{"matchLabels", podLabels(m_to, ofPods)}};
        offer(title, {SetValue{place, std::move(wanted)}}, std::move(ofPods));
    }

    void policy()
    {
        selector("Guard these pods", Path{"spec", "podSelector"});
        for (const auto& [direction, peers, type, title] :
             {std::tuple{"ingress", "from", "Ingress", "Let these pods in"},
              std::tuple{"egress", "to", "Egress", "Let its pods out to these"}}) {
            std::vector<document::Edit> ofPods;
            const api::Value peer = api::Object{{"podSelector", api::Object{{"matchLabels", podLabels(m_to, ofPods)}}}};
            if (hasPeer(direction, peers, peer))
                continue;
            const auto list = Path{"spec"} / direction;
            const auto size = sizeAt(list);
            const api::Value rule = api::Object{{peers, api::Array{peer}}};
            std::vector<document::Edit> edits{size == 0 ? SetValue{list, api::Array{rule}}
                                                        : SetValue{list / size, rule}};
            policyType(edits, type);
            offer(title, std::move(edits), std::move(ofPods));
        }
    }

    bool hasPeer(std::string_view direction, std::string_view peers, const api::Value& peer) const
    {
        const auto* rules = api::find(m_from.value, {"spec", direction});
        for (std::size_t i = 0; rules && rules->is_array() && i < rules->get_array().size(); ++i)
            if (const auto* known = api::find(rules->get_array()[i], {peers}); known && known->is_array())
                if (std::ranges::find(known->get_array(), peer) != known->get_array().end())
                    return true;
        return false;
    }

    /// Rules of a direction that the policy's types leave out have no effect.
    void policyType(std::vector<document::Edit>& edits, std::string_view type) const
    {
        const auto place = Path{"spec", "policyTypes"};
        const auto size = sizeAt(place);
        if (size == 0) // then they follow from the rules
            return;
        const auto& types = api::find(m_from.value, {"spec", "policyTypes"})->get_array();
        if (std::ranges::find(types, api::Value(type)) == types.end())
            edits.emplace_back(SetValue{place / size, api::Value(type)});
    }

    void scale()
    {
        offer("Scale it", {SetValue{Path{"spec", "scaleTargetRef"}, api::Object{{"apiVersion", m_to.apiVersion},
                                                                                {"kind", m_to.object.kind},
                                                                                {"name", m_to.object.name}}}});
    }

    void ingress()
    {
        api::Object port{{"number", 80}};
        if (const auto* ports = api::find(m_to.value, {"spec", "ports"});
            ports && ports->is_array() && !ports->get_array().empty()) {
            const auto& first = ports->get_array().front();
            if (const auto name = api::stringAt(first, {"name"}); !name.empty())
                port = {{"name", name}};
            else
                port = {{"number", api::integerAt(first, {"port"}, 80)}};
        }
        const api::Object backend{{"service", api::Object{{"name", m_to.object.name}, {"port", port}}}};
        const api::Object entry{{"path", "/"}, {"pathType", "Prefix"}, {"backend", backend}};
        ingressRules(entry);
        offer("What fits no rule goes to it (default backend)", {SetValue{Path{"spec", "defaultBackend"}, backend}});
    }

    /// A rule that leads nowhere yet is filled; else each host gets a further path, and any host a new rule.
    void ingressRules(const api::Object& entry)
    {
        const auto list = Path{"spec", "rules"};
        const auto* rules = api::find(m_from.value, {"spec", "rules"});
        for (std::size_t i = 0; rules && rules->is_array() && i < rules->get_array().size(); ++i) {
            const auto host = api::stringAt(rules->get_array()[i], {"host"});
            const auto* paths = api::find(rules->get_array()[i], {"http", "paths"});
            const auto count = paths && paths->is_array() ? paths->get_array().size() : 0;
            auto one = entry;
            if (count > 0)
                one["path"] = "/" + m_to.object.name;
            const auto place = list / i / "http" / "paths";
            offer(fmt::format("Path {} of {}", std::string(one["path"].as_string()),
                              host.empty() ? "any host" : std::string(host)),
                  {count == 0 ? SetValue{place, api::Array{one}} : SetValue{place / count, one}});
        }
        append("A rule for every host", list, api::Object{{"http", api::Object{{"paths", api::Array{entry}}}}});
    }

    void binding()
    {
        const auto& kind = m_to.object.kind;
        const bool isNear = m_from.object.nameSpace == m_to.object.nameSpace;
        const bool isCluster = m_from.object.kind == "ClusterRoleBinding";
        if (kind == "ClusterRole" || (kind == "Role" && isNear && !isCluster))
            offer("Grant this role", {SetValue{Path{"roleRef"}, api::Object{{"apiGroup", "rbac.authorization.k8s.io"},
                                                                            {"kind", kind},
                                                                            {"name", m_to.object.name}}}});
        if (kind == "ServiceAccount")
            append("Grant it to this account", Path{"subjects"},
                   api::Object{{"kind", kind}, {"name", m_to.object.name}, {"namespace", m_to.object.nameSpace}});
    }

    const Card& m_from;
    const Card& m_to;
    std::size_t m_fromIndex;
    std::size_t m_toIndex;
    std::vector<Offer> m_offers;
};

/// Whether carrying it out would change nothing.
bool isThere(const std::vector<Card>& cards, const Offer& offer)
{
    return std::ranges::all_of(offer.edits, [&](const auto& part) {
        auto value = cards[part.first].value;
        for (const auto& edit : part.second) {
            auto after = document::applied(std::move(value), edit);
            if (!after)
                return false;
            value = *std::move(after);
        }
        return value == cards[part.first].value;
    });
}

/// Whether the cards are connected by labels or by a name that only occurs once, so that the same again says nothing.
bool isAlready(const std::vector<Card>& cards, std::size_t from, std::size_t to, const Offer& offer)
{
    constexpr std::array again{"TLS", "Grant it to", "A rule for every", "Path "};
    if (std::ranges::none_of(again, [&](const char* words) { return offer.title.starts_with(words); }))
        return false;
    const auto all = relationsOf({cards[from], cards[to]});
    const std::string_view place = offer.title.starts_with("TLS")     ? "tls"
                                   : offer.title.starts_with("Grant") ? "subjects"
                                                                      : "paths";
    return std::ranges::any_of(all, [&](const Relation& relation) {
        return relation.from == 0 && std::ranges::any_of(relation.places, [&](const Path& path) {
                   return document::pathText(path).contains(place);
               });
    });
}

} // namespace

std::vector<Offer> offersBetween(const std::vector<Card>& cards, std::size_t one, std::size_t other)
{
    std::vector<Offer> all;
    if (one == other || !cards[one].isEditable() || !cards[other].isEditable())
        return all;
    for (const auto& [from, to] : {std::pair(one, other), std::pair(other, one)})
        for (auto& offer : Rules(cards, from, to).offers())
            if (all.size() < offersMax && !isThere(cards, offer) && !isAlready(cards, from, to, offer))
                all.push_back(std::move(offer));
    return all;
}

std::string whyNoOffer(const std::vector<Card>& cards, std::size_t one, std::size_t other)
{
    const auto& a = cards[one];
    const auto& b = cards[other];
    if (one == other)
        return "a card cannot be connected to itself";
    for (const auto* card : {&a, &b})
        if (!card->isEditable())
            return "the text of " + card->object.text() + " has an error: mend it first";
    if (a.namespaced && b.namespaced && a.object.nameSpace != b.object.nameSpace) {
        auto near = cards;
        near[other].object.nameSpace = a.object.nameSpace;
        if (!offersBetween(near, one, other).empty())
            return a.object.text() + " and " + b.object.text() + " are in different namespaces";
    }
    for (const auto& relation : relationsOf({a, b}))
        if (relation.kind != RelationKind::Within)
            return a.object.text() + " and " + b.object.text() + " are connected already";
    return "a " + a.object.kind + " and a " + b.object.kind + " have nothing to say to each other";
}

} // namespace keelson::design
