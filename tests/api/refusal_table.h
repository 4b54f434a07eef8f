// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/cron_schedule.h"
#include "api/validation.h"
#include "support/golden_kinds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace keelson::api {

inline const Kind& kindOfObject(const Value& object)
{
    return *Catalog::builtIn().find(GroupVersion::parse(stringAt(object, {"apiVersion"})), stringAt(object, {"kind"}));
}

/// Members of objects are merged, null removes, anything else replaces.
inline void merge(Value& value, const Value& change)
{
    if (!change.is_object() || !value.is_object()) {
        value = change;
        return;
    }
    for (const auto& member : change.get_object())
        if (member.value().is_null())
            value.get_object().stable_erase(member.key());
        else
            merge(value.get_object()[member.key()], member.value());
}

/// The manifest of tests/golden/kinds.yaml with a change on top, defaulted.
inline Value objectOf(std::string_view kind, std::string_view change)
{
    auto object = support::goldenKinds().at(kind).at("given");
    const auto& known = kindOfObject(object);
    if (known.namespaced)
        object.at("metadata").get_object()["namespace"] = "ns";
    merge(object, parseYaml(change).value());
    applyDefaults(known, object);
    normalize(known, object);
    return object;
}

inline std::string textOfCauses(const std::vector<Cause>& causes)
{
    std::string text;
    for (const auto& cause : causes)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", cause.field, cause.message);
    return text;
}

/// A change of a kind's manifest, and what is refused about it, a cause a line.
struct Row {
    std::string_view kind;
    std::string change;
    std::string causes;
};
class Validate : public testing::TestWithParam<Row> {};

/// Two changes of a kind's manifest, and what is refused about a write of the second over the first.
struct UpdateRow {
    std::string_view kind;
    std::string old;
    std::string now;
    std::string causes;
};
class ValidateUpdate : public testing::TestWithParam<UpdateRow> {};

} // namespace keelson::api
