// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <span>
#include <string>
#include <string_view>

/// How OpenAPI documents become protobuf messages: in those of gnostic (openapi.v2, openapi.v3), by tables of members.
namespace keelson::api::gnostic {

enum class Form { Text, TextList, Flag, Integer, Real, AnyValue, AnyList, Part, PartList };

/// Writes one member that is a message of its own.
using PartWriter = std::string (*)(const Value& value);

struct Member {
    std::string_view name; ///< In JSON.
    int number;
    Form form;
    PartWriter part = nullptr;
};

/// The members of an object that the table has and that are of their form, and its extensions ("x-...") in the field of
/// that number. Documents of other servers may say what they should not: what is malformed is left out.
std::string message(const Value& value, std::span<const Member> members, int extensionNumber);
/// A message whose field `number` holds each member of an object by its name.
std::string named(const Value& parts, int number, PartWriter part);
/// A message whose only field, `number`, holds `content`.
std::string wrapped(int number, std::string_view content);

} // namespace keelson::api::gnostic
