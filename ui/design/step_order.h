// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/arrangement.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace keelson::design {

/// One thing that a user did on the canvas or in a text.
struct DesignStep {
    std::vector<std::uint64_t> manifests;   ///< Whose texts have a step of it, in the order of the changes.
    std::optional<Arrangement> arrangement; ///< Instead: cards were moved or grouped; how they are to stand afterwards.
};

/// In which order steps were taken over several texts, each with an undo stack of its own, and on the canvas, so that
/// undo takes back what was done last, wherever it was done.
///
/// One thread at a time.
class StepOrder {
public:
    /// How many steps a text can undo and redo now. New ones are the last things done; what was undone or redone in the
    /// text itself is followed.
    void note(std::uint64_t manifest, std::size_t undoSteps, std::size_t redoSteps);
    void forget(std::uint64_t manifest);
    void noteArrangement(Arrangement before);
    /// What is noted between these is one step.
    void beginGroup() { m_isGroupOpen = true; }
    void endGroup();

    bool canUndo() const { return !m_done.empty(); }
    bool canRedo() const { return !m_undone.empty(); }
    /// The step that the caller is to take back in each of its manifests, from behind; `now` is kept for redo.
    std::optional<DesignStep> undo(const Arrangement& now);
    std::optional<DesignStep> redo(const Arrangement& now);

private:
    struct Counts {
        std::size_t undo = 0;
        std::size_t redo = 0;
    };
    static void takeOut(std::vector<DesignStep>& from, std::uint64_t manifest, std::vector<DesignStep>& to);
    void add(DesignStep step);

    std::vector<DesignStep> m_done, m_undone;
    std::map<std::uint64_t, Counts> m_counts;
    DesignStep m_group;
    bool m_isGroupOpen = false;
};

} // namespace keelson::design
