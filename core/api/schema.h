// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::api {

struct Field;

enum class SchemaType {
    Object, ///< Named fields.
    Map,    ///< additionalProperties: any key, values of `items`.
    Array,  ///< Values of `items`.
    String,
    Integer,
    Number,
    Boolean,
    IntOrString, ///< x-kubernetes-int-or-string
    Quantity,    ///< resource.Quantity: string or number in JSON
    Time,        ///< RFC 3339, seconds
    MicroTime,   ///< RFC 3339, microseconds
    Duration,    ///< Go duration string
    Bytes,       ///< base64 in JSON
    Any,         ///< Any JSON: x-kubernetes-preserve-unknown-fields (RawExtension, FieldsV1, JSON)
};

enum class ListType { Unset, Atomic, Set, Map };

/// One node of a compiled schema. Immutable; shared by `$ref`: do not compare by address for equality of meaning.
struct Schema {
    SchemaType type = SchemaType::Any;
    std::string name; ///< Of a shared or top-level definition: "core/v1/PodSpec"; else empty.
    std::string
        structName; ///< x-keelson-struct: of the typed struct, where it is not the name's last part; "Value": none.
    bool envelope = false; ///< Stands alone with apiVersion and kind: a kind, a list, DeleteOptions, Status.
    std::string format;    ///< int32, int64, byte, double, ...
    std::string description;
    std::vector<Field> fields;     ///< Object: in the order of the file.
    const Schema* items = nullptr; ///< Array and Map: the values.
    std::vector<std::string> enumeration;
    std::string pattern;
    std::optional<std::int64_t> minimum;
    std::optional<std::int64_t> maximum;
    std::optional<std::size_t> lengthMax;
    std::optional<std::size_t> lengthMin;
    std::optional<std::size_t> itemsMax;
    std::optional<std::size_t> itemsMin;
    std::vector<std::string> rules; ///< x-keelson-rules: named C++ checks of this node.
    bool ruled = false; ///< x-keelson-ruled: a rule of the object refuses what is missing or not in the enumeration.
    std::vector<std::string> defaulters;  ///< x-keelson-defaults: named C++ defaults that depend on other fields.
    ListType listType = ListType::Unset;  ///< x-kubernetes-list-type, for server-side apply.
    std::vector<std::string> listMapKeys; ///< x-kubernetes-list-map-keys
    std::string patchMergeKey;            ///< x-kubernetes-patch-merge-key, for strategic merge.
    bool patchMerge = false;              ///< x-kubernetes-patch-strategy holds "merge".
    bool patchRetainKeys = false;         ///< ... holds "retainKeys".
    bool patchReplace = false;            ///< ... is "replace": a strategic merge takes the object as it is.
    bool mapAtomic = false;               ///< x-kubernetes-map-type: atomic
    bool preserveUnknown = false;         ///< An object keeps members that it does not declare.
    /// Of a custom kind: what OpenAPI v3 says of it, but for the metadata.
    const Value* published = nullptr;
    bool protoVarint = false; ///< Wire detail: an integer by another name.

    /// Null when there is none of that JSON name. Logarithmic time.
    const Field* field(std::string_view jsonName) const;
    /// From name to field, by name; filled by the loader.
    std::vector<std::pair<std::string_view, std::size_t>> fieldIndex;
};

/// A member of an object.
struct Field {
    std::string name; ///< In JSON.
    const Schema* schema = nullptr;
    std::string description; ///< Of the field; falls back to the schema's.
    int protoNumber = 0;
    /// Members of an inlined part (`x-keelson-inline`) stand in the parent's JSON object, but in protobuf in a message
    /// of their own: the numbers of the messages to pass, outermost first. Empty for an ordinary field.
    std::vector<int> protoPath;
    bool required = false;
    bool immutable = false;
    std::string missing;   ///< What a refusal adds when a required field is missing.
    bool optional = false; ///< A pointer in the reference types: absence differs from the zero value.
    bool always = false;   ///< Written even when zero (no omitempty).
    std::optional<Value> defaultValue;
    std::string unit;
    std::string formGroup;
    int formOrder = 0;
};

} // namespace keelson::api
