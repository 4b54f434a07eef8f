// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/sidecar.h"

#include <fmt/format.h>

#include <cmath>

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

NamedPlaces named(const Places& places, const std::vector<Card>& cards, std::uint64_t manifest)
{
    NamedPlaces all;
    for (const auto& [id, name] : namesOf(cards, manifest))
        if (const auto known = places.find(id); known != places.end())
            all.emplace(name, known->second);
    return all;
}

bool adopt(Places& places, const std::vector<Card>& cards, std::uint64_t manifest, const NamedPlaces& remembered)
{
    bool isAny = false;
    for (const auto& [id, name] : namesOf(cards, manifest))
        if (const auto known = remembered.find(name); known != remembered.end() && !places.contains(id)) {
            places.emplace(id, known->second);
            isAny = true;
        }
    return isAny;
}

std::string writeSidecar(const NamedPlaces& places)
{
    std::string text = "{\"keelsonLayout\": 1, \"places\": {";
    for (bool isFirst = true; const auto& [name, place] : places) {
        text += fmt::format("{}\n  {}: {{\"x\": {}, \"y\": {}}}", isFirst ? "" : ",", api::writeJson(api::Value(name)),
                            std::llround(place.x), std::llround(place.y));
        isFirst = false;
    }
    return text + "\n}}\n";
}

NamedPlaces readSidecar(std::string_view text)
{
    NamedPlaces all;
    const auto value = api::parseJson(text);
    const auto* places = value ? api::find(*value, {"places"}) : nullptr;
    if (!places || !places->is_object() || api::integerAt(*value, {"keelsonLayout"}) != 1)
        return all;
    for (const auto& member : places->get_object()) {
        const auto x = numberAt(member.value(), "x");
        const auto y = numberAt(member.value(), "y");
        if (x && y && all.size() < sidecarPlacesMax)
            all.emplace(std::string(member.key()), Place{*x, *y});
    }
    return all;
}

} // namespace keelson::design
