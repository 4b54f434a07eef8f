// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/field_manager.h"

#include "api/conversion.h"
#include "fieldmanager/last_applied.h"
#include "fieldmanager/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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

bool isOf(const api::Kind& kind, const Value& document)
{
    return api::stringAt(document, {"apiVersion"}) == kind.groupVersion.text();
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

/// What a write changed, in each version that fields are kept in.
class FieldManager::Difference {
public:
    Difference(const Value& before, const Value& after) : m_before(before), m_after(after) {}

    Result<const Changes*> in(const Version& version)
    {
        auto known = m_changes.find(&version);
        if (known == m_changes.end()) {
            TRY_ASSIGN(auto changes, changesIn(*version.kind));
            known = m_changes.emplace(&version, std::move(changes)).first;
        }
        return &known->second;
    }

private:
    Result<Changes> changesIn(const api::Kind& kind) const
    {
        if (isOf(kind, m_before) && isOf(kind, m_after))
            return compare(*kind.schema, m_before, m_after);
        TRY_ASSIGN(const auto both, api::convertEach({m_before, m_after}, kind));
        return compare(*kind.schema, both[0], both[1]);
    }

    const Value& m_before;
    const Value& m_after;
    std::map<const Version*, Changes> m_changes;
};

FieldManager::FieldManager(const api::Kind& kind, std::span<const api::Kind* const> others)
    : m_kind(kind), m_served(servedFields(kind))
{
    m_versions.push_back({&kind, kind.groupVersion.text(), emptyObject(*kind.schema)});
    for (const auto* const other : others)
        m_versions.push_back({other, other->groupVersion.text(), emptyObject(*other->schema)});
}

/// Fields of a version that is not served any more count as those of the stored one.
const FieldManager::Version& FieldManager::versionNamed(std::string_view apiVersion) const
{
    const auto found = std::ranges::find(m_versions, apiVersion, &Version::apiVersion);
    return found == m_versions.end() ? m_versions.front() : *found;
}

const FieldManager::Version& FieldManager::versionOf(const Writer& writer) const
{
    return writer.version ? versionNamed(writer.version->groupVersion.text()) : m_versions.front();
}

const FieldManager::Version& FieldManager::versionOf(const Manager& manager) const
{
    return versionNamed(manager.apiVersion);
}

const FieldManager::Version& FieldManager::versionOf(const Value& document) const
{
    return versionNamed(api::stringAt(document, {"apiVersion"}));
}

Manager FieldManager::manager(const Writer& writer, Operation operation) const
{
    return {.name = writer.name.empty() ? std::string(unknownManager) : writer.name,
            .operation = operation,
            .apiVersion = versionOf(writer).apiVersion,
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

Result<std::string> FieldManager::created(const Value& object, const Value& sent, const Writer& writer) const
{
    auto given = acceptManagers(sent).value_or(Managers{});
    const auto& version = versionOf(writer);
    const auto& schema = *version.kind->schema;
    FieldSet fields;
    if (&version == &versionOf(object)) {
        fields = compare(schema, version.empty, object).taken();
    } else {
        TRY_ASSIGN(const auto shown, api::convert(object, *version.kind));
        fields = compare(schema, version.empty, shown).taken();
    }
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
Result<std::vector<FieldManager::Conflict>> FieldManager::settle(Difference& difference, const Manager& writer,
                                                                 Managers& managers) const
{
    std::vector<Conflict> conflicts;
    for (auto& manager : managers) {
        if (manager.isSame(writer))
            continue;
        TRY_ASSIGN(const auto* const changes, difference.in(versionOf(manager)));
        if (!mayMeet(*changes, manager.fields))
            continue;
        auto fields = fieldsOf(manager);
        auto lost = fields;
        lost.intersect(changes->taken());
        fields.subtract(lost);
        fields.subtract(changes->removed);
        if (!lost.empty())
            conflicts.push_back({manager, std::move(lost)});
        manager.fields = fields.text();
    }
    dropEmpty(managers);
    return conflicts;
}

Result<std::string> FieldManager::updated(const Value& before, const Value& after, std::string_view managers,
                                          const Writer& writer) const
{
    if (managers.empty())
        return std::string();
    Difference difference(before, after);
    TRY_ASSIGN(const auto* const all, difference.in(versionOf(after)));
    if (all->empty())
        return std::string(managers);
    auto known = readManagers(managers);
    auto self = manager(writer, Operation::Update);
    TRY_OK(settle(difference, self, known));
    TRY_ASSIGN(const auto* const changes, difference.in(versionOf(writer)));
    auto fields = changes->taken();
    strip(fields, writer.subresource);
    if (const auto same = findManager(known, self); same != known.end()) {
        auto kept = fieldsOf(*same);
        kept.subtract(changes->removed);
        if (fields.empty())
            self.time = same->time;
        fields.unite(kept);
        known.erase(same);
    }
    self.fields = fields.text();
    known.push_back(std::move(self));
    dropEmpty(known);
    capUpdateManagers(known);
    return writeManagers(std::move(known));
}

std::string FieldManager::startingFrom(std::string_view managers, const Value& sent)
{
    if (sent.is_null() || api::writeJson(sent) == managers) // Most clients send back what they read.
        return std::string(managers);
    if (asksForReset(sent))
        return {};
    auto accepted = acceptManagers(sent);
    return accepted && !accepted->empty() ? writeManagers(*std::move(accepted)) : std::string(managers);
}

Result<FieldManager::Applied> FieldManager::applyToNothing(const Value& configuration, const Writer& writer,
                                                           const api::Kind& as) const
{
    auto self = manager(writer, Operation::Apply);
    auto fields = fieldmanager::fieldsOf(*versionOf(writer).kind->schema, configuration);
    strip(fields, writer.subresource);
    self.fields = fields.text();
    Managers managers;
    if (!fields.empty())
        managers.push_back(std::move(self));
    TRY_ASSIGN(auto object, api::convert(configuration, as));
    return Applied{std::move(object), writeManagers(std::move(managers))};
}

/// `pruned`, from which parts of `merged` were removed, with those of them that somebody owns. Both and the result are
/// of that version.
Result<Value> FieldManager::withOwnedByOthers(const Value& merged, Value pruned, const Version& version,
                                              const Managers& managers) const
{
    for (const auto& each : m_versions) {
        FieldSet owned;
        for (const auto& manager : managers) {
            if (&versionOf(manager) == &each)
                owned.unite(fieldsOf(manager));
        }
        if (owned.empty() && &each != &version)
            continue;
        const auto& schema = *each.kind->schema;
        const auto named = [&](const FieldSet& set) { return withNamedFields(schema, set); };
        TRY_ASSIGN(auto both, api::convertEach({merged, std::move(pruned)}, *each.kind));
        auto& shown = both[0];
        auto kept = named(fieldmanager::fieldsOf(schema, both[1]));
        kept.unite(named(owned)); // What is removed with an item, but owned by somebody, comes back with it.
        auto gone = named(fieldmanager::fieldsOf(schema, shown));
        gone.subtract(kept);
        removeFields(schema, shown, gone);
        TRY_ASSIGN(pruned, api::convert(std::move(shown), *version.kind));
    }
    return pruned;
}

/// Without what the writer applied last time and does not now, and nobody else owns. `managers`: with what it applies
/// now. `merged`, `last` and the result are of that version.
Result<Value> FieldManager::withoutAbandoned(Value merged, const Managers& managers, const Version& version,
                                             const FieldSet& last) const
{
    const auto& schema = *version.kind->schema;
    const auto named = [&](const FieldSet& set) { return withNamedFields(schema, set); };
    const auto lastNamed = named(last);

    auto pruned = merged;
    removeFields(schema, pruned, lastNamed);
    TRY_ASSIGN(pruned, withOwnedByOthers(merged, std::move(pruned), version, managers));

    auto gone = named(fieldmanager::fieldsOf(schema, merged));
    gone.subtract(named(fieldmanager::fieldsOf(schema, pruned)));
    gone.intersect(lastNamed); // What nobody owns, but the writer never applied, stays.
    removeFields(schema, merged, gone);
    return merged;
}

Result<FieldManager::Attempt> FieldManager::attempt(const Value& live, Managers managers, const Value& configuration,
                                                    const Writer& writer) const
{
    const auto& version = versionOf(writer);
    const auto& schema = *version.kind->schema;
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
    const auto& liveVersion = versionOf(live);
    Value merged;
    if (&liveVersion == &version) {
        merged = merge(schema, live, configuration);
    } else {
        TRY_ASSIGN(const auto shown, api::convert(live, *version.kind));
        merged = merge(schema, shown, configuration);
    }
    const auto last = fieldsOf(previous);
    const auto& lastVersion = versionOf(previous);
    auto abandoned = last;
    if (&lastVersion == &version)
        abandoned.subtract(fields);
    if (!abandoned.empty()) {
        TRY_ASSIGN(merged, api::convert(std::move(merged), *lastVersion.kind));
        TRY_ASSIGN(merged, withoutAbandoned(std::move(merged), managers, lastVersion, last));
    }
    TRY_ASSIGN(merged, api::convert(std::move(merged), *liveVersion.kind));

    Difference difference(live, merged);
    TRY_ASSIGN(auto conflicts, settle(difference, self, managers));
    TRY_ASSIGN(const auto* const changes, difference.in(liveVersion));
    const bool isAsBefore =
        changes->empty() && previous.fields == self.fields && previous.apiVersion == self.apiVersion;
    if (const auto same = findManager(managers, self); isAsBefore && same != managers.end())
        same->time = previous.time;
    return Attempt{{std::move(merged), writeManagers(std::move(managers))}, std::move(conflicts)};
}

Result<FieldManager::Applied> FieldManager::apply(const Value& live, std::string_view managers,
                                                  const Value& configuration, const Writer& writer, bool force) const
{
    auto all = readManagers(managers);
    if (all.empty()) { // Written before its managers were kept, or after they were reset.
        const Writer first{std::string(firstManager), {}, writer.now, writer.version};
        TRY_ASSIGN(const auto made, created(live, {}, first));
        all = readManagers(made);
    }
    TRY_ASSIGN(auto attempted, attempt(live, std::move(all), configuration, writer));
    auto& conflicts = attempted.conflicts;
    if (!force && writer.name == kubectlManager)
        TRY_OK(allowLastApplied(*versionOf(writer).kind, live, conflicts));
    if (!force && !conflicts.empty())
        return fail(conflictError(conflicts));
    if (writer.name == kubectlManager && writer.subresource.empty())
        renewLastApplied(attempted.applied.object, configuration);
    return std::move(attempted.applied);
}

/// Who came from kubectl's client-side apply may change what that applied last.
Result<Done> FieldManager::allowLastApplied(const api::Kind& version, const Value& live,
                                            std::vector<Conflict>& conflicts)
{
    if (conflicts.empty())
        return Done{};
    TRY_ASSIGN(const auto shown, api::convert(live, version));
    const auto allowed = lastAppliedFields(version, shown);
    for (auto& conflict : conflicts)
        conflict.fields.subtract(allowed);
    std::erase_if(conflicts, [](const Conflict& conflict) { return conflict.fields.empty(); });
    return Done{};
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

Result<Done> FieldManager::checkConfiguration(const api::Kind& kind, const api::ObjectKey& key,
                                              const Value& configuration)
{
    const auto version = api::stringAt(configuration, {"apiVersion"});
    if (version != kind.groupVersion.text())
        return fail(Reason::BadRequest, fmt::format("Incorrect version specified in apply patch. Specified patch "
                                                    "version: {}, expected: {}",
                                                    version, kind.groupVersion.text()));
    if (const auto* const fields = api::find(configuration, {"metadata", "managedFields"});
        fields && !fields->is_null())
        return fail(Reason::BadRequest, "metadata.managedFields must be nil");
    const auto problems = findMergeProblems(*kind.schema, configuration);
    if (problems.empty())
        return Done{};
    auto text = problems.size() == 1 ? problems.front() : fmt::format("errors:\n  {}", fmt::join(problems, "\n  "));
    const auto& group = kind.groupVersion.group;
    auto error = makeError(Reason::BadRequest,
                           fmt::format("failed to create typed patch object ({}/{}; {}/{}, "
                                       "Kind={}): {}",
                                       key.nameSpace, key.name, group, kind.groupVersion.version, kind.kind, text));
    error.told = ToldStatus{500, {}}; // Kubernetes gives it no reason, which clients show by its absence.
    return fail(std::move(error));
}

} // namespace keelson::fieldmanager
