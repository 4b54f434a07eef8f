// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "design/card.h"
#include "document/manifest_text.h"

#include <string>
#include <vector>

namespace keelson::design {

/// A set of one manifest, for tests.
struct TestSet {
    explicit TestSet(const std::string& text) : manifest(text) { update(); }
    void update()
    {
        std::vector<Source> sources;
        for (std::size_t i = 0; i < manifest.documents(); ++i)
            sources.push_back({1, i, manifest.revisionOf(i), manifest.textOf(i), manifest.tree(i)});
        list.update(sources, document::Kinds(), "default");
    }
    const std::vector<Card>& cards() const { return list.cards(); }
    std::size_t index(const std::string& kind, const std::string& name) const
    {
        for (std::size_t i = 0; i < cards().size(); ++i)
            if (cards()[i].object.kind == kind && cards()[i].object.name == name)
                return i;
        return cards().size();
    }

    document::ManifestText manifest;
    CardList list;
};

} // namespace keelson::design
