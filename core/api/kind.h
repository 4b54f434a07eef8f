// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::api {

class Conversion;  // conversion.h
class CustomRules; // custom_rules.h
struct Schema;     // schema.h

/// "apps/v1"; the core group is empty: "v1".
struct GroupVersion {
    std::string group;
    std::string version;

    std::string text() const { return group.empty() ? version : group + "/" + version; }
    /// Reads "apps/v1" and "v1".
    static GroupVersion parse(std::string_view text);
    auto operator<=>(const GroupVersion&) const = default;
};

/// Where an object lives. `nameSpace` is empty for cluster-scoped kinds.
struct ObjectKey {
    std::string nameSpace;
    std::string name;

    std::string text() const { return nameSpace.empty() ? name : nameSpace + "/" + name; }
    auto operator<=>(const ObjectKey&) const = default;
};

/// A column of `kubectl get`.
struct Column {
    std::string name;
    std::string type = "string"; ///< string, integer, number, boolean, date.
    std::string format;          ///< "name" for the name column.
    std::string description;
    std::string jsonPath; ///< Where the cell comes from; or
    std::string function; ///< the C++ function that computes it (table_functions.h).
    int priority = 0;     ///< Over 0: only with `-o wide`.
};

struct ScaleSubresource {
    std::string specReplicasPath;
    std::string statusReplicasPath;
    std::string labelSelectorPath;
};

/// A kind of object as one version of a group serves it: its names and what readers of the schema need. A kind may be
/// served in several versions, of one group or of two; its objects are stored in one of them.
/// Immutable once in a catalog; lives as long as the catalog (a custom kind: as long as one of the catalogs it is in).
struct Kind {
    GroupVersion groupVersion;
    std::string kind;     ///< "ReplicaSet"
    std::string plural;   ///< "replicasets"
    std::string singular; ///< "replicaset"
    std::string listKind; ///< Empty: the kind and "List".
    std::vector<std::string> shortNames;
    std::vector<std::string> categories;
    bool namespaced = true;
    /// What clients may do, as discovery says it: create, delete, deletecollection, get, list, patch, update, watch.
    std::vector<std::string> verbs;
    bool hasStatus = false;
    std::optional<ScaleSubresource> scale;
    /// Further subresources that are routes of their own: "binding", "eviction", "log", "exec", ...
    std::vector<std::string> otherSubresources;
    std::vector<Column> columns;
    std::vector<std::string> fieldSelectors; ///< Besides metadata.name and metadata.namespace: "spec.nodeName".
    std::vector<std::string> indexes;
    const Schema* schema = nullptr;         ///< Of the whole object, apiVersion, kind and metadata included.
    const CustomRules* custom = nullptr;    ///< Of a custom kind; null for built-in kinds.
    const Kind* storedAs = nullptr;         ///< The version that objects are stored in; null: this one.
    const Conversion* conversion = nullptr; ///< From the other versions to this one; null: there is none to convert.
    /// Another version stands for the kind where each object counts once.
    bool repeats = false;
    std::string deprecation; ///< What clients of a version that is to go are warned of.

    /// "replicasets.apps", or "pods": how refusals name the resource.
    std::string resourceName() const { return groupVersion.group.empty() ? plural : plural + "." + groupVersion.group; }
    /// "ReplicaSetList"
    std::string listName() const { return listKind.empty() ? kind + "List" : listKind; }
};

} // namespace keelson::api
