// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/object_codec.h"

namespace keelson::registry {

/// Objects, as they are stored, as those of one version of their kind. Threads: any; blocks when the conversion does.
/// Errors are those of the conversion.
class VersionView {
public:
    /// The kind outlives it.
    explicit VersionView(const Kind& kind) : m_codec(kind) {}

    const Kind& kind() const { return m_codec.kind(); }
    /// Null stays null.
    Result<StoredObjectPtr> show(StoredObjectPtr stored) const;
    /// All at once: a webhook is asked once.
    Result<std::vector<StoredObjectPtr>> showEach(std::vector<StoredObjectPtr> stored) const;

private:
    const ObjectCodec m_codec;
};

} // namespace keelson::registry
