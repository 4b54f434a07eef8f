// SPDX-License-Identifier: Apache-2.0
#include "store/version_index.h"

#include <algorithm>

namespace keelson::store {

void VersionIndex::Entry::forgetOldest()
{
    ++forgotten;
    if (forgotten * 2 < older.size())
        return; // moves the rest seldom: a lease has thousands of versions
    older.erase(older.begin(), older.begin() + static_cast<std::ptrdiff_t>(forgotten));
    forgotten = 0;
    if (older.empty())
        older.shrink_to_fit();
}

Version VersionIndex::Entry::at(Revision revision) const
{
    if (newest.id.revision() <= revision)
        return newest;
    const auto behind =
        std::upper_bound(older.begin() + static_cast<std::ptrdiff_t>(forgotten), older.end(), revision,
                         [](Revision at, const Version& version) { return at < version.id.revision(); });
    return behind == older.begin() + static_cast<std::ptrdiff_t>(forgotten) ? Version{} : *std::prev(behind);
}

void VersionIndex::add(std::string_view key, Version version)
{
    auto entry = m_entries.find(key);
    if (entry == m_entries.end()) {
        entry = m_entries.emplace(std::string(key), Entry{}).first;
    } else {
        auto& [newest, older, forgotten] = entry->second;
        if (newest.live()) // a deletion is queued when it comes
            m_superseded.push_back({version.id.revision(), newest.id, entry});
        older.push_back(newest);
    }
    entry->second.newest = version;
    if (!version.live())
        m_superseded.push_back({version.id.revision(), version.id, entry});
}

void VersionIndex::forget(std::size_t count)
{
    for (; count > 0; --count) {
        const auto& [by, id, entry] = m_superseded.front();
        if (entry->second.newest.id == id)
            m_entries.erase(entry); // a deletion, and the last thing that was known of the key
        else
            entry->second.forgetOldest();
        m_superseded.pop_front();
    }
}

Version VersionIndex::newest(std::string_view key) const
{
    const auto entry = m_entries.find(key);
    return entry == m_entries.end() ? Version{} : entry->second.newest;
}

std::vector<VersionIndex::Found> VersionIndex::list(const ListOptions& options, Revision revision, bool& more) const
{
    std::vector<Found> found;
    more = false;
    auto entry = options.startAfter < options.prefix ? m_entries.lower_bound(options.prefix)
                                                     : m_entries.upper_bound(options.startAfter);
    for (; entry != m_entries.end() && entry->first.starts_with(options.prefix); ++entry) {
        const auto version = entry->second.at(revision);
        if (!version.live())
            continue;
        if (options.limit > 0 && found.size() == options.limit) {
            more = true;
            break;
        }
        found.push_back({entry->first, version});
    }
    return found;
}

std::vector<RowId> VersionIndex::superseded(Revision compacted, std::size_t countMax) const
{
    std::vector<RowId> rows;
    for (const auto& old : m_superseded) {
        if (old.by > compacted || rows.size() == countMax)
            break;
        rows.push_back(old.id);
    }
    return rows;
}

} // namespace keelson::store
