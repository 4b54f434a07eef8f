// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/sidecar.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace keelson::design {

namespace {

constexpr double placeMax = 1e6;

std::optional<double> numberAt(const api::Value& value, std::string_view name)
{
    const auto* found = api::find(value, {name});
    if (!found || !found->is_number())
        return std::nullopt;
    const auto number = found->to_number<double>();
    return std::abs(number) <= placeMax ? std::optional(number) : std::nullopt;
}

/// The name of each card of a manifest: "Service web/api", and with " (2)" the second of that name.
std::map<CardId, std::string> namesOf(const std::vector<Card>& cards, std::uint64_t manifest)
{
    std::map<std::string, int> counts;
    std::map<CardId, std::string> names;
    for (const auto& card : cards) {
        if (card.manifest != manifest || !card.isShown())
            continue;
        auto name = card.object.text();
        if (const int count = ++counts[name]; count > 1)
            name += fmt::format(" ({})", count);
        names.emplace(card.id, std::move(name));
    }
    return names;
}

} // namespace

std::filesystem::path sidecarOf(const std::filesystem::path& manifest)
{
    return manifest.parent_path() / ("." + manifest.filename().string() + ".layout");
}

void NamedLayout::merge(NamedLayout other)
{
    cards.merge(other.cards);
    folded.merge(other.folded);
}

NamedLayout named(const Arrangement& arrangement, const std::vector<Card>& cards, std::uint64_t manifest)
{
    NamedLayout all;
    for (const auto& [id, name] : namesOf(cards, manifest))
        remember(all, arrangement, id, name);
    return all;
}

void remember(NamedLayout& remembered, const Arrangement& arrangement, CardId card, const std::string& name)
{
    const auto place = arrangement.places.find(card);
    if (place == arrangement.places.end())
        return;
    auto& kept = remembered.cards[name];
    kept.place = place->second;
    if (const auto group = groupOf(arrangement.groups, card); group != arrangement.groups.end()) {
        kept.group = group->first;
        if (group->second.isFolded)
            remembered.folded.insert(group->first);
    }
}

void adopt(Arrangement& arrangement, const std::vector<Card>& cards, std::uint64_t manifest, NamedLayout& remembered)
{
    for (const auto& [id, name] : namesOf(cards, manifest)) {
        const auto known = remembered.cards.find(name);
        if (known == remembered.cards.end())
            continue;
        if (known->second.place)
            arrangement.places.emplace(id, *known->second.place);
        const auto group = std::exchange(known->second.group, {});
        if (group.empty() || groupOf(arrangement.groups, id) != arrangement.groups.end())
            continue;
        const bool isNew = !arrangement.groups.contains(group);
        arrangement.groups[group].cards.insert(id);
        if (isNew)
            arrangement.groups[group].isFolded = remembered.folded.contains(group);
    }
}

std::string writeSidecar(const NamedLayout& layout)
{
    const auto quoted = [](const std::string& text) { return api::writeJson(api::Value(text)); };
    std::string text = "{\"keelsonLayout\": 1, \"places\": {";
    for (bool isFirst = true; const auto& [name, card] : layout.cards) {
        const auto place = card.place.value_or(Place());
        text +=
            fmt::format("{}\n  {}: {{\"x\": {}, \"y\": {}{}}}", isFirst ? "" : ",", quoted(name), std::llround(place.x),
                        std::llround(place.y), card.group.empty() ? "" : ", \"group\": " + quoted(card.group));
        isFirst = false;
    }
    text += "\n}";
    if (!layout.folded.empty()) {
        text += ", \"folded\": [";
        for (bool isFirst = true; const auto& name : layout.folded) {
            text += (isFirst ? "" : ", ") + quoted(name);
            isFirst = false;
        }
        text += "]";
    }
    return text + "}\n";
}

NamedLayout readSidecar(std::string_view text)
{
    NamedLayout all;
    const auto value = api::parseJson(text);
    const auto* places = value ? api::find(*value, {"places"}) : nullptr;
    if (!places || !places->is_object() || api::integerAt(*value, {"keelsonLayout"}) != 1)
        return all;
    for (const auto& member : places->get_object()) {
        const auto x = numberAt(member.value(), "x");
        const auto y = numberAt(member.value(), "y");
        if (x && y && all.cards.size() < sidecarPlacesMax)
            all.cards.emplace(std::string(member.key()),
                              NamedCard{Place{*x, *y}, std::string(api::stringAt(member.value(), {"group"}))});
    }
    if (const auto* folded = api::find(*value, {"folded"}); folded && folded->is_array())
        for (const auto& name : folded->get_array())
            if (name.is_string() && all.folded.size() < sidecarPlacesMax)
                all.folded.emplace(name.get_string());
    return all;
}

} // namespace keelson::design
