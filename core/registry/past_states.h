// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/object_tree.h"

#include <deque>
#include <mutex>
#include <optional>

namespace keelson::registry {

/// The states of kinds that lists are being paged through, so that all pages show one state. Few: a client pages
/// through one at a time, and the store knows the rest. Threads: any.
class PastStates {
public:
    static constexpr std::size_t statesMax = 16;

    std::optional<ObjectTree> find(const Kind& kind, Revision revision) const;
    void remember(std::shared_ptr<const Kind> kind, Revision revision, const ObjectTree& objects);

private:
    struct State {
        std::shared_ptr<const Kind> kind;
        Revision revision;
        ObjectTree objects;
    };
    mutable std::mutex m_mutex;
    std::deque<State> m_states; ///< The latest last.
};

/// Where a list goes on: its state and the last key that it gave.
struct ContinueToken {
    static constexpr Revision present = -1; ///< Not one state: each page shows what is there when it is asked for.

    Revision revision = 0;
    ObjectKey after;

    std::string text() const;
    /// `BadRequest` when the text is none of ours.
    static Result<ContinueToken> parse(std::string_view text);
};

} // namespace keelson::registry
