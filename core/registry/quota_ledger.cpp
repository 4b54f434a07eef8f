// SPDX-License-Identifier: Apache-2.0
#include "registry/quota_ledger.h"

#include "api/catalog.h"
#include "api/codec.h"
#include "base/log.h"
#include "registry/cluster_objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

api::ResourceQuotaSpec specOf(const StoredObject& stored)
{
    const auto document = api::parseJson(stored.json).value_or(Value{});
    const auto* const spec = api::find(document, {"spec"});
    return spec ? api::fromJson<api::ResourceQuotaSpec>(*spec).value_or(api::ResourceQuotaSpec{})
                : api::ResourceQuotaSpec{};
}

} // namespace

QuotaLedger::QuotaLedger(const api::Catalog& catalog) : m_quotas(*catalog.find({"", "v1"}, "ResourceQuota")) {}

void QuotaLedger::start(const WatchCache& cache)
{
    m_cache = &cache;
    cache.of(m_quotas)->snapshot().objects.visit(nullptr, [&](const StoredObjectPtr& object) {
        const std::scoped_lock lock(m_mutex);
        quotaChanged(nullptr, object);
        return true;
    });
}

void QuotaLedger::changed(const Kind& kind, const StoredObjectPtr& before, const StoredObjectPtr& after)
{
    if (!m_cache || (&kind != &m_quotas && m_spaceCount == 0))
        return;
    const std::scoped_lock lock(m_mutex);
    if (&kind == &m_quotas)
        quotaChanged(before, after);
    const auto& key = (after ? after : before)->key;
    const auto space = m_spaces.find(key.nameSpace);
    if (space == m_spaces.end() || !counts(space->second, kind))
        return;
    const EntryKey entryKey{kind.resourceName(), key.name};
    auto& entry = space->second.entries[entryKey];
    if (!after)
        entry.stored.reset();
    else if (!entry.stored || quota::hasAmounts(kind))
        entry.stored = read(kind, *after);
    settle(space->second, entryKey);
}

void QuotaLedger::quotaChanged(const StoredObjectPtr& before, const StoredObjectPtr& after)
{
    const auto key = (after ? after : before)->key;
    auto& space = m_spaces[key.nameSpace];
    const auto present = std::ranges::find(space.quotas, key.name, &Quota::name);
    if (!after) {
        if (present != space.quotas.end())
            space.quotas.erase(present);
    } else {
        auto spec = specOf(*after);
        if (present != space.quotas.end() && present->spec == spec)
            return; // of most writes only the status is new
        if (present != space.quotas.end())
            present->spec = std::move(spec);
        else
            space.quotas.push_back({.name = key.name, .spec = std::move(spec), .used = {}});
    }
    if (space.quotas.empty()) {
        m_spaces.erase(key.nameSpace);
    } else {
        std::ranges::sort(space.quotas, {}, &Quota::name);
        rebuild(key.nameSpace, space);
    }
    m_spaceCount = m_spaces.size();
}

bool QuotaLedger::counts(const Space& space, const Kind& kind)
{
    if (!kind.custom)
        return space.kinds.contains(&kind);
    return std::ranges::any_of(space.quotas, [&](const Quota& each) { return quota::concerns(each.spec.hard, kind); });
}

/// Counts the namespace anew. Seldom: when a quota comes, goes or limits something else.
void QuotaLedger::rebuild(const std::string& nameSpace, Space& space)
{
    for (auto& quota : space.quotas)
        quota.used.clear();
    for (auto& [key, entry] : space.entries) {
        entry.stored.reset();
        entry.shares.clear();
    }
    space.kinds.clear();
    const auto catalog = m_cache->catalog(); // with custom kinds; their versions have the same objects
    for (const auto* const kind : catalog->kinds()) {
        const auto cache = m_cache->of(*kind);
        if (!kind->namespaced || !cache || kind->repeats || std::ranges::none_of(space.quotas, [&](const Quota& each) {
                return quota::concerns(each.spec.hard, *kind);
            }))
            continue;
        if (!kind->custom)
            space.kinds.insert(kind);
        for (const auto& object : objectsIn(*m_cache, *kind, nameSpace))
            space.entries[{kind->resourceName(), object->key.name}].stored = read(*kind, *object);
    }
    std::vector<EntryKey> keys;
    for (const auto& [key, entry] : space.entries)
        keys.push_back(key);
    for (const auto& key : keys)
        settle(space, key);
}

quota::Counted QuotaLedger::read(const Kind& kind, const StoredObject& object)
{
    if (!quota::hasAmounts(kind))
        return quota::countedByKind(kind);
    const auto document = api::parseJson(object.json).value_or(Value{});
    auto counted = quota::countedOf(kind, document);
    if (counted)
        return *std::move(counted);
    log::error("registry", "{} \"{}\" counts as an object alone: {}", kind.plural, object.key.text(),
               counted.error().message);
    return quota::countedByKind(kind);
}

/// Makes the quotas' sums agree with the entry.
void QuotaLedger::settle(Space& space, const EntryKey& key)
{
    const auto place = space.entries.find(key);
    auto& entry = place->second;
    entry.shares.resize(space.quotas.size());
    for (std::size_t i = 0; i < space.quotas.size(); ++i) {
        auto& quota = space.quotas[i];
        quota::Amounts share;
        if (entry.stored)
            share = quota::shareOf(quota.spec, *entry.stored);
        for (const auto& [id, counted] : entry.claims)
            quota::raiseTo(share, quota::shareOf(quota.spec, counted));
        for (const auto& [resource, amount] : entry.shares[i])
            quota.used[resource] = quota.used[resource] - amount;
        quota::add(quota.used, share);
        entry.shares[i] = std::move(share);
    }
    if (!entry.stored && entry.claims.empty())
        space.entries.erase(place);
}

bool QuotaLedger::concerns(const Kind& kind, const std::string& nameSpace) const
{
    if (m_spaceCount == 0)
        return false;
    const std::scoped_lock lock(m_mutex);
    const auto space = m_spaces.find(nameSpace);
    return space != m_spaces.end() && counts(space->second, kind);
}

/// What of `wanted` goes beyond the quota, beside what the object takes already; empty: nothing.
std::string QuotaLedger::exceeded(const Quota& quota, const quota::Amounts& wanted, const quota::Amounts& present)
{
    quota::Amounts requested;
    quota::Amounts used;
    quota::Amounts limited;
    for (const auto& [resource, amount] : wanted) {
        const auto now = present.find(resource);
        const auto more = now == present.end() ? amount : amount - now->second;
        const auto sum = quota.used.find(resource);
        const auto total = sum == quota.used.end() ? api::Quantity{} : sum->second;
        const auto& hard = quota.spec.hard.at(resource);
        if (more <= api::Quantity{} || total + more <= hard)
            continue;
        requested.emplace(resource, more);
        used.emplace(resource, total);
        limited.emplace(resource, hard);
    }
    if (requested.empty())
        return {};
    return fmt::format("exceeded quota: {}, requested: {}, used: {}, limited: {}", quota.name, quota::text(requested),
                       quota::text(used), quota::text(limited));
}

Result<std::shared_ptr<void>> QuotaLedger::claim(const Kind& kind, const ObjectKey& key, const Value& object)
{
    TRY_ASSIGN(auto counted, quota::countedOf(kind, object));
    std::optional<api::Pod> pod;
    if (counted.pod) {
        TRY_ASSIGN(pod, api::fromJson<api::Pod>(object));
    }
    const std::scoped_lock lock(m_mutex);
    const auto found = m_spaces.find(key.nameSpace);
    if (found == m_spaces.end() || !counts(found->second, kind))
        return std::shared_ptr<void>();
    auto& space = found->second;
    const EntryKey entryKey{kind.resourceName(), key.name};
    const auto entry = space.entries.find(entryKey);
    for (std::size_t i = 0; i < space.quotas.size(); ++i) {
        const auto& quota = space.quotas[i];
        if (const auto missing = pod ? quota::unspecified(quota.spec, *pod) : ""; !missing.empty())
            return fail(Reason::Forbidden, fmt::format("failed quota: {}: must specify {}", quota.name, missing));
        const auto present = entry == space.entries.end() ? quota::Amounts{} : entry->second.shares[i];
        if (auto why = exceeded(quota, quota::shareOf(quota.spec, counted), present); !why.empty())
            return fail(Reason::Forbidden, std::move(why));
    }
    const auto id = ++m_lastClaim;
    space.entries[entryKey].claims.emplace(id, std::move(counted));
    settle(space, entryKey);
    return std::shared_ptr<void>(this,
                                 [this, space = key.nameSpace, entryKey, id](void*) { release(space, entryKey, id); });
}

void QuotaLedger::release(const std::string& nameSpace, const EntryKey& entryKey, std::uint64_t id)
{
    const std::scoped_lock lock(m_mutex);
    const auto space = m_spaces.find(nameSpace);
    if (space == m_spaces.end())
        return;
    const auto entry = space->second.entries.find(entryKey);
    if (entry == space->second.entries.end() || entry->second.claims.erase(id) == 0)
        return;
    settle(space->second, entryKey);
}

} // namespace keelson::registry
