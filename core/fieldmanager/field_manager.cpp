// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/field_manager.h"

#include "fieldmanager/last_applied.h"
#include "fieldmanager/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace keelson::fieldmanager {
namespace {

using api::Value;

/// How many managers by updates an object has; older ones become one.
constexpr std::size_t updateManagersMax = 10;
constexpr std::string_view ancientManager = "ancient-changes";
constexpr std::string_view firstManager = "before-first-apply";
constexpr std::string_view unknownManager = "unknown";

FieldSet fieldsOf(const Manager& manager)
{
    return FieldSet::parse(manager.fields).value_or(FieldSet{});
}

/// Whether the fields of the text can have one in common with the set: whether some element of its first level stands
/// there at all. Spares most writes to read the fields of other managers.
bool mayMeet(const FieldSet& set, std::string_view fields)
{
    return std::ranges::any_of(set.children(),
                               [&](const FieldSet::Child& child) { return fields.contains(child.element); });
}

bool mayMeet(const Changes& changes, std::string_view fields)
{
    return mayMeet(changes.added, fields) || mayMeet(changes.modified, fields) || mayMeet(changes.removed, fields);
}

Managers::iterator findManager(Managers& managers, const Manager& wanted)
{
    return std::ranges::find_if(managers, [&](const Manager& one) { return one.isSame(wanted); });
}

void dropEmpty(Managers& managers)
{
    std::erase_if(managers, [](const Manager& manager) { return manager.fields == "{}"; });
}

/// Makes one of the oldest managers by updates, for each version they were written in, until there are few enough.
void capUpdateManagers(Managers& managers)
{
    auto count = std::ranges::count(managers, Operation::Update, &Manager::operation);
    if (static_cast<std::size_t>(count) <= updateManagersMax)
        return;
    std::ranges::sort(managers, {}, [](const Manager& manager) { return std::tie(manager.time, manager.name); });
    for (std::size_t at = 0; at < managers.size() && static_cast<std::size_t>(count) > updateManagersMax; ++at) {
        auto& manager = managers[at];
        if (manager.operation != Operation::Update)
            continue;
        const auto older = std::ranges::find_if(
            managers.begin(), managers.begin() + static_cast<std::ptrdiff_t>(at), [&](const Manager& one) {
                return one.operation == Operation::Update && one.apiVersion == manager.apiVersion;
            });
        if (older == managers.begin() + static_cast<std::ptrdiff_t>(at))
            continue;
        auto fields = fieldsOf(*older);
        fields.unite(fieldsOf(manager));
        *older = {.name = std::string(ancientManager),
                  .operation = Operation::Update,
                  .apiVersion = manager.apiVersion,
                  .subresource = {},
                  .time = manager.time,
                  .fields = fields.text()};
        managers.erase(managers.begin() + static_cast<std::ptrdiff_t>(at));
        --at;
        --count;
    }
}

/// What the server alone says about an object.
FieldSet servedFields(const api::Kind& kind)
{
    const FieldSet member(true, {});
    std::vector<FieldSet::Child> metadata;
    for (const auto* const name : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
                                   "f:generation", "f:managedFields", "f:resourceVersion"})
        metadata.push_back({name, member});
    std::vector<FieldSet::Child> root{
        {"f:apiVersion", member}, {"f:kind", member}, {"f:metadata", FieldSet(true, std::move(metadata))}};
    if (kind.kind == "Namespace") // They come and go by a subresource.
        root.push_back({"f:spec", FieldSet(false, {{"f:finalizers", member}})});
    return {false, std::move(root)};
}

} // namespace

FieldManager::FieldManager(const api::Kind& kind)
    : m_kind(kind), m_empty(emptyObject(*kind.schema)), m_served(servedFields(kind))
{
}

Manager FieldManager::manager(const Writer& writer, Operation operation) const
{
    return {.name = writer.name.empty() ? std::string(unknownManager) : writer.name,
            .operation = operation,
            .apiVersion = m_kind.groupVersion.text(),
            .subresource = writer.subresource,
            .time = formatTime(writer.now),
            .fields = {}};
}

void FieldManager::strip(FieldSet& fields, std::string_view subresource) const
{
    fields.subtract(m_served);
    if (m_kind.hasStatus && subresource != "status")
        fields.erase("f:status");
}

std::string FieldManager::created(const Value& object, const Value& sent, const Writer& writer) const
{
    auto given = acceptManagers(sent).value_or(Managers{});
    auto fields = compare(*m_kind.schema, m_empty, object).taken();
    strip(fields, writer.subresource);
    auto self = manager(writer, Operation::Update);
    if (const auto same = findManager(given, self); same != given.end()) {
        fields.unite(fieldsOf(*same));
        given.erase(same);
    }
    self.fields = fields.text();
    given.push_back(std::move(self));
    dropEmpty(given);
    return writeManagers(std::move(given));
}

/// Takes what changed from all managers but the writer. What others lose by its new value is returned.
std::vector<FieldManager::Conflict> FieldManager::settle(const Changes& changes, const Manager& writer,
                                                         Managers& managers) const
{
    std::vector<Conflict> conflicts;
    const auto taken = changes.taken();
    for (auto& manager : managers) {
        if (manager.isSame(writer) || !mayMeet(changes, manager.fields))
            continue;
        auto fields = fieldsOf(manager);
        auto lost = fields;
        lost.intersect(taken);
        fields.subtract(lost);
        fields.subtract(changes.removed);
        if (!lost.empty())
            conflicts.push_back({manager, std::move(lost)});
        manager.fields = fields.text();
    }
    dropEmpty(managers);
    return conflicts;
}

std::string FieldManager::updated(const Value& before, const Value& after, std::string_view managers,
                                  const Writer& writer) const
{
    if (managers.empty())
        return {};
    auto changes = compare(*m_kind.schema, before, after);
    if (changes.empty())
        return std::string(managers);
    auto all = readManagers(managers);
    auto self = manager(writer, Operation::Update);
    settle(changes, self, all);
    auto fields = changes.taken();
    strip(fields, writer.subresource);
    if (const auto same = findManager(all, self); same != all.end()) {
        auto kept = fieldsOf(*same);
        kept.subtract(changes.removed);
        if (fields.empty())
            self.time = same->time;
        fields.unite(kept);
        all.erase(same);
    }
    self.fields = fields.text();
    all.push_back(std::move(self));
    dropEmpty(all);
    capUpdateManagers(all);
    return writeManagers(std::move(all));
}

std::string FieldManager::startingFrom(std::string_view managers, const Value& sent)
{
    if (sent.is_null() || api::writeJson(sent) == managers) // Most clients send back what they read.
        return std::string(managers);
    if (asksForReset(sent))
        return {};
    auto accepted = acceptManagers(sent);
    return accepted ? writeManagers(*std::move(accepted)) : std::string(managers);
}

FieldManager::Applied FieldManager::applyToNothing(const Value& configuration, const Writer& writer) const
{
    auto self = manager(writer, Operation::Apply);
    auto fields = fieldmanager::fieldsOf(*m_kind.schema, configuration);
    strip(fields, writer.subresource);
    self.fields = fields.text();
    Managers managers;
    if (!fields.empty())
        managers.push_back(std::move(self));
    return {configuration, writeManagers(std::move(managers))};
}

/// Without what the writer applied last time and does not now, and nobody else owns. `managers`: with what it applies
/// now.
Value FieldManager::withoutAbandoned(Value merged, const Managers& managers, const FieldSet& last) const
{
    const auto& schema = *m_kind.schema;
    const auto named = [&](const FieldSet& set) { return withNamedFields(schema, set); };
    const auto all = named(fieldmanager::fieldsOf(schema, merged));
    const auto lastNamed = named(last);

    auto pruned = merged;
    removeFields(schema, pruned, lastNamed);
    auto kept = named(fieldmanager::fieldsOf(schema, pruned));
    FieldSet owned;
    for (const auto& manager : managers)
        owned.unite(fieldsOf(manager));
    kept.unite(named(owned)); // What is removed with an item, but owned by somebody, comes back with it.

    auto gone = all;
    gone.subtract(kept);
    pruned = merged;
    removeFields(schema, pruned, gone);

    gone = all; // And what nobody owns, but the writer never applied, stays.
    gone.subtract(named(fieldmanager::fieldsOf(schema, pruned)));
    gone.intersect(lastNamed);
    removeFields(schema, merged, gone);
    return merged;
}

FieldManager::Attempt FieldManager::attempt(const Value& live, Managers managers, const Value& configuration,
                                            const Writer& writer) const
{
    const auto& schema = *m_kind.schema;
    auto self = manager(writer, Operation::Apply);
    auto fields = fieldmanager::fieldsOf(schema, configuration);
    strip(fields, writer.subresource);
    self.fields = fields.text();

    Manager previous;
    if (const auto same = findManager(managers, self); same != managers.end()) {
        previous = *same;
        *same = self;
    } else {
        managers.push_back(self);
    }
    auto merged = merge(schema, live, configuration);
    const auto last = fieldsOf(previous);
    auto abandoned = last;
    abandoned.subtract(fields);
    if (!abandoned.empty())
        merged = withoutAbandoned(std::move(merged), managers, last);

    const auto changes = compare(schema, live, merged);
    auto conflicts = settle(changes, self, managers);
    const bool isAsBefore = changes.empty() && previous.fields == self.fields;
    if (const auto same = findManager(managers, self); isAsBefore && same != managers.end())
        same->time = previous.time;
    return {{std::move(merged), writeManagers(std::move(managers))}, std::move(conflicts)};
}

Result<FieldManager::Applied> FieldManager::apply(const Value& live, std::string_view managers,
                                                  const Value& configuration, const Writer& writer, bool force) const
{
    auto all = readManagers(managers);
    if (all.empty()) { // Written before its managers were kept, or after they were reset.
        const Writer first{std::string(firstManager), {}, writer.now};
        all = readManagers(created(live, {}, first));
    }
    auto attempted = attempt(live, std::move(all), configuration, writer);
    auto& conflicts = attempted.conflicts;
    if (!force && writer.name == kubectlManager)
        allowLastApplied(live, conflicts);
    if (!force && !conflicts.empty())
        return fail(conflictError(conflicts));
    if (writer.name == kubectlManager && writer.subresource.empty())
        renewLastApplied(attempted.applied.object, configuration);
    return std::move(attempted.applied);
}

/// Who came from kubectl's client-side apply may change what that applied last.
void FieldManager::allowLastApplied(const Value& live, std::vector<Conflict>& conflicts) const
{
    const auto allowed = lastAppliedFields(m_kind, live);
    for (auto& conflict : conflicts)
        conflict.fields.subtract(allowed);
    std::erase_if(conflicts, [](const Conflict& conflict) { return conflict.fields.empty(); });
}

Error FieldManager::conflictError(const std::vector<Conflict>& conflicts)
{
    auto error = makeError(Reason::Conflict, {});
    std::vector<std::string> lines;
    for (const auto& [manager, fields] : conflicts) {
        lines.push_back(fmt::format("conflicts with {}:", manager.text()));
        for (const auto& path : fields.paths()) {
            lines.push_back("- " + path);
            error.causes.push_back({"FieldManagerConflict", fmt::format("conflict with {}", manager.text()), path});
        }
    }
    const auto count = error.causes.size();
    if (count == 1)
        error.message = fmt::format("Apply failed with 1 conflict: {}: {}", error.causes.front().message,
                                    error.causes.front().field);
    else
        error.message = fmt::format("Apply failed with {} conflicts: {}", count, fmt::join(lines, "\n"));
    return error;
}

Result<Done> FieldManager::checkConfiguration(const api::ObjectKey& key, const Value& configuration) const
{
    const auto version = api::stringAt(configuration, {"apiVersion"});
    if (version != m_kind.groupVersion.text())
        return fail(Reason::BadRequest, fmt::format("Incorrect version specified in apply patch. Specified patch "
                                                    "version: {}, expected: {}",
                                                    version, m_kind.groupVersion.text()));
    if (const auto* const fields = api::find(configuration, {"metadata", "managedFields"});
        fields && !fields->is_null())
        return fail(Reason::BadRequest, "metadata.managedFields must be nil");
    const auto problems = findMergeProblems(*m_kind.schema, configuration);
    if (problems.empty())
        return Done{};
    auto text = problems.size() == 1 ? problems.front() : fmt::format("errors:\n  {}", fmt::join(problems, "\n  "));
    const auto& group = m_kind.groupVersion.group;
    return fail(Reason::BadRequest,
                fmt::format("failed to create typed patch object ({}/{}; {}/{}, Kind={}): {}", key.nameSpace, key.name,
                            group, m_kind.groupVersion.version, m_kind.kind, text));
}

} // namespace keelson::fieldmanager
