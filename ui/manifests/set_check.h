// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/diagnostics.h"
#include "manifests/surroundings.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace keelson::manifests {

/// One document of the set, as it stands now.
struct DocumentText {
    std::size_t source = 0;     ///< The caller's number for it.
    std::uint64_t revision = 0; ///< Changes with its text.
    std::string text;           ///< May be empty when the revision was checked before.
    std::shared_ptr<const document::Tree> tree;
};

/// What was found in all documents.
struct SetReport {
    std::map<std::size_t, std::vector<document::Diagnostic>> found; ///< By source, each in the order of its text.
    std::shared_ptr<const Surroundings> surroundings;               ///< With the objects of the set.
};

/// Checks documents by themselves and against each other. What depends on one document alone is kept until its text
/// changes. One thread at a time.
class SetCheck {
public:
    /// `around`: what the cluster has; its objects are replaced by those of the documents.
    SetReport check(const std::vector<DocumentText>& documents, const document::Kinds& kinds, Surroundings around,
                    const std::set<std::string, std::less<>>& off);
    /// Kinds have changed: nothing that was kept holds any more.
    void forget() { m_kept.clear(); }

private:
    struct Kept {
        std::uint64_t revision = 0;
        std::string text;
        std::shared_ptr<const document::Tree> tree;
        api::Value value;
        std::vector<document::Diagnostic> found;
    };
    std::map<std::size_t, Kept> m_kept;
};

} // namespace keelson::manifests
