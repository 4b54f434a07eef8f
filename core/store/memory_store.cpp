// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.h"

#include <map>

namespace keelson::store {
namespace {

struct Row {
    Revision created = 0;
    std::string key;
    std::string value;
};

/// Rows in memory. A snapshot holds the rows that it needs by shared ownership of each, and skips what was forgotten.
class MemoryLog : public Log {
public:
    Result<Done> append(std::span<const LogRow> rows, std::span<const RowId> forgotten, Revision compacted) override
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto& row : rows)
            m_rows.emplace(row.id,
                           std::make_shared<const Row>(row.created, std::string(row.key), std::string(row.value)));
        for (const auto id : forgotten)
            m_rows.erase(id);
        m_compacted = compacted;
        return Done{};
    }

    Result<std::unique_ptr<LogSnapshot>> snapshot() override;

    Result<std::string> value(RowId id) override
    {
        const std::scoped_lock lock(m_mutex);
        const auto row = m_rows.find(id);
        if (row == m_rows.end())
            return fail(Reason::NotFound, "the row was forgotten");
        return row->second->value;
    }

    Result<Revision> compacted() override
    {
        const std::scoped_lock lock(m_mutex);
        return m_compacted;
    }

private:
    friend class MemorySnapshot;
    std::mutex m_mutex;
    std::map<RowId, std::shared_ptr<const Row>> m_rows;
    Revision m_compacted = 0;
};

/// A copy of the references: tests and simulations are small.
class MemorySnapshot : public LogSnapshot {
public:
    explicit MemorySnapshot(MemoryLog& log)
    {
        const std::scoped_lock lock(log.m_mutex);
        m_rows = log.m_rows;
    }

    Result<std::string> value(RowId id) override
    {
        const auto row = m_rows.find(id);
        if (row == m_rows.end())
            return fail(Reason::NotFound, "the row was forgotten");
        return row->second->value;
    }

    Result<Done> visit(Revision after, Revision until, const std::function<void(const LogRow&)>& visit) override
    {
        for (auto row = m_rows.lower_bound(RowId(after + 1, 0)); row != m_rows.end(); ++row) {
            if (row->first.revision() > until)
                break;
            visit({row->first, row->second->created, row->second->key, row->second->value});
        }
        return Done{};
    }

private:
    std::map<RowId, std::shared_ptr<const Row>> m_rows;
};

Result<std::unique_ptr<LogSnapshot>> MemoryLog::snapshot()
{
    return std::make_unique<MemorySnapshot>(*this);
}

} // namespace

MemoryStore::MemoryStore(Revision history) : VersionedStore(std::make_unique<MemoryLog>(), history)
{
    (void)load(); // an empty log has nothing that could fail
}

} // namespace keelson::store
