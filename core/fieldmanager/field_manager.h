// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/clock.h"
#include "fieldmanager/field_walk.h"
#include "fieldmanager/managers.h"

#include <span>
#include <vector>

namespace keelson::fieldmanager {

/// Who writes, through what, when.
struct Writer {
    std::string name;        ///< Empty: "unknown".
    std::string subresource; ///< Empty: the object itself.
    WallTime now;
    const api::Kind* version = nullptr; ///< In which it writes; null: the one that objects are stored in.
};

/// Keeps the books of metadata.managedFields for one kind, and applies configurations by them (server-side apply).
///
/// Documents are of any version of the kind, as their apiVersion says, defaulted, in normal form, and without
/// managedFields, which travel beside them as the text of their list ("" for none). The fields of a manager are those
/// of the version that it writes in. Pure but for its kinds, and blocking where their conversion is; errors are those
/// of the conversion. Any thread.
/// Source: Kubernetes' documentation of server-side apply, and its structured merge and diff.
class FieldManager {
public:
    /// `others`: the further versions that the kind is served in.
    explicit FieldManager(const api::Kind& kind, std::span<const api::Kind* const> others = {});

    /// The managers of a new object: the writer, and those that the client sent with it.
    Result<std::string> created(const api::Value& object, const api::Value& sent, const Writer& writer) const;
    /// The managers after an update: what it changed is the writer's, and nobody else's. Times change only with fields.
    /// An object without managers is not tracked: its updates leave it so.
    Result<std::string> updated(const api::Value& before, const api::Value& after, std::string_view managers,
                                const Writer& writer) const;
    /// The managers that an update starts from: those that the client sent, unless there are none or they cannot be
    /// used (then those of the object), or they ask for a reset (then none).
    static std::string startingFrom(std::string_view managers, const api::Value& sent);

    struct Applied {
        api::Value object; ///< Merged; neither defaulted nor in normal form.
        std::string managers;
    };
    /// A configuration that makes a new object, which is of the version `as`. Configurations are of the writer's.
    Result<Applied> applyToNothing(const api::Value& configuration, const Writer& writer, const api::Kind& as) const;
    /// The object with what the configuration says, without what the writer applied before and no longer does, unless
    /// others own it too; of the version that `live` is of. `Conflict` names each field that another manager set to
    /// something else, unless `force`.
    Result<Applied> apply(const api::Value& live, std::string_view managers, const api::Value& configuration,
                          const Writer& writer, bool force) const;

    /// `BadRequest` for a configuration of another version; without a reason and with status 500 for one that cannot be
    /// merged by its paths: `failed to create typed patch object ...`.
    static Result<Done> checkConfiguration(const api::Kind& kind, const api::ObjectKey& key,
                                           const api::Value& configuration);

private:
    struct Version {
        const api::Kind* kind;
        std::string apiVersion;
        api::Value empty; ///< What a create adds to.
    };
    class Difference;
    struct Conflict {
        Manager manager;
        FieldSet fields;
    };
    struct Attempt {
        Applied applied;
        std::vector<Conflict> conflicts;
    };

    Result<Attempt> attempt(const api::Value& live, Managers managers, const api::Value& configuration,
                            const Writer& writer) const;
    const Version& versionNamed(std::string_view apiVersion) const;
    const Version& versionOf(const Writer& writer) const;
    const Version& versionOf(const Manager& manager) const;
    const Version& versionOf(const api::Value& document) const;
    Result<api::Value> withOwnedByOthers(const api::Value& merged, api::Value pruned, const Version& version,
                                         const Managers& managers) const;
    Result<api::Value> withoutAbandoned(api::Value merged, const Managers& managers, const Version& version,
                                        const FieldSet& last) const;
    Result<std::vector<Conflict>> settle(Difference& difference, const Manager& writer, Managers& managers) const;
    void strip(FieldSet& fields, std::string_view subresource) const;
    Manager manager(const Writer& writer, Operation operation) const;
    static Result<Done> allowLastApplied(const api::Kind& version, const api::Value& live,
                                         std::vector<Conflict>& conflicts);
    static Error conflictError(const std::vector<Conflict>& conflicts);

    const api::Kind& m_kind;
    std::vector<Version> m_versions; ///< The stored one first.
    const FieldSet m_served;         ///< What is the server's: nobody manages that.
};

} // namespace keelson::fieldmanager
