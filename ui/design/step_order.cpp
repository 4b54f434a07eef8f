// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/step_order.h"

#include <algorithm>
#include <ranges>

namespace keelson::design {

void StepOrder::add(DesignStep step)
{
    m_undone.clear();
    if (m_isGroupOpen && !step.arrangement)
        m_group.manifests.insert(m_group.manifests.end(), step.manifests.begin(), step.manifests.end());
    else
        m_done.push_back(std::move(step));
}

void StepOrder::endGroup()
{
    m_isGroupOpen = false;
    if (!m_group.manifests.empty())
        m_done.push_back(std::exchange(m_group, {}));
}

void StepOrder::noteArrangement(Arrangement before)
{
    add({{}, std::move(before)});
}

/// Moves the last step of a manifest from one side to the other.
void StepOrder::takeOut(std::vector<DesignStep>& from, std::uint64_t manifest, std::vector<DesignStep>& to)
{
    for (auto& step : from | std::views::reverse)
        if (const auto own = std::ranges::find(step.manifests, manifest); own != step.manifests.end()) {
            step.manifests.erase(own);
            break;
        }
    std::erase_if(from, [](const DesignStep& step) { return step.manifests.empty() && !step.arrangement; });
    to.push_back({{manifest}, std::nullopt});
}

void StepOrder::note(std::uint64_t manifest, std::size_t undoSteps, std::size_t redoSteps)
{
    auto& known = m_counts[manifest];
    const auto before = std::exchange(known, {undoSteps, redoSteps});
    std::vector<DesignStep> dropped;
    if (undoSteps > before.undo && redoSteps < before.redo) {
        for (auto i = before.undo; i < undoSteps; ++i)
            takeOut(m_undone, manifest, m_done);
    } else if (undoSteps < before.undo) {
        auto& to = redoSteps > before.redo ? m_undone : dropped; // else the text has forgotten its oldest
        for (auto i = undoSteps; i < before.undo; ++i)
            takeOut(m_done, manifest, to);
    } else {
        for (auto i = before.undo; i < undoSteps; ++i)
            add({{manifest}, std::nullopt});
    }
}

void StepOrder::forget(std::uint64_t manifest)
{
    m_counts.erase(manifest);
    for (auto* steps : {&m_done, &m_undone}) {
        for (auto& step : *steps)
            std::erase(step.manifests, manifest);
        std::erase_if(*steps, [](const DesignStep& step) { return step.manifests.empty() && !step.arrangement; });
    }
}

std::optional<DesignStep> StepOrder::undo(const Arrangement& now)
{
    if (m_done.empty())
        return std::nullopt;
    auto step = std::move(m_done.back());
    m_done.pop_back();
    for (const auto manifest : step.manifests) {
        --m_counts[manifest].undo;
        ++m_counts[manifest].redo;
    }
    m_undone.push_back({step.manifests, step.arrangement ? std::optional(now) : std::nullopt});
    return step;
}

std::optional<DesignStep> StepOrder::redo(const Arrangement& now)
{
    if (m_undone.empty())
        return std::nullopt;
    auto step = std::move(m_undone.back());
    m_undone.pop_back();
    for (const auto manifest : step.manifests) {
        ++m_counts[manifest].undo;
        --m_counts[manifest].redo;
    }
    m_done.push_back({step.manifests, step.arrangement ? std::optional(now) : std::nullopt});
    return step;
}

} // namespace keelson::design
