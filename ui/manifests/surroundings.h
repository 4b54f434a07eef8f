// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/selector.h"
#include "api/value.h"
#include "document/path.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace keelson::manifests {

/// Which object is meant. The namespace is empty for cluster-scoped kinds.
struct ObjectName {
    std::string kind;
    std::string nameSpace;
    std::string name;

    std::string text() const; ///< "ConfigMap web/settings"
    auto operator<=>(const ObjectName&) const = default;
};

/// An object of the set that is being edited.
struct SetObject {
    std::string apiVersion;
    ObjectName object;
    api::Value value;
    std::size_t source = 0; ///< The caller's number of its document.
    document::Path place;   ///< In that document: empty, or of an item of a List.
};

inline constexpr std::size_t noSource = static_cast<std::size_t>(-1);

/// What is known around one document: the other documents of its set, and what the cluster has.
struct Surroundings {
    /// Of one kind in the cluster.
    struct ClusterNames {
        bool isComplete = false;                             ///< What is not listed is not there.
        std::set<std::pair<std::string, std::string>> names; ///< Namespace and name.
        bool operator==(const ClusterNames&) const = default;
    };

    std::string defaultNameSpace = "default"; ///< Of objects that name none.
    std::vector<SetObject> objects;
    std::map<std::string, ClusterNames, std::less<>> cluster;     ///< By kind.
    std::map<ObjectName, std::set<std::string>> clusterKeys;      ///< Of ConfigMaps and Secrets that were read.
    std::vector<std::pair<std::string, api::Labels>> clusterPods; ///< Namespace and labels.

    const SetObject* find(const ObjectName& object) const;
    /// The one that stands there; null when there is none that says who it is.
    const SetObject* at(std::size_t source, const document::Path& place) const;
    bool isInCluster(const ObjectName& object) const;
    /// Whether it is known what the cluster has of that kind.
    bool knows(std::string_view kind) const;
    /// Names of that kind in the namespace (empty: of a cluster-scoped kind), in the set and in the cluster, sorted.
    std::vector<std::string> namesOf(std::string_view kind, std::string_view nameSpace) const;
    /// The keys of a ConfigMap or Secret; null when they are not known.
    std::optional<std::set<std::string>> keysOf(const ObjectName& object) const;
};

/// Adds an object that a document describes, when it says which. `namespaced`: whether its kind lives in namespaces.
void addObject(Surroundings& surroundings, const api::Value& value, bool namespaced, std::size_t source,
               document::Path place = {});

/// The name of the member path of the pod spec in objects of that kind: {"spec", "template", "spec"} for a Deployment;
/// empty when it has none.
const std::vector<std::string>& podSpecPath(std::string_view kind);
/// Null when there is none.
const api::Value* podSpecOf(std::string_view kind, const api::Value& object);
/// The labels that its pods get.
api::Labels podLabelsOf(std::string_view kind, const api::Value& object);
/// "metadata.labels" and the like as a map; what is no text is left out.
api::Labels labelsAt(const api::Value& value, std::initializer_list<std::string_view> path);
/// All containers of a pod spec, init containers among them.
std::vector<const api::Value*> containersOf(const api::Value& podSpec);

} // namespace keelson::manifests
