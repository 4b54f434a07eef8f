// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of an apply in its journal, and how it goes on from there.
#include "editor/applied_object.h"
#include "editor/apply_runner.h"
#include "editor/journal_writer.h"

#include <algorithm>

namespace keelson::ui {

std::string ApplyRunner::clusterName() const
{
    const auto& access = m_cluster.client().access();
    return (access.context + QLatin1Char(' ') + access.server.toString()).toStdString();
}

manifests::ApplyRecord ApplyRunner::record()
{
    manifests::ApplyRecord record{clusterName(), m_isPlain, {}};
    m_recorded.clear();
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const auto& entry = m_entries[i];
        if (!entry.isIncluded || !entry.isReady())
            continue;
        m_recorded.push_back(i);
        record.entries.push_back({entry.object, entry.collection.toStdString(), entry.manifest, entry.live, entry.after,
                                  entry.takeOver, manifests::ApplyRecord::State::Open});
    }
    return record;
}

void ApplyRunner::note(std::size_t index, manifests::ApplyRecord::State state)
{
    const auto place = std::ranges::find(m_recorded, index);
    if (place != m_recorded.end())
        m_journal->note(static_cast<std::size_t>(place - m_recorded.begin()), state, m_entries[index].after);
}

void ApplyRunner::resume(const manifests::ApplyRecord& record)
{
    using Kept = manifests::ApplyRecord::State;
    clear();
    m_isResumed = true;
    m_isPlain = record.isPlain;
    for (const auto& kept : record.entries) {
        addDefinition(kept.manifest);
        ApplyEntry entry;
        entry.object = kept.object;
        entry.collection = QString::fromStdString(kept.collection);
        entry.manifest = kept.manifest;
        entry.live = kept.before;
        entry.wasNew = kept.before.is_null();
        entry.after = kept.after;
        entry.takeOver = kept.takeOver;
        entry.diff =
            manifests::diffObjects(kept.before, kept.after.is_null() ? kept.manifest : kept.after, kept.manifest);
        entry.state = kept.state == Kept::Applied  ? ApplyEntry::State::Applied
                      : kept.state == Kept::Undone ? ApplyEntry::State::Undone
                                                   : ApplyEntry::State::Waiting;
        m_recorded.push_back(m_entries.size());
        m_entries.push_back(std::move(entry));
    }
    setPhase(Phase::Trying);
    resumeNext(0);
}

void ApplyRunner::resumeNext(std::size_t index)
{
    while (index < m_entries.size() && m_entries[index].state != ApplyEntry::State::Waiting)
        ++index;
    if (index >= m_entries.size()) {
        resumed();
        return;
    }
    setState(index, ApplyEntry::State::Trying);
    const auto& entry = m_entries[index];
    lookUp(m_cluster.client(), {entry.path(), entry.live, entry.after}, entry.manifest, this,
           [this, index, round = m_round](const Result<std::pair<Fate, api::Value>>& found) {
               if (round != m_round)
                   return;
               auto& entry = m_entries[index];
               using State = ApplyEntry::State;
               const auto open = entry.wasNew ? State::New : State::Changed;
               if (!found) {
                   setState(index, open); // applying it once more changes nothing
               } else if (found->first == Fate::Changed) {
                   entry.error =
                       makeError(Reason::Conflict, "somebody else has changed it meanwhile: it stays as it is");
                   setState(index, State::Failed);
               } else {
                   if (found->first == Fate::Applied) {
                       entry.after = found->second;
                       note(index, manifests::ApplyRecord::State::Applied);
                   }
                   setState(index, found->first == Fate::Applied ? State::Applied : open);
               }
               resumeNext(index + 1);
           });
}

void ApplyRunner::resumed()
{
    const auto open = std::ranges::find_if(m_entries, &ApplyEntry::isReady);
    if (open == m_entries.end()) {
        setPhase(Phase::Applied);
        return;
    }
    m_cutOffEntry = static_cast<int>(open - m_entries.begin());
    open->error = makeError(Reason::ServiceUnavailable, "what follows was not applied");
    setPhase(Phase::CutOff);
}

} // namespace keelson::ui
