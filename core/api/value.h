// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keelson::api {

/// A document: a manifest, an object, a patch. The API server works on documents and never loses a field that the
/// schema knows. Members keep their order; erase with `stable_erase`.
using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

/// Limits of what is read from outside.
inline constexpr std::size_t documentDepthMax = 100;
inline constexpr std::size_t documentBytesMax = std::size_t{3} * 1024 * 1024;

/// Reads one JSON document. `BadRequest` with position and cause; also when it is deeper or larger than the limits, or
/// not UTF-8. `duplicates`, when given, receives the paths of members that occur twice (the last one wins).
Result<Value> parseJson(std::string_view text, std::vector<std::string>* duplicates = nullptr);
/// Reads one YAML document with Kubernetes' (YAML 1.1, as sigs.k8s.io/yaml) idea of scalars. JSON is YAML.
Result<Value> parseYaml(std::string_view text, std::vector<std::string>* duplicates = nullptr);
std::string writeJson(const Value& value);
/// A number as people write it: "0.5", where writeJson writes 5E-1.
std::string numberText(const Value& number);
/// Block style, two spaces, in the order of the members.
std::string writeYaml(const Value& value);

/// The value at a path of member names ("metadata", "labels"), or null when a part is missing or no object.
const Value* find(const Value& value, std::initializer_list<std::string_view> path);
Value* find(Value& value, std::initializer_list<std::string_view> path);
/// The string there, or "" when there is none.
std::string_view stringAt(const Value& value, std::initializer_list<std::string_view> path);
/// The integer there, or `otherwise`.
std::int64_t integerAt(const Value& value, std::initializer_list<std::string_view> path, std::int64_t otherwise = 0);
/// The boolean there, or `otherwise`.
bool boolAt(const Value& value, std::initializer_list<std::string_view> path, bool otherwise = false);
/// The object at the path, made where it is missing (whatever else stood in the way is replaced).
Object& objectAt(Value& value, std::initializer_list<std::string_view> path);

} // namespace keelson::api
