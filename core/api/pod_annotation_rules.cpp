// SPDX-License-Identifier: Apache-2.0
#include "api/rules.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace keelson::api {
namespace {

constexpr std::string_view mirror = "kubernetes.io/config.mirror";
constexpr std::string_view deletionCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view appArmor = "container.apparmor.security.beta.kubernetes.io/";

/// A number of 32 bits without a plus sign or zeros before it.
bool isCost(std::string_view text)
{
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && (text == "0" || !text.starts_with('0'));
}

bool isProfile(std::string_view profile)
{
    return profile.empty() || profile == "runtime/default" || profile == "unconfined" ||
           profile.starts_with("localhost/");
}

bool hasContainer(const Value& spec, std::string_view name)
{
    for (const auto* list : {"initContainers", "containers", "ephemeralContainers"})
        for (const auto& container : itemsAt(spec, {list}))
            if (stringAt(container, {"name"}) == name)
                return true;
    return false;
}

/// What may not come, go or change; empty: anything.
std::string_view fixedWords(std::string_view key)
{
    return key == mirror ? "mirror pod annotation" : key.starts_with(appArmor) ? "AppArmor annotations" : "";
}

} // namespace

void checkPodAnnotations(const Value& metadata, const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto* annotations = find(metadata, {"annotations"});
    if (!annotations || !annotations->is_object())
        return;
    const auto at = path.child("annotations");
    for (const auto& annotation : annotations->get_object()) {
        const std::string_view key = annotation.key();
        const auto text = textOf(annotation.value());
        if (key == mirror && stringAt(spec, {"nodeName"}).empty())
            refusals.invalid(at.key(key), annotation.value(), "must set spec.nodeName if mirror pod annotation is set");
        if (key == deletionCost && !isCost(text))
            refusals.invalid(at.key(key), annotation.value(), "must be a 32bit integer");
        if (!key.starts_with(appArmor))
            continue;
        if (const auto name = key.substr(appArmor.size()); !hasContainer(spec, name))
            refusals.invalid(at.key(key), Value(name), "container not found");
        if (!isProfile(text))
            refusals.invalid(at.key(key), annotation.value(),
                             fmt::format("invalid AppArmor profile name: \"{}\"", text));
    }
}

void checkPodAnnotationsUpdate(const Value& metadata, const Value& old, const FieldPath& path, Refusals& refusals)
{
    static const Value none = Object{};
    const auto* found = find(metadata, {"annotations"});
    const auto* earlier = find(old, {"annotations"});
    const auto& now = found && found->is_object() ? *found : none;
    const auto& before = earlier && earlier->is_object() ? *earlier : none;
    const auto at = path.child("annotations");
    for (const auto& annotation : before.get_object()) {
        const auto* same = now.get_object().if_contains(annotation.key());
        if (const auto words = fixedWords(annotation.key()); !words.empty() && (!same || *same != annotation.value()))
            refusals.forbidden(at.key(annotation.key()), fmt::format("may not remove or update {}", words));
    }
    for (const auto& annotation : now.get_object())
        if (const auto words = fixedWords(annotation.key());
            !words.empty() && !before.get_object().contains(annotation.key()))
            refusals.forbidden(at.key(annotation.key()), fmt::format("may not add {}", words));
}

} // namespace keelson::api
