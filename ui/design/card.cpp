// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/card.h"

#include "design/palette.h"
#include "document/list_items.h"
#include "document/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

namespace keelson::design {

namespace {

using document::operator/;

/// Which of the texts before is which of those now, by their revisions: first those that are the same, then what stands
/// between the same neighbours, in order.
std::vector<std::optional<std::size_t>> matched(const std::vector<std::uint64_t>& before,
                                                const std::vector<Source>& now)
{
    std::vector<std::optional<std::size_t>> found(now.size());
    std::vector<bool> taken(before.size(), false);
    std::map<std::uint64_t, std::size_t> byRevision;
    for (std::size_t i = 0; i < before.size(); ++i)
        byRevision.emplace(before[i], i);
    for (std::size_t i = 0; i < now.size(); ++i)
        if (const auto same = byRevision.find(now[i].revision); same != byRevision.end() && !taken[same->second]) {
            found[i] = same->second;
            taken[same->second] = true;
        }
    std::size_t next = 0;
    for (auto& match : found) {
        if (match)
            next = *match + 1;
        else if (next < before.size() && !taken[next]) {
            match = next;
            taken[next++] = true;
        }
    }
    return found;
}

/// What the object says of itself.
void fill(Card& card, const api::Value& value, const document::Kinds& kinds, const std::string& nameSpace)
{
    card.problem.clear();
    card.value = value;
    card.apiVersion = api::stringAt(value, {"apiVersion"});
    card.object.kind = api::stringAt(value, {"kind"});
    card.object.name = api::stringAt(value, {"metadata", "name"});
    const auto* kind = kinds.find(card.apiVersion, card.object.kind);
    card.namespaced =
        kind ? kind->namespaced : card.object.kind != "Namespace" && !card.object.kind.starts_with("Cluster");
    const auto said = api::stringAt(value, {"metadata", "namespace"});
    card.object.nameSpace = !card.namespaced ? std::string() : said.empty() ? nameSpace : std::string(said);
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
    std::map<std::uint64_t, std::vector<Sheet>> before;
    std::size_t sheets = 0;
    for (auto& card : m_cards) {
        auto& known = before[card.manifest];
        if (known.empty() || known.back().front().document != card.document) {
            known.emplace_back();
            ++sheets;
        }
        known.back().push_back(std::move(card));
    }
    std::map<std::uint64_t, std::vector<Source>> now;
    std::vector<std::uint64_t> order;
    for (const auto& source : sources) {
        if (!now.contains(source.manifest))
            order.push_back(source.manifest);
        now[source.manifest].push_back(source);
    }
    bool isChanged = sources.size() != sheets || defaultNameSpace != m_nameSpace;
    std::vector<Card> cards;
    for (const auto manifest : order) {
        auto& known = before[manifest];
        std::vector<std::uint64_t> revisions;
        for (const auto& sheet : known)
            revisions.push_back(sheet.front().revision);
        const auto matches = matched(revisions, now[manifest]);
        for (std::size_t i = 0; i < matches.size(); ++i) {
            const auto& source = now[manifest][i];
            Sheet sheet =
                matches[i] ? std::move(known[*matches[i]]) : Sheet(1, Card{.id = ++m_lastId, .manifest = manifest});
            isChanged |= !matches[i] || sheet.front().document != source.document;
            for (auto& card : sheet)
                card.document = source.document;
            if (sheet.front().revision != source.revision && source.tree) {
                sheet = read(std::move(sheet), source, kinds, defaultNameSpace);
                isChanged = true;
            }
            std::ranges::move(sheet, std::back_inserter(cards));
        }
    }
    m_cards = std::move(cards);
    m_nameSpace = defaultNameSpace;
    return isChanged;
}

/// Items keep their cards: by what they are called, and where that has changed, by their place.
CardList::Sheet CardList::taken(Sheet before, const api::Array& items)
{
    const Card empty{.manifest = before.front().manifest, .document = before.front().document};
    std::vector<std::optional<Card>> left(before.begin(), before.end());
    Sheet sheet(items.size(), empty);
    const auto take = [&](std::size_t item, const auto& isIt) {
        const auto found = std::ranges::find_if(left, [&](const auto& card) { return card && isIt(*card); });
        if (sheet[item].id != noCard || found == left.end())
            return;
        sheet[item] = std::move(**found);
        found->reset();
    };
    for (std::size_t i = 0; i < items.size(); ++i)
        take(i, [&](const Card& card) {
            return card.object.kind == api::stringAt(items[i], {"kind"}) &&
                   card.object.name == api::stringAt(items[i], {"metadata", "name"});
        });
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto base = document::Path() / "items" / i;
        take(i, [&](const Card& card) { return card.base == base || !card.isInList(); });
        if (sheet[i].id == noCard)
            sheet[i].id = ++m_lastId;
    }
    for (std::size_t i = 0; i < items.size(); ++i)
        sheet[i].base = document::Path() / "items" / i;
    return sheet;
}

CardList::Sheet CardList::read(Sheet sheet, const Source& source, const document::Kinds& kinds,
                               const std::string& nameSpace)
{
    const auto& error = source.tree->error();
    auto value =
        error
            ? Result<api::Value>(fail(Reason::BadRequest, fmt::format("line {}: {}", error->line + 1, error->message)))
            : api::parseYaml(source.text);
    if (!value) {
        for (auto& card : sheet) {
            card.revision = source.revision;
            card.problem = value.error().message;
        }
        return sheet;
    }
    const auto* items = document::listItems(*value);
    if (items) {
        sheet = taken(std::move(sheet), *items);
    } else {
        sheet.resize(1);
        sheet.front().base.clear();
    }
    for (std::size_t i = 0; i < sheet.size(); ++i) {
        fill(sheet[i], items ? (*items)[i] : *value, kinds, nameSpace);
        sheet[i].revision = source.revision;
        if (!source.tree->isExact())
            sheet[i].problem = "the places of its values cannot be told for certain: edit the text";
    }
    return sheet;
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

std::vector<document::Edit> inDocument(const Card& card, std::vector<document::Edit> edits)
{
    const auto put = [&card](document::Path& path) { path.insert(path.begin(), card.base.begin(), card.base.end()); };
    struct Put {
        const decltype(put)& below;
        void operator()(document::SetValue& edit) const { below(edit.path); }
        void operator()(document::InsertKey& edit) const { below(edit.map); }
        void operator()(document::RemoveKey& edit) const { below(edit.path); }
        void operator()(document::RenameKey& edit) const { below(edit.path); }
        void operator()(document::InsertItem& edit) const { below(edit.list); }
        void operator()(document::RemoveItem& edit) const { below(edit.path); }
        void operator()(document::MoveItem& edit) const { below(edit.list); }
    };
    for (auto& edit : edits)
        std::visit(Put{put}, edit);
    return edits;
}

const Card* cardAt(const std::vector<Card>& cards, std::uint64_t manifest, std::size_t document,
                   const document::Tree& tree, std::size_t offset)
{
    document::Path path;
    if (const auto at = tree.root() == document::noNode ? document::noNode : tree.at(offset); at != document::noNode)
        path = tree.pathOf(at);
    for (const auto& card : cards)
        if (card.manifest == manifest && card.document == document && path.size() >= card.base.size() &&
            std::equal(card.base.begin(), card.base.end(), path.begin()))
            return &card;
    return nullptr;
}

std::string textOf(const Card& card, const document::ManifestText& manifest)
{
    const auto whole = manifest.textOf(card.document);
    if (!card.isInList())
        return std::string(whole);
    const auto tree = manifest.tree(card.document);
    const auto id = tree->find(card.base);
    if (id == document::noNode)
        return writtenLike(manifest, card.value);
    const auto& node = tree->node(id);
    const auto body = whole.substr(node.content.begin, node.content.size());
    std::string text;
    for (std::size_t line = 0; line < body.size(); line = document::nextLine(body, line)) {
        const auto blanks = line == 0 ? 0 : document::skipSpaces(body, line) - line;
        const auto from = line + std::min(blanks, node.column);
        text += body.substr(from, document::nextLine(body, line) - from);
    }
    if (!text.ends_with('\n'))
        text += '\n';
    // What it takes from elsewhere in the List (anchors) is not in it: then its value is written out.
    const auto alone = document::Tree::read(text);
    return !alone.error() && alone.outline() == card.value ? text : writtenLike(manifest, card.value);
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
