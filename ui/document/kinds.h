// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/catalog.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace keelson::document {

/// The kinds that manifests are read by: a cluster's own, where it has told them, and those compiled in.
/// Immutable; cheap to copy; any thread.
class Kinds {
public:
    Kinds() = default; ///< Those compiled in, alone.
    explicit Kinds(std::shared_ptr<const api::Catalog> cluster) : m_cluster(std::move(cluster)) {}

    bool hasCluster() const { return m_cluster != nullptr; }
    /// The cluster's, where it has that kind, else ours; null when neither has.
    const api::Kind* find(const api::GroupVersion& groupVersion, std::string_view kind) const;
    const api::Kind* find(std::string_view apiVersion, std::string_view kind) const;
    /// Ours: it has rules that the words of a schema cannot say. Null when there is none.
    static const api::Kind* builtIn(const api::GroupVersion& groupVersion, std::string_view kind);
    /// Each once; the cluster's first. When there is a cluster, what it does not serve is left out.
    std::vector<const api::Kind*> all() const;

private:
    std::shared_ptr<const api::Catalog> m_cluster;
};

/// The kinds that a cluster describes in its OpenAPI v3 documents (one per group version), custom kinds among them.
/// What our dialect of schemas cannot say is left open: everything is allowed there. `Invalid` when nothing of it can
/// be understood.
Result<api::Catalog> kindsOfOpenApi(std::span<const api::Value> documents);

} // namespace keelson::document
